import type { Place } from '@kubeshark/model';
import { RecordView } from '@kubeshark/model';
import { beforeEach, expect, test } from 'vitest';
import { buildRecord } from '../../../dissect/src/expand/testing.ts';
import { message, record } from '../../../dissect/src/protocols/dns/testing.ts';
import { DnsNames } from '../ingest/dns-names.ts';
import { ClusterIdentity } from './identity.ts';
import { KnownCluster } from './known-cluster.ts';
import { testNode, testPod } from './testing.ts';
import type { Endpoints, Pod, Service } from './view.ts';

const SECOND = 1_000_000;
const T0 = 1_700_000_000 * SECOND;
const MINUTE = 60 * SECOND;

const HOST: Place = { worker: 'node-1', interface: 'eth0', source: 'af_packet', addresses: ['10.254.0.1'] };

let known: KnownCluster;
let time: number;
let identity: ClusterIdentity;

beforeEach(() => {
  known = new KnownCluster();
  known.complete = true;
  time = T0;
  const limits = { addressHistoryMs: 900_000, addressHistory: 100, seenAddresses: 2, rowLabels: 3 };
  identity = new ClusterIdentity(known, new DnsNames(100), limits, 'kubeshark', () => time);
});

const who = (ip: string, port = 40_000, at = time, place = HOST) =>
  identity.identify(ip, port, at, place).identity;
const waits = (ip: string, place = HOST) => identity.identify(ip, 80, time, place).waits;

function pod(name: string, parts: Partial<Pod> = {}): Pod {
  const made = testPod(name, { scheduled: T0 - 10 * SECOND, started: T0 - 8 * SECOND, ...parts });
  known.putPod(made, null);
  return made;
}

function service(name: string, parts: Partial<Service> = {}): void {
  known.putService({
    name,
    namespace: 'shop',
    addresses: ['10.96.0.7'],
    ports: [{ port: 80, nodePort: 0, protocol: 'TCP' }],
    externalName: '',
    ...parts,
  });
}

const slice = (name: string, parts: Partial<Endpoints> = {}) =>
  known.putEndpoints(`shop/${name}-1`, {
    name,
    namespace: 'shop',
    addresses: ['10.244.1.7'],
    ports: [8080],
    ...parts,
  });

function placeIn({ name, uid, namespace, addresses }: Pod): Place {
  return { ...HOST, addresses: [...addresses], pod: { name, uid, namespace } };
}

test('a pod’s address is the pod, with all that is known of it', () => {
  pod('cart', {
    labels: { app: 'cart' },
    workload: { kind: 'Deployment', name: 'cart' },
    addresses: ['10.244.1.7', 'fd00::7'],
  });
  const cart = {
    name: 'cart',
    pod: 'cart',
    podUid: 'uid-cart',
    namespace: 'shop',
    labels: { app: 'cart' },
    workload: 'cart',
    workloadKind: 'Deployment',
    node: 'node-1',
  };
  expect(who('10.244.1.7')).toEqual(cart);
  expect(who('fd00::7')).toEqual(cart);
});

test('an address that is used again is by its time the one or the other', () => {
  const first = pod('first', { scheduled: T0 - 3600 * SECOND, started: T0 - 3590 * SECOND });
  time = T0 + 10 * SECOND;
  known.removePod(first.uid);
  // Scheduled before the first one was gone, with its address from then on, told of later still.
  time = T0 + 14 * SECOND;
  pod('second', { scheduled: T0 + 8 * SECOND, started: T0 + 12 * SECOND });
  const at = (seconds: number) => who('10.244.1.7', 80, T0 + seconds * SECOND).pod;
  expect([-3600, 0, 9, 9.9].map(at)).toEqual(['first', 'first', 'first', 'first']);
  expect([10.5, 12, 14, 900].map(at)).toEqual(['second', 'second', 'second', 'second']);
});

test('an address that is free again is nobody’s while a pod of its node may have taken it', () => {
  const first = pod('first', { scheduled: T0 - 60 * SECOND, started: T0 - 59 * SECOND });
  known.removePod(first.uid);
  const [before, after] = [T0 - SECOND, T0 + SECOND];
  const found = (time: number) => {
    const { identity: who, waits } = identity.identify('10.244.1.7', 80, time, HOST);
    return [who.pod, waits];
  };
  // Nobody comes: it is still called by the name of the one who is gone.
  pod('elsewhere', { node: 'node-2', addresses: [], started: 0 });
  expect([before, after].map(found)).toEqual([
    ['first', false],
    ['first', false],
  ]);
  pod('second', { scheduled: T0, addresses: [], started: 0 });
  expect([before, after].map(found)).toEqual([
    ['first', false],
    [undefined, true],
  ]);
  pod('second', { scheduled: T0, started: T0 + 2 * SECOND });
  expect([before, after].map(found)).toEqual([
    ['first', false],
    ['second', false],
  ]);
});

test('a pod that a worker has seen at its address, or that is over, takes no other', () => {
  known.removePod(pod('first').uid);
  const after = T0 + SECOND;
  const second = pod('second', { addresses: [], started: 0 });
  expect(identity.identify('10.244.1.7', 80, after, HOST).waits).toBe(true);
  who('10.244.1.8', 80, T0, { ...placeIn(second), worker: 'node-1', addresses: ['10.244.1.8'] });
  expect(who('10.244.1.7', 80, after).pod).toBe('first');
  const third = pod('third', { addresses: [], started: 0 });
  expect(who('10.244.1.7', 80, after).pod).toBeUndefined();
  known.removePod(third.uid);
  expect(who('10.244.1.7', 80, after).pod).toBe('first');
});

test('an end that is told late does not take from the next: its containers’ times count', () => {
  pod('first', { scheduled: T0 - 60 * SECOND, started: T0 - 59 * SECOND });
  time = T0 + 30 * SECOND;
  pod('second', { scheduled: T0 + 1 * SECOND, started: T0 + 3 * SECOND });
  time = T0 + 60 * SECOND;
  known.removePod('uid-first');
  const at = (seconds: number) => who('10.244.1.7', 80, T0 + seconds * SECOND).pod;
  expect([0, 2, 3, 20, 50].map(at)).toEqual(['first', 'first', 'second', 'second', 'second']);
});

test('packets come before the watch tells of their pod: what counts is when it was scheduled', () => {
  time = T0 + 5 * SECOND;
  pod('cart', { scheduled: T0, started: 0 });
  expect(who('10.244.1.7', 80, T0 + 1 * SECOND).pod).toBe('cart');
  // Clocks differ a little.
  expect(who('10.244.1.7', 80, T0 - 4 * SECOND).pod).toBe('cart');
  expect(who('10.244.1.7', 80, T0 - 6 * SECOND).pod).toBeUndefined();
});

test('a pod that is over has its address no more, though it is still listed', () => {
  pod('job', {
    phase: 'Succeeded',
    scheduled: T0 - 60 * SECOND,
    started: T0 - 59 * SECOND,
    ended: T0 - 30 * SECOND,
  });
  expect(who('10.244.1.7', 80, T0 - 40 * SECOND).pod).toBe('job');
  expect(who('10.244.1.7', 80, T0).pod).toBeUndefined();
});

test('what had an address is known for 15 minutes, and of so many', () => {
  const gone = pod('gone');
  known.removePod(gone.uid);
  const then = T0 - SECOND;
  expect(who('10.244.1.7', 80, then).pod).toBe('gone');
  time = T0 + 14 * MINUTE;
  known.removePod(pod('other', { addresses: ['10.244.1.8'] }).uid);
  expect(who('10.244.1.7', 80, then).pod).toBe('gone');
  time = T0 + 16 * MINUTE;
  known.removePod(pod('another', { addresses: ['10.244.1.9'] }).uid);
  expect(who('10.244.1.7', 80, then).pod).toBeUndefined();
  expect(identity.caps['addressHistory']).toBe(0);
  for (let i = 0; i < 150; i++) known.removePod(pod(`p${i}`, { addresses: [`10.244.2.${i}`] }).uid);
  expect(identity.caps['addressHistory']).toBe(52);
  expect(who('10.244.2.149', 80, time - 1).pod).toBe('p149');
  expect(who('10.244.2.20', 80, time - 1).pod).toBeUndefined();
});

test('a pod whose network is made anew has the other address from then on', () => {
  pod('cart');
  time = T0 + 60 * SECOND;
  pod('cart', { addresses: ['10.244.1.50'] });
  pod('next', { scheduled: T0 + 61 * SECOND, started: T0 + 62 * SECOND });
  expect(who('10.244.1.50', 80, T0 + 61 * SECOND).pod).toBe('cart');
  expect(who('10.244.1.7', 80, T0).pod).toBe('cart');
  expect(who('10.244.1.7', 80, T0 + 63 * SECOND).pod).toBe('next');
});

test('a service is known by each of its addresses; of several at one address the port tells', () => {
  service('cart', { addresses: ['10.96.0.7', '192.0.2.7'] });
  service('pay', { addresses: ['192.0.2.7'], ports: [{ port: 443, nodePort: 0, protocol: 'TCP' }] });
  const cart = { name: 'cart', service: 'cart', namespace: 'shop' };
  expect(who('10.96.0.7', 80)).toEqual(cart);
  expect(who('10.96.0.7', 12_345)).toEqual(cart);
  expect(who('192.0.2.7', 80)).toEqual(cart);
  expect(who('192.0.2.7', 443).service).toBe('pay');
  expect(who('192.0.2.7', 9).service).toBeUndefined();
  time = T0 + MINUTE;
  known.removeService('shop/cart');
  expect(who('10.96.0.7', 80, T0).service).toBe('cart');
  expect(who('10.96.0.7', 80, T0 + 2 * MINUTE).service).toBeUndefined();
});

test('a pod belongs to the service that it is behind, unless there are several', () => {
  pod('cart');
  service('cart');
  slice('cart');
  expect(who('10.244.1.7', 8080).service).toBe('cart');
  expect(who('10.244.1.7', 45_678).service).toBe('cart');
  service('metrics', { addresses: ['10.96.0.8'] });
  slice('metrics', { ports: [9090] });
  expect([8080, 9090, 45_678].map((port) => who('10.244.1.7', port).service)).toEqual([
    'cart',
    'metrics',
    undefined,
  ]);
  service('canary', { addresses: ['10.96.0.9'] });
  slice('canary');
  expect(who('10.244.1.7', 8080).service).toBeUndefined();
  known.removeEndpoints('shop/canary-1');
  service('cart-headless', { addresses: [] });
  slice('cart-headless');
  expect(who('10.244.1.7', 8080).service).toBe('cart');
  known.removeEndpoints('shop/cart-1');
  expect(who('10.244.1.7', 8080).service).toBe('cart-headless');
});

test('an address behind a service that is no pod is the service', () => {
  service('database');
  slice('database', { addresses: ['172.16.4.5'], ports: [5432] });
  expect(who('172.16.4.5', 5432)).toEqual({ name: 'database', service: 'database', namespace: 'shop' });
});

test('a node’s address is the node, a service by its port, or a pod that has a port there', () => {
  known.putNode(testNode('node-1', { addresses: ['10.254.0.1'], podNetworkAddresses: ['10.244.1.1'] }));
  known.putNode(testNode('node-2', { addresses: ['10.254.0.2'] }));
  service('web', { ports: [{ port: 80, nodePort: 30_080, protocol: 'TCP' }] });
  service('balanced', { addresses: ['10.254.0.1'], ports: [{ port: 443, nodePort: 0, protocol: 'TCP' }] });
  const port = (number: number, hostPort = 0) => ({ name: '', port: number, hostPort, protocol: 'TCP' });
  pod('exporter', { hostNetwork: true, addresses: ['10.254.0.1'], ports: [port(9100)] });
  pod('ingress', { ports: [port(80, 8080)] });
  known.putEndpoints('default/kubernetes', {
    name: 'kubernetes',
    namespace: 'default',
    addresses: ['10.254.0.1'],
    ports: [6443],
  });
  expect(who('10.254.0.1')).toEqual({ name: 'node-1', node: 'node-1' });
  expect(who('10.244.1.1')).toEqual({ name: 'node-1', node: 'node-1' });
  expect(who('10.254.0.2', 30_080)).toEqual({
    name: 'web',
    service: 'web',
    namespace: 'shop',
    node: 'node-2',
  });
  expect(who('10.254.0.1', 443)).toMatchObject({ service: 'balanced' });
  expect(who('10.254.0.1', 9100)).toMatchObject({ pod: 'exporter', node: 'node-1' });
  expect(who('10.254.0.1', 9100).service).toBeUndefined();
  expect(who('10.254.0.2', 9100)).toEqual({ name: 'node-2', node: 'node-2' });
  expect(who('10.254.0.1', 8080)).toMatchObject({ pod: 'ingress' });
  expect(who('10.254.0.1', 6443)).toEqual({
    name: 'kubernetes',
    service: 'kubernetes',
    namespace: 'default',
    node: 'node-1',
  });
  known.removeNode('node-2');
  expect(who('10.254.0.2')).toEqual({});
});

test('of two host-network pods in turn at a port, it is the one that is there', () => {
  known.putNode(testNode('node-1', { addresses: ['10.254.0.1'] }));
  const ports = [{ name: '', port: 9100, hostPort: 0, protocol: 'TCP' }];
  pod('old', { hostNetwork: true, addresses: ['10.254.0.1'], ports });
  pod('new', { hostNetwork: true, addresses: ['10.254.0.1'], ports });
  known.removePod('uid-old');
  expect(who('10.254.0.1', 9100).pod).toBe('new');
});

test('inside a pod’s network its own address and loopback are the pod; elsewhere loopback is localhost', () => {
  const cart = pod('cart', { workload: { kind: 'StatefulSet', name: 'cart' } });
  service('cart');
  slice('cart');
  const inside = placeIn(cart);
  for (const ip of ['10.244.1.7', '127.0.0.1', '::1'])
    expect(who(ip, 8080, time, inside)).toMatchObject({ pod: 'cart', workload: 'cart', service: 'cart' });
  expect(who('127.0.0.1')).toEqual({ name: 'localhost' });
});

test('in the node’s network the captured pod is the end that has its port; the other is the node, or localhost', () => {
  known.putNode(testNode('node-1', { addresses: ['10.254.0.1'] }));
  const exporter = pod('exporter', {
    hostNetwork: true,
    addresses: ['10.254.0.1'],
    ports: [{ name: '', port: 9100, hostPort: 9100, protocol: 'TCP' }],
  });
  const place = { ...placeIn(exporter), addresses: ['10.254.0.1', '127.0.0.1', '::1'], ports: [9100] };
  expect(who('10.254.0.1', 9100, time, place)).toMatchObject({ pod: 'exporter' });
  expect(who('127.0.0.1', 9100, time, place)).toMatchObject({ pod: 'exporter' });
  expect(who('10.254.0.1', 40_000, time, place)).toEqual({ name: 'node-1', node: 'node-1' });
  expect(who('127.0.0.1', 40_000, time, place)).toEqual({ name: 'localhost' });
});

test('a pod under capture that the watch has not told of is what its place says, and waits', () => {
  const inside = placeIn(testPod('new'));
  expect(identity.identify('10.244.1.7', 80, time, inside)).toEqual({
    identity: { name: 'new', pod: 'new', podUid: 'uid-new', namespace: 'shop' },
    waits: true,
  });
  const told = pod('new', { labels: { app: 'new' } });
  expect(waits('10.244.1.7', inside)).toBe(false);
  known.removePod(told.uid);
  expect(who('10.244.1.7', 80, time - 1, inside).labels).toEqual({ app: 'new' });
});

test('an address at which a pod is seen is its own before its status says so, until it is gone', () => {
  const bare = pod('new', { addresses: [], labels: { app: 'new' } });
  const inside = { ...placeIn(bare), addresses: ['10.244.1.7', '127.0.0.1', 'fe80::1'] };
  let told = 0;
  known.onKind = () => told++;
  for (const ip of inside.addresses) who(ip, 80, time, inside);
  who('10.244.1.7', 80, time, inside);
  expect(told).toBe(1);
  expect(who('10.244.1.7')).toMatchObject({ pod: 'new', labels: { app: 'new' } });
  expect(who('fe80::1').pod).toBeUndefined();
  time = T0 + MINUTE;
  known.removePod(bare.uid);
  expect(who('10.244.1.7', 80, T0).pod).toBe('new');
  expect(who('10.244.1.7', 80, T0 + 2 * MINUTE).pod).toBeUndefined();
});

test('beyond the cap such an address is named where it was captured only, and counted', () => {
  const bare = pod('new', { addresses: [] });
  const inside = { ...placeIn(bare), addresses: ['10.1.0.1', '10.1.0.2', '10.1.0.3'] };
  expect(inside.addresses.map((ip) => who(ip, 80, time, inside).pod)).toEqual(['new', 'new', 'new']);
  expect(inside.addresses.map((ip) => who(ip).pod)).toEqual(['new', 'new', undefined]);
  expect(identity.caps['seenAddresses']).toBe(1);
});

test('a worker’s word for a pod of another node counts for nothing', () => {
  const other = pod('other', { addresses: [], node: 'node-2' });
  who('10.244.1.7', 80, time, { ...placeIn(other), addresses: ['10.244.1.7'] });
  expect(who('10.244.1.7').pod).toBeUndefined();
});

test('an address near others of the cluster waits to be known, one of elsewhere does not', () => {
  expect(waits('10.244.1.99')).toBe(false);
  known.putNode(testNode('node-1', { podNetworkAddresses: ['10.244.1.1', 'fd00:0:0:1::1'] }));
  service('cart', { addresses: ['10.96.0.7'] });
  expect(['10.244.1.99', 'fd00:0:0:1::99', '10.96.0.200'].map((ip) => waits(ip))).toEqual([true, true, true]);
  expect(['10.244.2.99', 'fd00::99', '93.184.216.34', '127.0.0.1'].map((ip) => waits(ip))).toEqual([
    false,
    false,
    false,
    false,
  ]);
  known.complete = false;
  expect(waits('10.8.9.7')).toBe(true);
});

test('labels beyond the cap are left out, and counted', () => {
  pod('cart', { labels: { a: '1', b: '2', c: '3', d: '4' } });
  expect(who('10.244.1.7').labels).toEqual({ a: '1', b: '2', c: '3' });
  expect(identity.caps['rowLabels']).toBe(1);
});

test('names of DNS answers name what is outside, and services that stand for it', () => {
  const learn = (name: string, address: string) => {
    const questions: [string, number][] = [[name, 1]];
    const answers = [record(name, 1, Buffer.from(address.split('.').map(Number)))];
    const sections = {
      requestHead: message({ questions }),
      responseHead: message({ response: true, questions, answers }),
    };
    const answered = buildRecord({ protocol: 'dns', timestamp: time, transport: 17, sections });
    identity.learn(new RecordView().at(answered, 0), time);
  };
  learn('api.example.org', '198.51.100.1');
  learn('db.shop.svc.cluster.local', '198.51.100.2');
  learn('none.shop.svc.cluster.local', '198.51.100.3');
  service('db', { addresses: [], externalName: 'db.example.org' });
  learn('cart.shop.svc.cluster.local', '198.51.100.4');
  service('cart');
  expect(who('198.51.100.4')).toEqual({ name: 'cart.shop.svc.cluster.local' });
  expect(who('198.51.100.1')).toEqual({ name: 'api.example.org' });
  expect(who('198.51.100.2')).toEqual({ name: 'db.example.org', service: 'db', namespace: 'shop' });
  expect(who('198.51.100.3')).toEqual({ name: 'none.shop.svc.cluster.local' });
});

test('what was known before it is looked at is known', () => {
  pod('cart');
  service('cart');
  slice('cart');
  const limits = { addressHistoryMs: 1, addressHistory: 1, seenAddresses: 1, rowLabels: 1 };
  const later = new ClusterIdentity(known, new DnsNames(1), limits, 'kubeshark');
  expect(later.identify('10.244.1.7', 8080, T0, HOST).identity).toMatchObject({
    pod: 'cart',
    service: 'cart',
  });
  expect(later.identify('10.96.0.7', 80, T0, HOST).identity.service).toBe('cart');
});
