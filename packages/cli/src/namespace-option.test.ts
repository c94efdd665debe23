// What can be no namespace is refused before a cluster is asked.
import { InvalidArgumentError } from 'commander';
import { expect, test } from 'vitest';
import { namespaceName, namespaceNames } from './namespace-option.ts';

test.each(['a', 'shop', 'shop-2', '1st', 'a'.repeat(63)])('%s', (name) => {
  expect(namespaceName(name)).toBe(name);
});

test.each([
  '',
  'User_Demo',
  'Shop',
  'shop.data',
  'a,b',
  '-a',
  'a-',
  'a\n',
  'a'.repeat(64),
])('%j is refused', (name) => {
  expect(() => namespaceName(name)).toThrow(InvalidArgumentError);
  expect(() => namespaceNames(name, ['shop'])).toThrow(/letter or digit at both ends/);
});

test('each is added to those before', () => {
  expect(namespaceNames('data', ['shop'])).toEqual(['shop', 'data']);
});
