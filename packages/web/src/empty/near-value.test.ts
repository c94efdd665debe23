/** A value that nothing has is answered with one that the traffic has, if it may have been meant. */
import { compile } from '@kubeshark/kfl';
import { expect, test } from 'vitest';
import { nearValue, textCondition, withValue } from './near-value.ts';

const SERVICES = ['orders', 'payments', 'catalog.shop.svc.cluster.local', 'gateway'];

test.each([
  ['order', 'orders'],
  ['Orders', 'orders'],
  ['paymnets', 'payments'],
  ['catalog', 'catalog.shop.svc.cluster.local'],
  ['shop.svc', 'catalog.shop.svc.cluster.local'],
  ['inventory', undefined],
  ['', undefined],
])('%j: %j', (written, meant) => {
  expect(nearValue(written, SERVICES)).toBe(meant);
});

test('the value that is written is no suggestion', () => {
  expect(nearValue('orders', ['orders'])).toBeUndefined();
});

test.each([
  ['dst.name == "or\\"der"', { field: 'dst.name', value: 'or"der' }],
  ['dst.name != "order"', null],
  ['dst.port == 81', null],
  ['request.headers["x"] == "1"', null],
  ['status_code == 504', null],
  ['dst.name == "a" || http', null],
])('%j', (condition, parts) => {
  expect(textCondition(condition)).toEqual(parts);
});

test('the other conditions stay as they are', () => {
  const filter = withValue(
    ['status_code == 504', 'dst.name == "order"'],
    'dst.name == "order"',
    'dst.name',
    'orders"',
  );
  expect(filter).toBe('status_code == 504 && dst.name == "orders\\""');
  expect('filter' in compile(filter, { now: 0 })).toBe(true);
});
