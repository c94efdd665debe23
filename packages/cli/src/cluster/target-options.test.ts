// What the command says of targets becomes a rule; without a word the context's namespace is meant; contradictions are refused.
import { expect, test } from 'vitest';
import { targetRule } from './target-options.ts';

const rule = (pods: string | undefined, options: Parameters<typeof targetRule>[1]) =>
  targetRule(pods, options, 'mine', 'kubeshark');

test.each([
  [undefined, {}, { namespaces: ['mine'] }],
  ['cart.*', {}, { namespaces: ['mine'], pods: 'cart.*' }],
  [undefined, { namespace: ['shop', 'data'] }, { namespaces: ['shop', 'data'] }],
  [undefined, { allNamespaces: true }, { namespaces: [] }],
  [undefined, { excludeNamespace: ['x'] }, { namespaces: [], excludeNamespaces: ['x'] }],
  ['a', { selector: 'app=cart', namespace: ['s'] }, { namespaces: ['s'], pods: 'a', selector: 'app=cart' }],
])('%j with %j', (pods, options, expected) => {
  expect(rule(pods, options)).toMatchObject({ pods: '', selector: '', excludeNamespaces: [], ...expected });
});

test.each([
  ['(', {}, /is no regular expression/],
  [undefined, { selector: 'a in' }, /no label selector/],
  [undefined, { allNamespaces: true, namespace: ['shop'] }, /exclude each other/],
])('%j with %j is refused', (pods, options, message) => {
  expect(() => rule(pods, options)).toThrow(message);
});
