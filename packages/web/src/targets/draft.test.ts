/** What the dialog edits becomes the rule that was meant. */
import { expect, test } from 'vitest';
import { draftOf, EVERY_POD, ruleOf, selects } from './draft.ts';

const rule = (parts: Partial<typeof EVERY_POD>) => ({ ...EVERY_POD, ...parts });

test.each([
  [{}],
  [{ namespaces: ['data', 'shop'], pods: 'cart.*', selector: 'tier=front' }],
  [{ excludeNamespaces: ['kube-system'] }],
])('a rule that is not changed stays as it was: %j', (parts) => {
  expect(ruleOf(draftOf(rule(parts)))).toEqual(rule(parts));
});

test('a namespace that is named and excluded is not chosen', () => {
  const draft = draftOf(rule({ namespaces: ['data', 'shop'], excludeNamespaces: ['data'] }));
  expect(ruleOf(draft)).toEqual(rule({ namespaces: ['shop'] }));
});

test('no namespace chosen is no rule: to the hub it would mean all', () => {
  expect(ruleOf({ only: true, chosen: new Set(), pods: '', selector: '' })).toBeNull();
});

test('a namespace that comes later is selected where not only those are that are chosen', () => {
  expect(selects(draftOf(rule({ namespaces: ['shop'] })), 'new')).toBe(false);
  expect(selects(draftOf(rule({ excludeNamespaces: ['shop'] })), 'new')).toBe(true);
  expect(selects(draftOf(rule({ excludeNamespaces: ['shop'] })), 'shop')).toBe(false);
});

test('spaces around a pattern are none of it', () => {
  expect(ruleOf({ only: false, chosen: new Set(), pods: ' cart ', selector: ' a=b ' })).toEqual(
    rule({ pods: 'cart', selector: 'a=b' }),
  );
});
