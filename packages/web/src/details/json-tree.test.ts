import { describe, expect, it } from 'vitest';
import { isJson, jsonLines, parseJson } from './json-tree.ts';

const draw = (text: string, toggled: string[] = [], limit?: number) =>
  jsonLines(parseJson(text)?.value, new Set(toggled), limit).lines.map(
    (l) =>
      `${'  '.repeat(l.depth)}${l.key === undefined ? '' : `${l.key}: `}${l.text}${l.holds ? ` (${l.holds})` : ''}${l.comma ? ',' : ''}`,
  );

describe('JSON as lines', () => {
  it('shows what opens, what it holds and what closes, with commas between', () => {
    expect(draw('{"a":1,"b":[true,null],"c":{},"d":"x\\ny"}')).toEqual([
      '{',
      '  a: 1,',
      '  b: [',
      '    true,',
      '    null',
      '  ],',
      '  c: {},',
      '  d: "x\\ny"',
      '}',
    ]);
  });

  it('folds a toggled value to one line that says how much it holds', () => {
    expect(draw('{"a":{"x":1},"b":[1,2]}', ['$["a"]', '$["b"]'])).toEqual([
      '{',
      '  a: {} (1 key),',
      '  b: [] (2 items)',
      '}',
    ]);
  });

  it('starts folded below the fourth level and where a value holds more than 100', () => {
    expect(draw('[[[[[1]]]]]')).toContain('        [] (1 item)');
    expect(draw(`{"long":${JSON.stringify(Array(101).fill(0))}}`)[1]).toBe('  long: [] (101 items)');
  });

  it('keeps the digits of numbers that a double cannot hold', () => {
    expect(draw('[9007199254740993, 1.10, 1e400]')).toEqual([
      '[',
      '  9007199254740993,',
      '  1.10,',
      '  1e400',
      ']',
    ]);
  });

  it('gives every line a path of its own, also for keys that look like paths', () => {
    const { lines } = jsonLines(parseJson('{"a":{"b":1},"a[\\"b\\"]":2,"__proto__":3}')?.value, new Set());
    expect(new Set(lines.map((l) => l.path)).size).toBe(lines.length);
    expect(lines.some((l) => l.key === '__proto__' && l.text === '3')).toBe(true);
  });

  it('ends at the limit and says so', () => {
    const { lines, cut } = jsonLines(
      Array.from({ length: 90 }, () => 0),
      new Set(),
      10,
    );
    expect([lines.length, cut]).toEqual([10, true]);
  });

  it('takes a document nested 100,000 deep without running out of stack', () => {
    const parsed = parseJson('['.repeat(100_000) + ']'.repeat(100_000));
    // Too deep for the parser: shown as text.
    expect(parsed).toBeUndefined();
    const deep = parseJson('['.repeat(1_000) + ']'.repeat(1_000));
    expect(jsonLines(deep?.value, new Set()).lines).toHaveLength(9);
  });

  it('cuts a string that is too long for a line and says how much is left', () => {
    expect(draw(JSON.stringify(['x'.repeat(5_500)]))[1]).toBe(`  "${'x'.repeat(4_000)}" … 1,500 more`);
  });

  it('is not asked for texts that merely are numbers, or are cut', () => {
    expect(parseJson('42')).toBeUndefined();
    expect(['42', '"ok"', 'null', '{"a":', 'ok'].map(isJson)).toEqual([true, true, true, false, false]);
    expect(parseJson('{"a":')).toBeUndefined();
  });
});
