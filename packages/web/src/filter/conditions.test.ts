/** A click on a value changes the filter as the reader means it, and the result is always a valid filter. */
import { compile } from '@kubeshark/kfl';
import { expect, test } from 'vitest';
import { hasCondition, negation, withCondition, withoutCondition } from './conditions.ts';

const valid = (text: string) => 'filter' in compile(text, { now: 0 });

test.each([
  ['', 'outcome == "reset"', 'and', 'outcome == "reset"'],
  ['http', 'outcome == "reset"', 'and', 'http && outcome == "reset"'],
  ['http', 'outcome == "reset"', 'not', 'http && outcome != "reset"'],
  ['http', 'outcome == "reset"', 'replace', 'outcome == "reset"'],
  ['http || dns', 'dst.port == 80', 'and', '(http || dns) && dst.port == 80'],
  ['http ? tcp : udp', 'dst.port == 80', 'and', '(http ? tcp : udp) && dst.port == 80'],
  ['http && dst.port == 80', 'dst.port == 80', 'and', 'http && dst.port == 80'],
  ['dst.port != 80 && http', 'dst.port == 80', 'and', 'http && dst.port == 80'],
  ['dst.port == 80', 'dst.port == 80', 'not', 'dst.port != 80'],
  ['http', 'dst.name == "a\\"b && c"', 'not', 'http && dst.name != "a\\"b && c"'],
  ['http', 'request.headers["x"] == "1"', 'not', 'http && request.headers["x"] != "1"'],
  ['http', '"a.b" in dns_questions', 'not', 'http && !("a.b" in dns_questions)'],
  ['tcp', 'http', 'not', 'tcp && !http'],
] as const)('%j, %j, %s', (filter, expression, how, expected) => {
  expect(withCondition(filter, expression, how)).toBe(expected);
  expect(valid(expected)).toBe(true);
});

test('a condition is taken out whole, wherever it stands', () => {
  expect(withoutCondition('http && outcome == "reset" && tcp', 'outcome == "reset"')).toBe('http && tcp');
  expect(withoutCondition('outcome == "reset"', 'outcome == "reset"')).toBe('');
  expect(withoutCondition('http || outcome == "reset"', 'outcome == "reset"')).toBe(
    '(http || outcome == "reset")',
  );
  expect(hasCondition('target == "outcome == x"', 'outcome == x')).toBe(false);
});

test('a negation negated is the condition again', () => {
  for (const text of ['a.b == 1', 'http', 'target != "x == y"']) expect(negation(negation(text))).toBe(text);
});
