// The colours of a filter while it is typed: of valid text, of half a text, of anything.
import { LIMITS } from '@kubeshark/model';
import { describe, expect, test } from 'vitest';
import { tokens } from './index.ts';

/** Each part as `kind:text`. */
const seen = (text: string) => tokens(text).map(({ from, to, kind }) => `${kind}:${text.slice(from, to)}`);

describe('parts and their kinds', () => {
  test.each<[string, string[]]>([
    ['http', ['field:http']],
    ['src.name == "a"', ['field:src.name', 'punctuation:==', 'string:"a"']],
    ['status_code>=5e2', ['field:status_code', 'punctuation:>=', 'number:5e2']],
    ['request.headers.host', ['field:request.headers.host']],
    [
      'path.contains(r"\\d")',
      ['field:path', 'punctuation:.', 'function:contains', 'punctuation:(', 'string:r"\\d"', 'punctuation:)'],
    ],
    ['size(query)', ['function:size', 'punctuation:(', 'field:query', 'punctuation:)']],
    ['true in x', ['keyword:true', 'keyword:in']],
    [
      'request.headers["a"].size()',
      [
        'field:request.headers',
        'punctuation:[',
        'string:"a"',
        'punctuation:]',
        'punctuation:.',
        'function:size',
        'punctuation:(',
        'punctuation:)',
      ],
    ],
    // What nobody knows has no colour: it may be half of a name.
    ['statu', []],
    ['no.such(1)', ['punctuation:.', 'punctuation:(', 'number:1', 'punctuation:)']],
    ['status = "1"', ['field:status', 'error:=', 'string:"1"']],
    ['path == "a', ['field:path', 'punctuation:==', 'error:"a']],
    ['path == "a\\qb"', ['field:path', 'punctuation:==', 'string:"a', 'error:\\q', 'string:b"']],
    ['http // why', ['field:http']],
    ['é', ['error:é']],
  ])('%s', (text, parts) => expect(seen(text)).toEqual(parts));
});

test('what is too long to be a filter is one mistake at its end', () => {
  const last = tokens('http && '.repeat(4_000)).at(-1);
  expect(last).toEqual({ from: LIMITS.filterBytes, to: 32_000, kind: 'error' });
});
