/** A rule that selects no pod is asked for less, step by step. */
import { expect, test } from 'vitest';
import { widened } from './widened.ts';

const EMPTY = { namespaces: [], excludeNamespaces: [], pods: '', selector: '' };

test('first without its labels, then without its pattern, at last in all namespaces', () => {
  const rule = { ...EMPTY, namespaces: ['shop'], pods: 'cart', selector: 'a=b' };
  expect(widened(rule)).toEqual([
    { ...EMPTY, namespaces: ['shop'], pods: 'cart' },
    { ...EMPTY, namespaces: ['shop'] },
    EMPTY,
  ]);
});

test('what was excluded stays so, and what asks for nothing is no step', () => {
  const rule = { ...EMPTY, pods: 'cart', excludeNamespaces: ['kube-system'] };
  expect(widened(rule)).toEqual([{ ...rule, pods: '' }]);
  expect(widened(EMPTY)).toEqual([]);
});
