// What completion offers at a cursor (written | in the tests), that each offer leads on to a valid filter, and that no
// text makes it slow or fail.
import { FIELDS, FieldNumber } from '@kubeshark/model';
import { describe, expect, test } from 'vitest';
import { compile, complete, tokens } from './index.ts';

const NOW = 1_770_000_000_000_000;

function at(marked: string) {
  const cursor = marked.indexOf('¦');
  const text = marked.replace('¦', '');
  const completion = complete(text, cursor);
  const [from, to] = completion.range;
  return {
    ...completion,
    labels: completion.options.map((option) => option.label),
    /** The text after taking an option. */
    taking: (label: string) => {
      const option = completion.options.find((o) => o.label === label);
      return option && text.slice(0, from) + option.insert + text.slice(to);
    },
  };
}

describe('names', () => {
  test('an empty filter offers every field, those that most filters begin with first', () => {
    const { labels } = at('¦');
    expect(labels.slice(0, 4)).toEqual(['http', 'dns', 'operation', 'target']);
    for (const { name } of FIELDS) expect(labels).toContain(name);
    expect(labels).toContain('has(map.key)');
  });

  test('the beginning of a name, of a later part of it, or of another name for it', () => {
    expect(at('sta¦').labels).toEqual(['status', 'status_code', 'state']);
    expect(at('http && names¦').labels).toEqual(['src.namespace', 'dst.namespace', 'namespaces']);
    expect(at('meth¦').options).toEqual([
      { label: 'method', insert: 'method', kind: 'field', detail: 'text · the same as operation' },
    ]);
  });

  test('a field says its type and what it is', () => {
    expect(at('outco¦').options[0]?.detail).toBe('text · The same words for all protocols');
  });

  test('behind a dot the rest of the name, methods behind a whole one', () => {
    expect(at('src.¦').labels.slice(0, 3)).toEqual(['name', 'namespace', 'ip']);
    expect(at('src.pod.¦').labels).toEqual(['name']);
    expect(at('path.st¦').labels).toEqual(['startsWith("…")']);
    expect(at('query.¦').labels).toEqual(['size()']);
    expect(at('request.headers["host"].low¦').labels).toEqual(['lowerAscii()']);
  });

  test('the word under the cursor is replaced whole, a method called on it is not', () => {
    expect(at('sr¦c.ip == "1"').taking('src.name')).toBe('src.name == "1"');
    expect(at('pa¦.contains("x")').taking('path')).toBe('path.contains("x")');
  });
});

describe('operators', () => {
  test.each([
    ['status ¦', 'status == ', '=='],
    ['status¦', 'status == ', '=='],
    ['status =¦', 'status == ', '=='],
    ['src.name¦', 'src.name != ', '!='],
    ['path con¦', 'path.contains(', 'contains("…")'],
    ['elapsed ¦', 'elapsed > ', '>'],
    ['http ¦', 'http && ', '&&'],
    ['http &¦', 'http && ', '&&'],
    ['path == "/" ¦', 'path == "/" || ', '||'],
    ['(path == "/") ¦', '(path == "/") && ', '&&'],
    ['has(query.x) ¦', 'has(query.x) && ', '&&'],
    ['size(path) ¦', 'size(path) >= ', '>='],
  ])('%s becomes %s', (marked, text, label) => expect(at(marked).taking(label)).toBe(text));

  test('what does not fit the type is not offered', () => {
    expect(at('elapsed ¦').labels).not.toContain('in');
    expect(at('http ¦').labels).toEqual(['&&', '||']);
    expect(at('unknown ¦').labels).toEqual([]);
  });
});

describe('values', () => {
  test('the values that a field can have, and a call for those of the traffic', () => {
    const { labels, valuesOf, typed } = at('outcome == "ser¦"');
    expect(labels).toEqual(['"server_error"']);
    expect([valuesOf, typed]).toEqual([FieldNumber.outcome, 'ser']);
    expect(at('outcome == "ser¦"').taking('"server_error"')).toBe('outcome == "server_error"');
    expect(at('outcome == "ser¦').taking('"server_error"')).toBe('outcome == "server_error"');
    expect(at('kind in ["call", ¦').labels).toEqual(['"call"', '"message"', '"flow"', '"handshake"']);
  });

  test.each([
    ['src.namespace == ¦', 'src.namespace', ''],
    ['src.namespace != "sh¦', 'src.namespace', 'sh'],
    ['dst.name in ["a", "b¦"]', 'dst.name', 'b'],
    ['status_code == 50¦', 'status_code', '50'],
    ['dns_answers.contains("10.¦")', 'dns_answers', '10.'],
    ['request.headers["x-¦', 'request.headers', 'x-'],
    ['map_get(query, "¦', 'query', ''],
  ] as const)('%s asks the traffic', (marked, field, typed) => {
    const completion = at(marked);
    expect([completion.valuesOf, completion.typed]).toEqual([FieldNumber[field], typed]);
  });

  test.each(['path.contains("¦', '"¦', 'path == "a" && "¦', 'duration("¦'])('%s does not', (marked) =>
    expect(at(marked).valuesOf).toBeUndefined());

  test('a string that is open eats nothing of what follows it', () => {
    expect(at('src.name == "¦ && path == "/"').range).toEqual([12, 13]);
    expect(at('src.name == "a¦bc" && path == "/"').range).toEqual([12, 17]);
  });

  test('keys of headers and labels, moments and lengths of time', () => {
    expect(at('request.headers["x-re¦').taking('x-request-id')).toBe('request.headers["x-request-id"');
    expect(at('has(¦').labels).toEqual([
      'request.headers',
      'src.labels',
      'dst.labels',
      'response.headers',
      'query',
    ]);
    expect(complete('src.labels["', 12).valuesOf).toBe(FieldNumber['src.labels']);
    expect(at('timestamp > ¦').labels[0]).toBe('now() - duration("5m")');
    expect(at('elapsed > ¦').labels[0]).toBe('duration("100ms")');
    expect(at('is_flow == ¦').labels).toEqual(['true', 'false']);
  });
});

test('values taken as they are offered make a valid filter', () => {
  for (const field of FIELDS) {
    if (field.type === 'list' || field.type === 'map') continue;
    const text = `${field.name} == `;
    for (const { insert, kind } of complete(text, text.length).options) {
      expect(kind).toBe('value');
      expect(compile(text + insert, { now: NOW })).toHaveProperty('filter');
    }
  }
});

/** xorshift32. */
function random(seed: number): (below: number) => number {
  let x = seed | 1;
  return (below) => {
    x ^= x << 13;
    x ^= x >>> 17;
    x ^= x << 5;
    return (x >>> 0) % below;
  };
}

const SIGNS = [
  '(',
  ')',
  '[',
  ']',
  '.',
  ',',
  '?',
  ':',
  '!',
  '=',
  '==',
  '&&',
  '|',
  '||',
  '<',
  '+',
  '-',
  'in',
  'true',
];
const HOSTILE = [
  '"',
  "'",
  '\\',
  '"\\u{',
  'r"',
  '//',
  '\n',
  ' ',
  '\0',
  '\ud800',
  '😀',
  'é',
  '0x',
  '1e999',
  '.5',
];
const NAMES = [
  '__proto__',
  'constructor',
  'toString(',
  'size(',
  'has(',
  'map_get(',
  'duration("',
  'request.headers["',
];
const PIECES = [...FIELDS.map((field) => field.name), ...SIGNS, ...HOSTILE, ...NAMES];

test('any text: parts in order within the text, ranges around the cursor, nothing thrown, 200 characters within 1 ms', () => {
  const below = random(20_260_131);
  const wrong: string[] = [];
  let spent = 0;
  const rounds = 3_000;
  for (let round = 0; round < rounds; round++) {
    let text = '';
    while (text.length < 200) text += PIECES[below(PIECES.length)]! + (below(3) === 0 ? ' ' : '');
    text = text.slice(0, below(201));
    const cursor = below(text.length + 1);

    const start = performance.now();
    const completion = complete(text, cursor);
    const parts = tokens(text);
    spent += performance.now() - start;

    const [from, to] = completion.range;
    if (from > cursor || cursor > to || to > text.length) wrong.push(text);
    let last = 0;
    for (const token of parts) {
      if (token.from < last || token.to <= token.from || token.to > text.length) wrong.push(text);
      last = token.to;
    }
    const result = compile(text, { now: NOW });
    if ('error' in result) {
      const [begin, end] = result.error.range;
      if (begin > end || begin < 0 || end > text.length) wrong.push(text);
    }
  }
  expect(wrong).toEqual([]);
  expect(spent / rounds).toBeLessThan(1);
});

test('the longest filter, and a cursor outside the text', () => {
  const text = '('.repeat(16_000);
  expect(complete(text, 16_000).range).toEqual([16_000, 16_000]);
  for (const cursor of [-1, 99, Number.NaN, Infinity]) {
    const [from, to] = complete('http', cursor).range;
    expect(from >= 0 && to <= 4).toBe(true);
  }
});
