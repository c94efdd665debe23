// A value that is mistyped is answered with the one that was meant, and always with those that there are.
import { expect, test } from 'vitest';
import { choice } from './choice-option.ts';

const option = choice('-o, --output <format>', 'output format', ['table', 'ndjson', 'har']);
const parse = (given: string) => option.parseArg!(given, undefined);

test('values, and the first of them as the default', () => {
  expect(option.defaultValue).toBe('table');
  expect(['table', 'ndjson', 'har'].map(parse)).toEqual(['table', 'ndjson', 'har']);
});

test.each([
  ['jsn', 'ndjson'],
  ['json', 'ndjson'],
  ['NDJSON', 'ndjson'],
  ['tabel', 'table'],
  ['tables', 'table'],
  ['hra', 'har'],
])('%s: did you mean %s?', (given, meant) => {
  expect(() => parse(given)).toThrow(`Did you mean ${meant}? Allowed choices are table, ndjson, har.`);
});

test.each(['xml', 'yaml', 't', ''])('"%s" means none', (given) => {
  expect(() => parse(given)).toThrow(/^Allowed choices are table, ndjson, har\.$/);
});
