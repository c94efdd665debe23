// From the pods that the hub names to captures: opened in the network of the sandbox, never in the node's; closed and opened again as it changes; each state with its reason.
import { setTimeout as sleep } from 'node:timers/promises';
import type { TargetPod } from '@kubeshark/model';
import { expect, onTestFinished, test } from 'vitest';
import type { ToCapture } from '../capture-messages.ts';
import { TargetCaptures } from './target-captures.ts';
import { NodeFolder } from './testing.ts';

const A = '72337481-a12c-4505-8075-21c4e56846aa';
const B = '5774aef1-0000-4505-8075-21c4e56846aa';
const HUB = [{ address: '10.96.0.9', port: 8899 }];

const pod = (uid: string, more: Partial<TargetPod> = {}): TargetPod => ({
  uid,
  name: `pod-${uid.slice(0, 2)}`,
  namespace: 'shop',
  hostNetwork: false,
  ports: [],
  ...more,
});

function start() {
  const node = new NodeFolder().unified();
  node.group('kubepods');
  const told: ToCapture[] = [];
  const targets = new TargetCaptures({ proc: node.proc, node: node.node, exclude: () => HUB });
  targets.start((message) => told.push(message));
  onTestFinished(() => targets.close());
  const of = (uid: string) => targets.pods.find((one) => one.uid === uid)!;
  const opens = () => told.filter((message) => message.type === 'open');
  return { node, told, targets, of, opens };
}

test('a pod that runs is opened in its network, and what the capture says of it is its state', () => {
  const { node, told, targets, of } = start();
  const pid = node.process();
  node.group(`kubepods/pod${A}/sandbox`, [node.process('node'), pid]);
  targets.want([pod(A)]);
  expect(told).toEqual([
    {
      type: 'open',
      pod: { uid: A, name: 'pod-72', namespace: 'shop' },
      path: `${node.proc}/${pid}/ns/net`,
      inode: node.network(pid),
      exclude: HUB,
    },
  ]);
  expect(of(A).state).toBe('waiting');
  targets.heard({ type: 'opened', uid: A });
  targets.count(new Map([[A, { packets: 3, bytes: 200, dropped: 1 }]]));
  expect(of(A)).toMatchObject({ state: 'captured', packets: 3, bytes: 200, dropped: 1 });
  expect(of(A).reason).toBeUndefined();
  targets.want([pod(A)]);
  expect(told).toHaveLength(1);
  targets.want([]);
  expect(told.at(-1)).toEqual({ type: 'close', uid: A });
  expect(targets.pods).toEqual([]);
});

test('a static pod is found by its kubelet’s UID, and told by that of the API', () => {
  const { node, told, targets, of } = start();
  const staticUid = 'd41d8cd98f00b204e9800998ecf8427e';
  node.group(`kubepods/burstable/pod${staticUid}/sandbox`, [node.process()]);
  targets.want([pod(A, { staticUid })]);
  expect(told).toMatchObject([{ type: 'open', pod: { uid: A } }]);
  targets.heard({ type: 'opened', uid: A });
  expect(of(A).state).toBe('captured');
  targets.want([]);
  expect(told.at(-1)).toEqual({ type: 'close', uid: A });
});

test('the sandbox is opened as it appears, not while it is in the node’s network', async () => {
  const { node, targets, of, opens } = start();
  targets.want([pod(A)]);
  expect(of(A)).toMatchObject({ state: 'waiting', reason: 'the kubelet has not begun with it' });
  node.group(`kubepods/burstable/pod${A}`);
  await expect.poll(() => of(A).reason).toBe('its sandbox is not there yet');
  const pid = node.process('node');
  node.group(`kubepods/burstable/pod${A}/sandbox`, [pid]);
  await expect.poll(() => of(A).reason).toMatch(/still in the node’s network/);
  expect(opens()).toEqual([]);
  // Nobody tells of this.
  node.unshare(pid);
  await expect.poll(() => opens().length).toBe(1);
  expect(opens()[0]).toMatchObject({ path: `${node.proc}/${pid}/ns/net`, inode: node.network(pid) });
});

test('a sandbox that is made again is opened again; one that ends is closed', async () => {
  const { node, told, targets, of, opens } = start();
  const [first, second] = [node.process(), node.process()];
  node.group(`kubepods/pod${A}/one`, [first]);
  targets.want([pod(A)]);
  targets.heard({ type: 'opened', uid: A });
  node.kill(first);
  node.ungroup(`kubepods/pod${A}/one`);
  node.group(`kubepods/pod${A}/two`, [second]);
  await expect.poll(() => opens().length).toBe(2);
  expect(told.map(({ type }) => type)).toEqual(['open', 'close', 'open']);
  expect(opens()[1]).toMatchObject({ inode: node.network(second) });
  targets.heard({ type: 'opened', uid: A });
  expect(of(A).state).toBe('captured');
  node.kill(second);
  node.ungroup(`kubepods/pod${A}/two`);
  await expect.poll(() => of(A)).toMatchObject({ state: 'waiting', reason: 'its processes have ended' });
  expect(told.at(-1)).toEqual({ type: 'close', uid: A });
});

test('containers that join a network that is open change nothing', async () => {
  const { node, told, targets } = start();
  const sandbox = node.process();
  node.group(`kubepods/pod${A}/sandbox`, [sandbox]);
  targets.want([pod(A)]);
  node.group(`kubepods/pod${A}/app`, [node.process(sandbox)]);
  // Docker in the pod, which has containers with networks of their own.
  node.group(`kubepods/pod${A}/app/docker/x`, [node.process()]);
  node.group(`kubepods/pod${B}/x`, [node.process()]);
  targets.want([pod(A), pod(B)]);
  // Time for word of changes.
  await sleep(50);
  expect(told.map((message) => (message.type === 'open' ? message.pod.uid : message.type))).toEqual([A, B]);
});

test('what became of an opening that failed: gone is looked for again, refused says why and is tried again', async () => {
  const { node, targets, of, opens } = start();
  const pid = node.process();
  node.group(`kubepods/pod${A}/x`, [pid]);
  targets.want([pod(A)]);
  targets.heard({ type: 'notOpened', uid: A, reason: 'its process is gone', gone: true });
  expect(of(A)).toMatchObject({ state: 'waiting', reason: 'its process is gone' });
  await expect.poll(() => opens().length).toBe(2);
  const reason = 'no right to enter its network: CAP_SYS_ADMIN is missing (setns: EPERM)';
  targets.heard({ type: 'notOpened', uid: A, reason, gone: false });
  expect(of(A)).toMatchObject({ state: 'failed', reason });
  await expect.poll(() => opens().length, { timeout: 8_000 }).toBe(3);
});

test('pods in the node’s own network are one capture, told again only when they change', () => {
  const { node, told, targets, of } = start();
  const [web, agent] = [pod(A, { hostNetwork: true, ports: [80, 443] }), pod(B, { hostNetwork: true })];
  targets.want([web]);
  const where = { type: 'node', path: `${node.node}/ns/net`, inode: node.network(1), exclude: HUB };
  const named = { uid: A, name: 'pod-72', namespace: 'shop', ports: [80, 443], others: false };
  expect(told).toEqual([{ ...where, pods: [named] }]);
  targets.want([web]);
  expect(told).toHaveLength(1);
  targets.want([web, agent]);
  for (const uid of [A, B]) targets.heard({ type: 'opened', uid });
  expect(of(A).reason).toBeUndefined();
  expect(of(B)).toMatchObject({ state: 'captured', reason: expect.stringContaining('declares no ports') });
  targets.want([]);
  expect(told.slice(2)).toEqual([{ ...where, pods: [] }]);
});

test('a pod in the node’s network that declares no ports has those at which it listens, as soon as it does', async () => {
  const { node, told, targets, of } = start();
  const pid = node.process('node');
  node.group(`kubepods/pod${A}/app`, [pid]);
  node.group(`kubepods/pod${B}/app`, [node.process('node')]);
  targets.want([pod(A, { hostNetwork: true }), pod(B, { hostNetwork: true, ports: [80] })]);
  const portsTold = () =>
    told.flatMap((message) => (message.type === 'node' ? [message.pods.map(({ ports }) => ports)] : []));
  expect(portsTold()).toEqual([[[], [80]]]);
  node.listens(pid, 9_100);
  await expect.poll(() => portsTold().at(-1), { timeout: 8_000 }).toEqual([[9_100], [80]]);
  expect(told.at(-1)).toMatchObject({ pods: [{ others: true }, { others: false }] });
  targets.heard({ type: 'opened', uid: A });
  expect(of(A).reason).toContain('the ports at which it listens (9100) is its own');
});

test('what is said is in the order in which the hub named them', () => {
  const { targets } = start();
  targets.want([pod(A), pod(B)]);
  targets.want([pod(B), pod('c'), pod(A)]);
  expect(targets.pods.map(({ uid }) => uid)).toEqual([B, 'c', A]);
});
