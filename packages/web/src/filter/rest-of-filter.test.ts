/** Values are counted within the rest of the filter, whatever is being typed. */
import { compile } from '@kubeshark/kfl';
import { expect, test } from 'vitest';
import { restOfFilter, withinRange } from './rest-of-filter.ts';

/** `^` stands for the cursor. */
const rest = (text: string) => restOfFilter(text.replace('^', ''), text.indexOf('^'));

test.each([
  ['outcome == ^', ''],
  ['http && outcome == ^', 'http'],
  ['outcome == "re^ && http', ''],
  ['outcome == ^ && http && dst.port == 80', 'http && dst.port == 80'],
  ['(http || dns) && outcome == ^', '(http || dns)'],
  ['http || outcome == ^', ''],
  ['target == "a && b" && outcome == ^', 'target == "a && b"'],
  ['statuss == 1 && outcome == ^', ''],
  ['(http && outcome == ^', ''],
])('%j', (text, expected) => expect(rest(text)).toBe(expected));

test('a range is a filter that keeps its first and leaves out its last microsecond', () => {
  const filter = withinRange({ from: 1_700_000_000_000_001, to: 1_700_000_060_000_000 });
  expect(filter).toBe(
    'timestamp >= timestamp("2023-11-14T22:13:20.000001Z") && timestamp < timestamp("2023-11-14T22:14:20.000000Z")',
  );
  expect('filter' in compile(filter, { now: 0 })).toBe(true);
  expect(withinRange({})).toBe('');
});
