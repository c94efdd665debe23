import { expect, test } from 'vitest';
import type { ApiPod } from './api-object.ts';
import { nodeOf, serviceOf } from './network-objects.ts';
import { podOf } from './pod-of.ts';

const SECOND = 1_000_000;
const micros = (time: string) => Date.parse(time) * 1000;

function pod(parts: Partial<ApiPod>) {
  return podOf({ metadata: { uid: 'u', name: 'cart-0', namespace: 'shop' }, ...parts })?.pod;
}

test('a pod without a name is none', () => {
  expect(podOf({ metadata: { name: 'cart', namespace: 'shop' } })).toBeNull();
  expect(podOf({})).toBeNull();
});

test.each<[string, Partial<ApiPod>, string, string]>([
  ['runs', { status: { phase: 'Running' } }, 'Running', ''],
  [
    'goes',
    {
      metadata: { uid: 'u', name: 'n', namespace: 's', deletionTimestamp: 'x' },
      status: { phase: 'Running' },
    },
    'Terminating',
    '',
  ],
  [
    'is over and goes',
    {
      metadata: { uid: 'u', name: 'n', namespace: 's', deletionTimestamp: 'x' },
      status: { phase: 'Failed' },
    },
    'Failed',
    '',
  ],
  [
    'has no node',
    {
      status: {
        phase: 'Pending',
        conditions: [
          {
            type: 'PodScheduled',
            status: 'False',
            reason: 'Unschedulable',
            message: '0/2 nodes are available',
          },
        ],
      },
    },
    'Pending',
    'Unschedulable: 0/2 nodes are available',
  ],
  [
    'has no image',
    {
      status: {
        phase: 'Pending',
        initContainerStatuses: [{ state: { terminated: {} } }],
        containerStatuses: [{ state: { waiting: { reason: 'ImagePullBackOff' } } }],
      },
    },
    'Pending',
    'ImagePullBackOff',
  ],
  [
    'begins',
    {
      status: {
        phase: 'Pending',
        containerStatuses: [{ state: { waiting: { reason: 'ContainerCreating' } } }],
      },
    },
    'Pending',
    '',
  ],
  [
    'was evicted',
    { status: { phase: 'Failed', reason: 'Evicted', message: 'low on memory' } },
    'Failed',
    'Evicted: low on memory',
  ],
])('phase and reason of a pod that %s', (_what, parts, phase, reason) => {
  expect(pod(parts)).toMatchObject({ phase, reason });
});

test('its times are those of its scheduling, of its first container’s start, and of its last one’s end', () => {
  const status: ApiPod['status'] = {
    phase: 'Running',
    startTime: '2026-01-01T00:00:02Z',
    conditions: [{ type: 'PodScheduled', status: 'True', lastTransitionTime: '2026-01-01T00:00:01Z' }],
    initContainerStatuses: [
      { state: { terminated: { startedAt: '2026-01-01T00:00:03Z', finishedAt: '2026-01-01T00:00:04Z' } } },
    ],
    containerStatuses: [
      {
        state: { running: { startedAt: '2026-01-01T00:00:09Z' } },
        lastState: { terminated: { startedAt: '2026-01-01T00:00:05Z', finishedAt: '2026-01-01T00:00:08Z' } },
      },
    ],
  };
  const begin = micros('2026-01-01T00:00:00Z');
  expect(pod({ status })).toMatchObject({
    scheduled: begin + 1 * SECOND,
    started: begin + 3 * SECOND,
    ended: 0,
  });
  const over: ApiPod['status'] = {
    ...status,
    phase: 'Succeeded',
    containerStatuses: [
      { state: { terminated: { startedAt: '2026-01-01T00:00:09Z', finishedAt: '2026-01-01T00:00:20Z' } } },
    ],
  };
  expect(pod({ status: over })).toMatchObject({ ended: begin + 20 * SECOND });
});

test('ports are those of containers and sidecars, with the node’s where they have one', () => {
  const spec: ApiPod['spec'] = {
    containers: [{ ports: [{ name: 'http', containerPort: 80, hostPort: 8080 }] }],
    initContainers: [
      { ports: [{ containerPort: 1 }] },
      { restartPolicy: 'Always', ports: [{ containerPort: 15_090, protocol: 'UDP' }] },
    ],
  };
  expect(pod({ spec })!.ports).toEqual([
    { name: 'http', port: 80, hostPort: 8080, protocol: 'TCP' },
    { name: '', port: 15_090, hostPort: 0, protocol: 'UDP' },
  ]);
});

test('a service has all its addresses, a headless one none', () => {
  const service = (spec: object, status = {}) =>
    serviceOf({ metadata: { name: 'cart', namespace: 'shop' }, spec, status });
  expect(
    service(
      { clusterIPs: ['10.96.0.5', 'fd00::5'], externalIPs: ['192.0.2.1'], ports: [{ port: 80 }] },
      { loadBalancer: { ingress: [{ ip: '198.51.100.7' }, { hostname: 'x' }] } },
    ),
  ).toEqual({
    name: 'cart',
    namespace: 'shop',
    addresses: ['10.96.0.5', 'fd00::5', '192.0.2.1', '198.51.100.7'],
    ports: [{ port: 80, nodePort: 0, protocol: 'TCP' }],
    externalName: '',
  });
  expect(service({ clusterIP: 'None', clusterIPs: ['None'] })!.addresses).toEqual([]);
  expect(service({ type: 'ExternalName', externalName: 'db.example.org.' })).toMatchObject({
    addresses: [],
    externalName: 'db.example.org',
  });
});

test('a node has addresses in the pods’ network too', () => {
  const node = nodeOf({
    metadata: { name: 'n', annotations: { 'projectcalico.org/IPv4VXLANTunnelAddr': '10.9.8.7/32' } },
    spec: { podCIDRs: ['10.244.1.0/24', 'fd00:1::/64'] },
    status: {
      addresses: [{ type: 'ExternalIP', address: '203.0.113.9' }],
      nodeInfo: { operatingSystem: 'windows' },
    },
  });
  expect(node).toMatchObject({
    addresses: ['203.0.113.9'],
    podNetworkAddresses: ['10.244.1.0', '10.244.1.1', 'fd00:1::', 'fd00:1::1', '10.9.8.7'],
    ready: false,
    linux: false,
  });
});

test.each([
  ['of the copy that a kubelet made', 'd41d8cd98f00b204e9800998ecf8427e', 'Node', true],
  ['that names a pod of the API', '72337481-a12c-4505-8075-21c4e56846aa', 'Node', false],
  ['of a pod that no node owns', 'd41d8cd98f00b204e9800998ecf8427e', 'ReplicaSet', false],
])('the static UID %s', (_what, mirror, kind, believed) => {
  const metadata = {
    uid: 'u',
    name: 'etcd-node-1',
    namespace: 'kube-system',
    annotations: { 'kubernetes.io/config.mirror': mirror },
    ownerReferences: [{ kind, name: 'node-1', uid: 'n', controller: true }],
  };
  expect(pod({ metadata })?.staticUid).toBe(believed ? mirror : undefined);
});
