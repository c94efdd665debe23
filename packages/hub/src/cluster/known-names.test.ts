// Completion knows what is in the cluster, and tells nobody of a namespace that is not theirs.
import type { FieldName } from '@kubeshark/model';
import { ACCESS_ALL, accessTo, FieldNumber } from '@kubeshark/model';
import { expect, test } from 'vitest';
import { knownNames } from './known-names.ts';
import { TestCluster, testPod } from './testing.ts';

const view = new TestCluster().put(
  testPod('cart-7d9-x', {
    labels: { app: 'cart', tier: 'back' },
    workload: { kind: 'Deployment', name: 'cart' },
  }),
  testPod('cart-7d9-y', { labels: { app: 'cart' }, workload: { kind: 'Deployment', name: 'cart' } }),
  testPod('pg-0', { namespace: 'data', node: 'node-2', workload: { kind: 'StatefulSet', name: 'pg' } }),
  testPod('nowhere', { node: '' }),
);
view.services.set('shop/cart', {
  name: 'cart',
  namespace: 'shop',
  addresses: [],
  ports: [],
  externalName: '',
});

const names = (field: FieldName, prefix = '', access = ACCESS_ALL, limit = 20) =>
  knownNames(view, FieldNumber[field], prefix, access, limit);

test.each<[FieldName, string[]]>([
  ['src.namespace', ['data', 'shop']],
  ['dst.pod.name', ['cart-7d9-x', 'cart-7d9-y', 'nowhere', 'pg-0']],
  ['src.workload.name', ['cart', 'pg']],
  ['src.workload.kind', ['Deployment', 'StatefulSet']],
  ['dst.service.name', ['cart']],
  ['dst.node.name', ['node-1', 'node-2']],
  ['dst.labels', ['app', 'tier']],
  ['src.name', ['cart', 'cart-7d9-x', 'cart-7d9-y', 'nowhere', 'pg-0']],
  ['src.ip', []],
  ['status', []],
])('of %s: %j', (field, expected) => {
  expect(names(field)).toEqual(expected);
});

test('those that begin so, and no more than are asked for', () => {
  expect(names('dst.pod.name', 'cart')).toEqual(['cart-7d9-x', 'cart-7d9-y']);
  expect(names('dst.pod.name', '', ACCESS_ALL, 1)).toEqual(['cart-7d9-x']);
});

test('who sees one namespace is offered what is in it', () => {
  expect(names('src.namespace', '', accessTo('data'))).toEqual(['data']);
  expect(names('src.pod.name', '', accessTo('data'))).toEqual(['pg-0']);
  expect(names('dst.service.name', '', accessTo('data'))).toEqual([]);
  expect(names('dst.node.name', '', accessTo('data'))).toEqual(['node-2']);
});
