// What `status` says of a coverage: pods that are targets are counted, wherever they are; others are not.
import type { Coverage, CoveredPod, HubStatus } from '@kubeshark/model';
import { expect, test } from 'vitest';
import { told } from './status.ts';

const pod = (name: string, more: Partial<CoveredPod>): CoveredPod => ({
  uid: name,
  name,
  namespace: 'shop',
  phase: 'Running',
  hostNetwork: false,
  state: 'captured',
  since: 1,
  packets: 0,
  dropped: 0,
  entries: 0,
  protocols: [],
  ...more,
});
const now = { entries: 12, entriesPerSecond: 3, packetsDropped: 0 } as HubStatus;
const coverage: Coverage = {
  time: 1,
  rule: { pods: 'cart.*', namespaces: ['shop'], excludeNamespaces: [], selector: '' },
  nodes: [
    {
      name: 'node-1',
      ready: true,
      worker: null,
      pods: [pod('cart-1', {}), pod('web-1', { state: 'untargeted' })],
    },
  ],
  unscheduled: [
    pod('cart-2', { state: 'waiting', reason: 'no node has room' }),
    pod('web-2', { state: 'untargeted', reason: 'the rule does not select it' }),
  ],
};

test('pods that no node has count when they are targets; of the others nothing is said', () => {
  const text = told(now, coverage);
  expect(text).toContain('1 of 2 pods');
  expect(text).toMatch(/shop\/cart-2 +waiting +no node has room/);
  expect(text).not.toContain('web-');
});
