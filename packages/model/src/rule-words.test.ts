import { expect, test } from 'vitest';
import { TargetRule } from './cluster.ts';
import { ruleInWords } from './rule-words.ts';

test('a rule is told in words', () => {
  expect(ruleInWords(TargetRule.parse({}))).toBe('all pods of all namespaces');
  expect(
    ruleInWords(
      TargetRule.parse({ namespaces: ['shop'], pods: 'cart.*', excludeNamespaces: ['x'], selector: 'a=b' }),
    ),
  ).toBe('pods like cart.* of namespace shop but x with a=b');
});
