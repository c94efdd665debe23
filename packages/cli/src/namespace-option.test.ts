// What can be no namespace is refused before a cluster is asked.
import { InvalidArgumentError } from 'commander';
import { expect, test } from 'vitest';
import { accountName, namespaceName, namespaceNames } from './namespace-option.ts';

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

test('a ServiceAccount is named with its namespace', () => {
  expect(accountName('shop/ci.developer')).toBe('shop/ci.developer');
  for (const name of ['developer', 'shop/', '/developer', 'shop/a/b', 'shop/Dev', 'Shop/dev', ''])
    expect(() => accountName(name)).toThrow('NAMESPACE/NAME is asked for');
});
