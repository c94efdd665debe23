import type { Identity } from '@kubeshark/model';
import { describe, expect, test } from 'vitest';
import { mergedIdentity } from './identity.ts';

const SERVICE: Identity = { name: 'cart', service: 'cart', namespace: 'shop' };
const POD: Identity = {
  name: 'cart-0',
  pod: 'cart-0',
  podUid: 'u-0',
  namespace: 'shop',
  labels: { app: 'cart' },
  service: 'cart-internal',
  node: 'node-2',
};
const NODE: Identity = { name: 'node-1', node: 'node-1' };
const NAMED: Identity = { name: 'cart.example.org' };

describe.each([
  ['first', true],
  ['last', false],
])('whichever place tells it %s', (_which, first) => {
  const merged = (a: Identity, b: Identity) =>
    first ? mergedIdentity(a, b, false) : mergedIdentity(b, a, false);

  test('the service that the client asked for and the pod that answered are both known', () => {
    expect(merged(SERVICE, POD)).toEqual({ ...POD, service: 'cart' });
  });

  test('a node that spoke for a pod gives way to the pod', () => {
    expect(merged(NODE, { name: 'client', pod: 'client', namespace: 'shop' })).toEqual({
      name: 'client',
      pod: 'client',
      namespace: 'shop',
    });
  });

  test('a node whose port was a service’s gives way to the service', () => {
    expect(merged(NODE, SERVICE)).toEqual(SERVICE);
  });

  test('a name of DNS gives way to what it stands for', () => {
    expect([merged(NAMED, POD), merged(NAMED, SERVICE), merged(NAMED, NODE)]).toEqual([POD, SERVICE, NODE]);
  });

  test('a service of another namespace is not the pod’s', () => {
    expect(merged({ name: 'x', service: 'x', namespace: 'edge' }, POD)).toEqual(POD);
  });

  test('nothing adds nothing', () => {
    expect([merged({}, POD), merged({}, NAMED)]).toEqual([POD, NAMED]);
  });

  test('what is known of one pod adds up', () => {
    const { labels: _labels, ...bare } = POD;
    expect(merged(bare, POD)).toEqual(POD);
  });
});

test('of two pods the one in whose network it was seen is right', () => {
  const gateway: Identity = { name: 'gateway', pod: 'gateway', namespace: 'edge' };
  expect(mergedIdentity(gateway, POD, true)).toEqual(POD);
  expect(mergedIdentity(POD, gateway, false)).toEqual(POD);
});
