// Coverage says of every node and pod whether it is captured, and if not, or if nothing shows, why; to nobody of a namespace that is not theirs.
import type { PodCapture, WorkerStatus } from '@kubeshark/model';
import { ACCESS_ALL, accessTo, RecordView } from '@kubeshark/model';
import { TargetRule } from '@kubeshark/model/schemas';
import { expect, test } from 'vitest';
import { Boot } from '../ingest/boot.ts';
import { PodActivity } from '../ingest/pod-activity.ts';
import type { WorkerSession } from '../ingest/worker-session.ts';
import { clusterStatus, coverageOf } from './coverage.ts';
import { Targets } from './targets.ts';
import { TestCluster, testNode, testPod } from './testing.ts';

const capture = (name: string, parts: Partial<PodCapture> = {}): PodCapture => ({
  uid: `uid-${name}`,
  state: 'captured',
  since: 5,
  packets: 10,
  bytes: 1_000,
  dropped: 0,
  ...parts,
});

function worker(name: string, pods: PodCapture[], connected = true): Boot {
  const boot = new Boot(`boot-${name}`, name, 'live', [], '1.0', 0);
  boot.session = connected ? ({} as WorkerSession) : null;
  const status: WorkerStatus = { capturing: [], flows: 0, spoolBytes: 0, memoryBytes: 0, counters: {}, pods };
  boot.report(status);
  return boot;
}

function start(view: TestCluster, boots: Boot[], rule: Partial<TargetRule> = {}) {
  const targets = new Targets(TargetRule.parse(rule), view, 'kubeshark', () => {});
  const activity = new PodActivity(10);
  const sources = { view, targets, workers: () => boots, activity, ownNamespace: 'kubeshark' };
  const pods = (access = ACCESS_ALL) =>
    Object.fromEntries(
      [
        ...coverageOf(sources, access).nodes.flatMap((node) => node.pods),
        ...coverageOf(sources, access).unscheduled,
      ].map((pod) => [pod.name, pod]),
    );
  return { sources, activity, pods };
}

const call = (kind: string, protocol: string) => ({ kind, protocol }) as RecordView;

test('each pod has its state and, where nothing shows, the reason', () => {
  const view = new TestCluster().put(
    testPod('calls'),
    testPod('silent'),
    testPod('secret'),
    testPod('crashes', { reason: 'CrashLoopBackOff: back-off 5m0s' }),
    testPod('refused'),
    testPod('partly'),
    testPod('starts', { phase: 'Pending', reason: 'ImagePullBackOff' }),
    testPod('alone', { node: 'node-2' }),
    testPod('nowhere', { node: '', reason: 'Insufficient cpu' }),
    testPod('other', { namespace: 'data' }),
    testPod('hub', { namespace: 'kubeshark' }),
    testPod('over', { phase: 'Succeeded' }),
  );
  const { pods, activity } = start(
    view,
    [
      worker('node-1', [
        capture('calls', { dropped: 2 }),
        capture('silent', { packets: 0 }),
        capture('secret'),
        capture('crashes'),
        capture('partly', { reason: 'eth1 cannot be captured' }),
        capture('refused', { state: 'failed', reason: 'CAP_SYS_ADMIN is missing' }),
      ]),
    ],
    { namespaces: ['shop'] },
  );
  activity.seen('uid-calls', call('call', 'dns'));
  activity.seen('uid-calls', call('call', 'http'));
  activity.seen('uid-calls', call('call', 'http'));
  activity.seen('uid-secret', call('flow', 'tcp'));
  const told = pods();
  expect(Object.entries(told).map(([name, { state, reason }]) => [name, state, reason ?? ''])).toEqual(
    [
      ['other', 'untargeted', 'The target rule does not select it.'],
      ['calls', 'captured', ''],
      ['partly', 'captured', 'eth1 cannot be captured'],
      ['refused', 'failed', 'CAP_SYS_ADMIN is missing'],
      ['secret', 'captured', 'Packets passed, no call was recognised in them.'],
      ['crashes', 'captured', 'Not all of it runs: CrashLoopBackOff: back-off 5m0s'],
      ['silent', 'captured', 'No packet has passed since it is captured.'],
      ['starts', 'waiting', 'It does not run yet: ImagePullBackOff'],
      ['hub', 'untargeted', 'It is in the namespace of kubeshark itself, which is never captured.'],
      ['alone', 'waiting', 'No worker is connected on node-2.'],
      ['nowhere', 'waiting', 'It waits for a node: Insufficient cpu'],
    ].toSorted((a, b) => Object.keys(told).indexOf(a[0]!) - Object.keys(told).indexOf(b[0]!)),
  );
  expect(told['calls']).toMatchObject({
    since: 5,
    packets: 10,
    dropped: 2,
    entries: 3,
    protocols: ['http', 'dns'],
  });
  expect(told['refused']?.hint).toContain('securityContext');
  expect(told['secret']).toMatchObject({ entries: 0, protocols: ['tcp'] });
});

test('a node without a worker says what is wrong with the worker’s pod', () => {
  const label = { 'app.kubernetes.io/component': 'worker' };
  const view = new TestCluster().put(
    testPod('a', { node: 'node-1' }),
    testPod('kubeshark-worker-x', {
      node: 'node-1',
      namespace: 'kubeshark',
      labels: label,
      reason: 'ErrImagePull',
    }),
    testPod('b', { node: 'node-2' }),
    testPod('c', { node: 'node-3' }),
    testPod('kubeshark-worker-z', { node: 'node-3', namespace: 'kubeshark', labels: label }),
  );
  view.nodes.set('windows', testNode('windows', { linux: false }));
  const { sources } = start(view, [worker('node-3', [], false)]);
  const { nodes } = coverageOf(sources, ACCESS_ALL);
  expect(nodes.map(({ name, worker, reason }) => [name, worker?.connected ?? null, reason])).toEqual([
    ['node-1', null, 'Its worker is not connected: pod kubeshark-worker-x is ErrImagePull.'],
    ['node-2', null, 'No worker pod was placed there.'],
    ['node-3', false, 'Its worker has lost the connection; it tries again by itself.'],
    ['windows', null, 'It does not run Linux: nothing can be captured there.'],
  ]);
});

test('the bar counts nodes that should have a worker, and targets that are captured by one that is connected', () => {
  const view = new TestCluster().put(
    testPod('a'),
    testPod('b'),
    testPod('c', { node: 'node-2' }),
    testPod('d', { node: '' }),
  );
  view.nodes.set('windows', testNode('windows', { linux: false }));
  view.problem = 'the API server is away';
  const boots = [
    worker('node-1', [capture('a'), capture('b', { state: 'waiting' })]),
    worker('node-2', [capture('c')], false),
  ];
  expect(clusterStatus(start(view, boots).sources, ACCESS_ALL)).toMatchObject({
    nodes: 2,
    workers: 1,
    targets: 4,
    captured: 1,
    problem: 'the API server is away',
  });
});

test('who sees one namespace is told of its pods and their nodes, without the figures of others', () => {
  const view = new TestCluster().put(
    testPod('mine'),
    testPod('theirs', { namespace: 'data' }),
    testPod('elsewhere', { namespace: 'data', node: 'node-2' }),
  );
  const { sources } = start(view, [
    worker('node-1', [capture('mine'), capture('theirs')]),
    worker('node-2', []),
  ]);
  view.problem = 'pods is forbidden: User "hub" cannot list resource "pods" in the namespace "data"';
  const told = [coverageOf(sources, accessTo('shop')), clusterStatus(sources, accessTo('shop'))] as const;
  expect(told[0].nodes.map(({ name, pods }) => [name, pods.map((pod) => pod.name)])).toEqual([
    ['node-1', ['mine']],
  ]);
  expect(told[0].nodes[0]!.worker).not.toHaveProperty('load');
  expect(told[1]).toMatchObject({
    nodes: 1,
    workers: 1,
    targets: 1,
    captured: 1,
    problem: 'the API server does not tell the hub everything; who sees all namespaces reads more',
  });
  expect(JSON.stringify(told)).not.toMatch(/theirs|elsewhere|node-2|data/);
  expect(coverageOf(sources, ACCESS_ALL).nodes[0]!.worker?.load?.packets).toBe(0);
});

test('a hub that may not see nodes counts those of its pods', () => {
  const view = new TestCluster().put(
    testPod('a'),
    testPod('b', { node: 'node-2' }),
    testPod('waits', { node: '' }),
    testPod('theirs', { namespace: 'data', node: 'node-3' }),
  );
  view.nodes.clear();
  const { sources } = start(view, [worker('node-1', [capture('a')])]);
  expect(clusterStatus(sources, accessTo('shop'))).toMatchObject({
    nodes: 2,
    workers: 1,
    targets: 3,
    captured: 1,
  });
});
