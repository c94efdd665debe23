// A rule selects a pod when each of its conditions holds, never the product's own, and says what of it is wrong.
import { TargetRule } from '@kubeshark/model/schemas';
import { expect, test } from 'vitest';
import { compileRule, TargetRuleError } from './targeting.ts';

const PODS = [
  ['shop', 'cart-7d9f-abc12', { app: 'cart' }],
  ['shop', 'pay-0', { app: 'pay' }],
  ['data', 'redis-0', { app: 'redis' }],
  ['kubeshark', 'kubeshark-hub-1', { app: 'cart' }],
] as const;
const rule = (parts: Partial<TargetRule>) => TargetRule.parse(parts);
const selected = (parts: Partial<TargetRule>) => {
  const selects = compileRule(rule(parts), 'kubeshark');
  return PODS.flatMap(([namespace, name, labels]) => (selects({ namespace, name, labels }) ? [name] : []));
};

test.each([
  [{}, ['cart-7d9f-abc12', 'pay-0', 'redis-0']],
  [{ namespaces: ['shop'] }, ['cart-7d9f-abc12', 'pay-0']],
  [{ excludeNamespaces: ['shop'] }, ['redis-0']],
  [{ pods: '-0$' }, ['pay-0', 'redis-0']],
  [{ pods: 'ca' }, ['cart-7d9f-abc12']],
  [{ selector: 'app in (cart, redis)' }, ['cart-7d9f-abc12', 'redis-0']],
  [{ namespaces: ['shop', 'data'], pods: '^[cr]', selector: 'app!=cart' }, ['redis-0']],
  [{ namespaces: ['kubeshark'] }, []],
])('%j selects %j', (parts, names) => {
  expect(selected(parts)).toEqual(names);
});

test.each([
  [{ pods: '(' }, 'pods'],
  [{ pods: '(?<=a)b' }, 'pods'],
  [{ selector: 'app in' }, 'selector'],
])('%j is refused for its %s', (parts, field) => {
  try {
    compileRule(rule(parts), 'kubeshark');
    expect.unreachable();
  } catch (error) {
    expect(error).toBeInstanceOf(TargetRuleError);
    expect((error as TargetRuleError).field).toBe(field);
  }
});

test.each([
  ['(ab', '"(ab" is no regular expression (RE2): missing closing )'],
  ['a(b**', '"a(b**" is no regular expression (RE2): invalid nested repetition operator: `**`'],
])('the pattern %s is said once, and what of it is wrong', (pods, message) => {
  expect(() => compileRule(rule({ pods }), 'kubeshark')).toThrow(new TargetRuleError('pods', message));
});
