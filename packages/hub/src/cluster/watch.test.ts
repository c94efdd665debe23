import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { KubeConfig } from '@kubernetes/client-node';
import { pino } from 'pino';
import { expect, onTestFinished, test, vi } from 'vitest';
import { HUB_LIMITS } from '../settings.ts';
import type { FollowerLimits } from './follower.ts';
import { KnownCluster } from './known-cluster.ts';
import { clusterSettings, FakeApi } from './testing-api.ts';
import { apiNode, apiOwned, apiPod, apiService, apiSlice, ownerReference } from './testing-objects.ts';
import type { OnClusterChange } from './view.ts';
import { ClusterWatch } from './watch.ts';

/** No wait after a failure is long enough to be noticed. */
const QUICK: Partial<FollowerLimits> = { clusterRetryMs: 10 };

async function api(): Promise<FakeApi> {
  const fake = await FakeApi.start();
  onTestFinished(() => fake.down().catch(() => {}));
  return fake;
}

function watching(
  fake: FakeApi,
  {
    namespaces = null,
    limits = {},
    kubeConfig = fake.kubeConfig,
  }: { namespaces?: string[] | null; limits?: Partial<FollowerLimits>; kubeConfig?: KubeConfig } = {},
) {
  const known = new KnownCluster();
  const watch = new ClusterWatch(
    clusterSettings(kubeConfig, { namespaces }),
    known,
    { ...HUB_LIMITS, ...QUICK, ...limits },
    pino({ level: 'silent' }),
  );
  onTestFinished(() => watch.close());
  return { known, watch };
}

const until = (check: () => void) => vi.waitFor(check, { timeout: 5_000, interval: 5 });
const names = (known: KnownCluster) => [...known.pods.values()].map(({ name }) => name).toSorted();

async function listed(fake: FakeApi, options: Parameters<typeof watching>[1] = {}) {
  const all = watching(fake, options);
  await until(() => expect(all.known.complete).toBe(true));
  await until(() => expect(fake.watching('pods')).toBeGreaterThan(0));
  return all;
}

test('what is there is listed, what happens then is told', async () => {
  const fake = await api();
  fake.put('pods', apiPod('cart', '10.244.1.2'));
  fake.put('nodes', apiNode('node-1', '10.254.0.1', '10.244.1.0/24'));
  fake.put('namespaces', { metadata: { uid: 'n', name: 'shop' } });
  const { known, watch } = watching(fake);
  expect([known.complete, known.problem, watch.settled]).toEqual([
    false,
    'the cluster is being listed',
    false,
  ]);
  await until(() => expect(watch.settled).toBe(true));
  expect(known.pods.get('uid-cart')).toEqual({
    uid: 'uid-cart',
    name: 'cart',
    namespace: 'shop',
    node: 'node-1',
    addresses: ['10.244.1.2'],
    hostNetwork: false,
    labels: { app: 'cart' },
    workload: null,
    phase: 'Running',
    ports: [{ name: 'http', port: 8080, hostPort: 0, protocol: 'TCP' }],
    reason: '',
    scheduled: 1_767_225_600_000_000,
    started: 0,
    ended: 0,
  });
  expect(known.nodes.get('node-1')).toEqual({
    name: 'node-1',
    addresses: ['10.254.0.1'],
    podNetworkAddresses: ['10.244.1.0', '10.244.1.1'],
    podRanges: ['10.244.1.0/24'],
    ready: true,
    linux: true,
  });
  expect([[...known.namespaces], known.problem]).toEqual([['shop'], '']);

  fake.put('pods', apiPod('pay', '10.244.1.3'));
  fake.put('services', apiService('cart', '10.96.3.4'));
  await until(() => expect(names(known)).toEqual(['cart', 'pay']));
  await until(() => expect(known.services.get('shop/cart')?.addresses).toEqual(['10.96.3.4']));
  fake.delete('pods', 'shop', 'cart');
  fake.delete('services', 'shop', 'cart');
  await until(() => expect([names(known), known.services.size]).toEqual([['pay'], 0]));
});

test('a long list is read in pages', async () => {
  const fake = await api();
  for (let i = 0; i < 1_203; i++) fake.put('pods', apiPod(`p${i}`, `10.1.${i >> 8}.${i & 255}`));
  const { known } = await listed(fake);
  expect(known.pods.size).toBe(1_203);
  expect(fake.lists('pods').map(({ query }) => query.get('continue'))).toEqual([null, '500', '1000']);
});

test('a page longer than may be is asked for in smaller ones, and counted', async () => {
  const fake = await api();
  for (let i = 0; i < 20; i++) fake.put('pods', apiPod(`p${i}`, `10.1.0.${i}`));
  const { known, watch } = await listed(fake, { limits: { clusterPageBytes: 3_000 } });
  expect(known.pods.size).toBe(20);
  expect(watch.counters.cap_clusterPageBytes).toBe(2);
  expect(
    fake
      .lists('pods')
      .map(({ query }) => query.get('limit'))
      .slice(0, 3),
  ).toEqual(['500', '63', '8']);
});

test('a watch that the server ends goes on from its last bookmark, without a list', async () => {
  const fake = await api();
  fake.put('pods', apiPod('cart', '10.244.1.2'));
  const { known } = await listed(fake);
  await until(() => expect(fake.watching('jobs')).toBe(1));
  fake.bookmark();
  await new Promise((resolve) => setTimeout(resolve, 1_100));
  fake.endWatches();
  fake.put('pods', apiPod('pay', '10.244.1.3'));
  await until(() => expect(names(known)).toEqual(['cart', 'pay']));
  expect(fake.lists('pods').length).toBe(1);
  expect(fake.watches('pods').map(({ query }) => query.get('resourceVersion'))).toEqual(['101', '102']);
  expect(fake.watches('pods')[0]!.query.get('allowWatchBookmarks')).toBe('true');
});

test('after a cut nothing that happened meanwhile is missed', async () => {
  const fake = await api();
  fake.put('pods', apiPod('cart', '10.244.1.2'));
  const { known } = await listed(fake);
  fake.cut();
  fake.delete('pods', 'shop', 'cart');
  fake.put('pods', apiPod('pay', '10.244.1.3'));
  await until(() => expect(names(known)).toEqual(['pay']));
  expect(fake.lists('pods').length).toBe(1);
  await until(() => expect(known.problem).toBe(''));
});

test('when the server has forgotten the place it is listed again: what vanished meanwhile is gone', async () => {
  const fake = await api();
  for (const name of ['cart', 'pay']) {
    fake.put('pods', apiPod(name, '10.244.1.2'));
    fake.put('services', apiService(name, '10.96.0.5'));
    fake.put('nodes', apiNode(`${name}-node`, '10.254.0.1', '10.244.1.0/24'));
    fake.put('namespaces', { metadata: { uid: name, name } });
  }
  const { known, watch } = await listed(fake);
  await fake.down();
  await until(() => expect(known.problem).toMatch(/^the API server cannot be reached: .*ECONNREFUSED/));
  fake.delete('pods', 'shop', 'cart');
  fake.delete('services', 'shop', 'cart');
  fake.delete('nodes', '', 'cart-node');
  fake.delete('namespaces', '', 'cart');
  // The same name, another pod.
  fake.delete('pods', 'shop', 'pay');
  fake.put('pods', apiPod('pay', '10.244.1.3', { uid: 'another' }));
  fake.forget();
  await fake.up();
  await until(() => expect([...known.pods.keys()]).toEqual(['another']));
  await until(() =>
    expect([[...known.services.keys()], [...known.nodes.keys()], [...known.namespaces]]).toEqual([
      ['shop/pay'],
      ['pay-node'],
      ['pay'],
    ]),
  );
  await until(() => expect(known.problem).toBe(''));
  expect(watch.counters.expired).toBeGreaterThan(0);
});

test('failures of the server are said and waited out', async () => {
  const fake = await api();
  fake.failures.push(...Array.from({ length: 21 }, (_, i) => (i % 2 === 0 ? 500 : 429)));
  fake.put('pods', apiPod('cart', '10.244.1.2'));
  const { known, watch } = watching(fake);
  await until(() => expect(known.problem).toBe('it failed as it was told to'));
  await until(() => expect(known.complete).toBe(true));
  expect([names(known), known.problem, watch.counters.failures]).toEqual([['cart'], '', 21]);
});

test('a token in a file that is replaced is read anew', async () => {
  const fake = await api();
  const folder = mkdtempSync(join(tmpdir(), 'kubeshark-token-'));
  onTestFinished(() => rmSync(folder, { recursive: true }));
  const tokenFile = join(folder, 'token');
  writeFileSync(tokenFile, 'expired');
  const { kubeConfig } = fake;
  // As a pod's own: see `loadFromCluster`.
  kubeConfig.users = [{ name: 'hub', authProvider: { name: 'tokenFile', config: { tokenFile } } }];
  vi.useFakeTimers({ toFake: ['Date'] });
  onTestFinished(() => {
    vi.useRealTimers();
  });
  const { known } = watching(fake, { kubeConfig });
  await until(() => expect(known.problem).toBe('Unauthorized'));
  writeFileSync(tokenFile, 'secret');
  vi.setSystemTime(Date.now() + 61_000);
  await until(() => expect([known.complete, known.problem]).toEqual([true, '']));
});

test('a watch that goes silent is taken up anew', async () => {
  const fake = await api();
  fake.put('pods', apiPod('cart', '10.244.1.2'));
  const { known, watch } = await listed(fake, { limits: { clusterSilenceMs: 100 } });
  fake.mute = true;
  fake.put('pods', apiPod('pay', '10.244.1.3'));
  await until(() => expect(watch.counters.cap_clusterSilenceMs).toBeGreaterThan(0));
  fake.mute = false;
  await until(() => expect(names(known)).toEqual(['cart', 'pay']));
  expect([fake.lists('pods').length, watch.counters.failures]).toEqual([1, 0]);
});

test('what cannot be read is passed over and counted', async () => {
  const fake = await api();
  const { known, watch } = await listed(fake, { limits: { clusterEventBytes: 2_000 } });
  fake.say('pods', '{"type":"ADDED","object":');
  fake.say('pods', '{"type":"ADDED","object":{"metadata":{}}}');
  fake.say(
    'pods',
    '{"type":"ADDED","object":{"metadata":{"uid":"x","labels":5,"name":"x","namespace":"y"},"status":{"podIPs":3}}}',
  );
  fake.say('pods', '{"type":"ADDED"}');
  fake.put('pods', apiPod('large', '10.244.1.2', { more: { padding: 'x'.repeat(3_000) } }));
  fake.put('pods', apiPod('pay', '10.244.1.3'));
  await until(() => expect(names(known)).toEqual(['pay']));
  expect(watch.counters.unreadable).toBe(4);
  fake.endWatches();
  await until(() => expect(watch.counters.cap_clusterEventBytes).toBe(1));
});

test('a right that is missing is said, and the rest goes on', async () => {
  const fake = await api();
  fake.forbidden.add('/api/v1/nodes');
  fake.put('pods', apiPod('cart', '10.244.1.2'));
  const { known } = await listed(fake);
  expect(known.problem).toBe('nodes is forbidden: User "hub" cannot list resource "nodes"');
  expect(names(known)).toEqual(['cart']);
  expect(fake.lists('nodes').length).toBe(1);
});

test('a right that a server refuses while it starts is asked for again soon', async () => {
  const fake = await api();
  const { known } = await listed(fake);
  fake.forbidden.add('/api/v1/pods');
  fake.endWatches();
  await until(() => expect(known.problem).toMatch(/^pods is forbidden/));
  fake.forbidden.delete('/api/v1/pods');
  fake.put('pods', apiPod('cart', '10.244.1.2'));
  await until(() => expect([known.problem, ...names(known)]).toEqual(['', 'cart']));
});

test('restricted to namespaces: dozens of them are followed; of its own the pods, and no other is asked for', async () => {
  const fake = await api();
  const namespaces = Array.from({ length: 60 }, (_, i) => `team-${i}`);
  for (const [i, namespace] of namespaces.entries())
    fake.put('pods', apiPod(`pod-${i}`, `10.244.1.${i}`, { namespace }));
  fake.put('pods', apiPod('secret', '10.244.2.1', { namespace: 'other' }));
  fake.put('pods', apiPod('worker', '10.244.2.3', { namespace: 'kubeshark' }));
  fake.forbidden.add('/api/v1/nodes');
  const { known } = await listed(fake, { namespaces });
  await until(() => expect(fake.watching('pods')).toBe(61));
  fake.put('pods', apiPod('late', '10.244.1.99', { namespace: 'team-7' }));
  fake.put('pods', apiPod('later', '10.244.2.2', { namespace: 'other' }));
  await until(() => expect(known.pods.has('uid-late')).toBe(true));
  expect(known.pods.size).toBe(62);
  expect(known.pods.has('uid-worker')).toBe(true);
  expect([...known.namespaces]).toEqual(namespaces);
  const paths = new Set(fake.asked.map(({ path }) => path));
  expect(paths.size).toBe(60 * 5 + 2);
  expect([...paths].filter((path) => !path.includes('/namespaces/team-')).toSorted()).toEqual([
    '/api/v1/namespaces/kubeshark/pods',
    '/api/v1/nodes',
  ]);
});

test('a pod’s workload is what owns it in the end, also when that is known later', async () => {
  const fake = await api();
  const owned = (name: string, kind: string, owner: string, labels = {}) => {
    const pod = apiPod(name, '10.244.1.2');
    Object.assign(pod.metadata!, { labels, ownerReferences: [ownerReference({ kind, name: owner })] });
    fake.put('pods', pod);
  };
  owned('web-1', 'ReplicaSet', 'web-5d44', { 'pod-template-hash': '5d44' });
  owned('roll-1', 'ReplicaSet', 'roll-77');
  owned('night-1', 'Job', 'night-2900');
  owned('once-1', 'Job', 'once');
  owned('db-0', 'StatefulSet', 'db');
  fake.put('replicasets', apiOwned('roll-77', { kind: 'Rollout', name: 'roll' }));
  const { known } = await listed(fake);
  const workload = (name: string) => {
    const { workload } = known.pods.get(`uid-${name}`)!;
    return workload && `${workload.kind}/${workload.name}`;
  };
  await until(() =>
    expect(['web-1', 'roll-1', 'night-1', 'once-1', 'db-0'].map(workload)).toEqual([
      'Deployment/web',
      'Rollout/roll',
      'Job/night-2900',
      'Job/once',
      'StatefulSet/db',
    ]),
  );
  fake.put('jobs', apiOwned('night-2900', { kind: 'CronJob', name: 'night' }));
  await until(() => expect(workload('night-1')).toBe('CronJob/night'));
});

test('changes are told together, and none where nothing that is kept has changed', async () => {
  const fake = await api();
  const { watch } = await listed(fake);
  const told: string[][] = [];
  const listener: OnClusterChange = (changed) => told.push([...changed].toSorted());
  const end = watch.onChange(listener);
  for (let i = 0; i < 50; i++) fake.put('pods', apiPod(`p${i}`, `10.1.0.${i}`));
  fake.put('endpointslices', apiSlice('cart-x', 'cart', ['10.1.0.1']));
  await until(() => expect(told.flat()).toEqual(expect.arrayContaining(['pods', 'services'])));
  await new Promise((resolve) => setTimeout(resolve, 120));
  const { length } = told;
  expect(length).toBeLessThanOrEqual(4);
  fake.put('pods', apiPod('p1', '10.1.0.1', { more: { heartbeat: 7 } }));
  await new Promise((resolve) => setTimeout(resolve, 120));
  expect(told.length).toBe(length);
  end();
  fake.put('pods', apiPod('p1', '10.1.0.200'));
  await new Promise((resolve) => setTimeout(resolve, 120));
  expect(told.length).toBe(length);
});

test('closed, it asks for nothing any more', async () => {
  const fake = await api();
  const { watch } = await listed(fake);
  watch.close();
  const { length } = fake.asked;
  fake.cut();
  await new Promise((resolve) => setTimeout(resolve, 200));
  expect(fake.asked.length).toBe(length);
});
