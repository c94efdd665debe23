/** An empty list names its true reason, the one nearest to the reader first. */
import { expect, test } from 'vitest';
import { testCluster, testStatus, testWorker } from '../status/testing.ts';
import { stepsOf } from './capture-steps.tsx';
import { type Known, type Reason, whyEmpty } from './why-empty.ts';

const searched: Known = {
  connection: { kind: 'connected' },
  status: testStatus(),
  matched: { matched: 0, total: 0, took: 1 },
  searching: null,
  complete: true,
  stopped: false,
  paused: false,
  waiting: 0,
  error: null,
};
const full = { matched: 0, total: 1_000, took: 1 };
const inCluster = (cluster: Parameters<typeof testCluster>[0], restrictedTo: string[] | null = null) => ({
  status: testStatus({ workers: [], restrictedTo, cluster: testCluster(cluster) }),
});
const file = (fraction: number) => [{ name: 'a.pcap', fraction, done: fraction === 1 }];

test.each<[string, Partial<Known>, boolean, Reason]>([
  ['asked just now', { complete: false, matched: null }, false, 'soon'],
  ['no hub', { connection: { kind: 'waiting', next: 0 }, status: null, complete: false }, false, 'hub_away'],
  ['the search failed', { error: { code: 'timeout', message: '' } }, true, 'problem'],
  [
    'a search runs',
    { complete: false, searching: { looked: 1, total: 2, found: 0, reached: null } },
    true,
    'reading',
  ],
  ['the search was stopped', { complete: false, stopped: true }, true, 'stopped'],
  ['a filter that nothing fulfils', { matched: full }, true, 'nothing_matches'],
  ['a filter, and nothing kept at all', {}, true, 'first_entry'],
  ['only flows', { matched: full, status: testStatus({ entries: 9 }) }, false, 'only_flows'],
  ['rows wait for the pause to end', { paused: true, waiting: 3, matched: full }, false, 'paused'],
  ['a file is read', { status: testStatus({ mode: 'file', files: file(0.5) }) }, false, 'file_reading'],
  ['an empty file', { status: testStatus({ mode: 'file', files: file(1) }) }, false, 'file_empty'],
  ['no worker', { status: testStatus({ workers: [] }) }, false, 'no_worker'],
  ['no interface', { status: testStatus({ workers: [testWorker({}, [])] }) }, false, 'not_capturing'],
  ['nothing came', {}, false, 'first_entry'],
  ['nodes without workers', inCluster({ workers: 0, captured: 0 }), false, 'no_worker'],
  ['a rule that selects no pod', inCluster({ targets: 0, captured: 0 }), false, 'no_pod'],
  ['pods that are not captured yet', inCluster({ captured: 0 }), false, 'not_capturing'],
  ['some pods are captured', inCluster({ workers: 1, captured: 1 }), false, 'first_entry'],
  ['a viewer of no namespace', inCluster({ nodes: 0, workers: 0, targets: 0 }, []), false, 'sees_nothing'],
  ['a viewer of one, workers untold', inCluster({}, ['shop']), false, 'first_entry'],
])('%s', (_, known, narrowed, reason) => {
  expect(whyEmpty({ ...searched, ...known }, narrowed)).toBe(reason);
});

test('the way of a packet stops where nothing comes, and what follows is off', () => {
  const states = (status: ReturnType<typeof testStatus>) => stepsOf(status).map((step) => step.state);
  expect(states(testStatus({ workers: [] }))).toEqual(['stop', 'off', 'off', 'off']);
  expect(states(testStatus())).toEqual(['ok', 'ok', 'stop', 'off']);
  expect(states(testStatus({ packetsPerSecond: 10, packetsDropped: 1 }))).toEqual([
    'ok',
    'ok',
    'attention',
    'stop',
  ]);
  expect(states(testStatus({ packetsPerSecond: 10, entries: 5 }))).toEqual(['ok', 'ok', 'ok', 'ok']);
  // Quiet, and not for the first time.
  expect(states(testStatus({ entries: 5 }))).toEqual(['ok', 'ok', 'ok', 'ok']);
});

test('in a cluster the steps are workers, targets, captured pods, packets and entries', () => {
  const steps = (cluster: Parameters<typeof testCluster>[0]) =>
    stepsOf(testStatus({ cluster: testCluster(cluster) })).map(({ state, count, what }) => [
      state,
      count,
      what,
    ]);
  expect(steps({ workers: 1, captured: 2 })).toEqual([
    ['attention', '1 of 2', 'workers connected'],
    ['ok', '3', 'pods targeted'],
    ['attention', '2 of 3', 'pods captured'],
    ['stop', '0/s', 'packets'],
    ['off', '—', 'entries'],
  ]);
  expect(steps({ targets: 0, captured: 0 }).map(([state]) => state)).toEqual([
    'ok',
    'stop',
    'off',
    'off',
    'off',
  ]);
});
