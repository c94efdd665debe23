/** Coverage finds pods by what stands in their rows. */
import { expect, test } from 'vitest';
import { podFilter } from './pod-filter.ts';
import { countStandings, isAsked, nodeIsFine, type Show } from './standing.ts';
import { coveredNode, coveredPod } from './testing.ts';

const failed = coveredPod('web', { state: 'failed', reason: 'Its worker lacks SYS_PTRACE.' });
const silent = coveredPod('pg-0', { namespace: 'data', entries: 0 });
const dropping = coveredPod('cart', { dropped: 2, workload: { kind: 'Deployment', name: 'basket' } });
const pods = [failed, silent, dropping, coveredPod('other', { state: 'untargeted' })];

test.each<[Show, string, string[]]>([
  ['all', '', ['web', 'pg-0', 'cart', 'other']],
  ['not_captured', '', ['web']],
  ['silent', '', ['pg-0']],
  ['dropping', '', ['cart']],
  ['all', 'ptrace', ['web']],
  ['all', ' DATA ', ['pg-0']],
  ['all', 'basket', ['cart']],
  ['all', 'node-1', ['web', 'pg-0', 'cart', 'other']],
  ['silent', 'web', []],
])('%s, %j: %j', (show, text, expected) => {
  expect(pods.filter((pod) => isAsked(pod, 'node-1', { show, text })).map(({ name }) => name)).toEqual(
    expected,
  );
});

test('pods are counted by how they stand', () => {
  expect(countStandings(pods)).toEqual({ not_captured: 1, silent: 1, dropping: 1, fine: 0, untargeted: 1 });
});

test('a node is fine when its worker is connected and all its targets are captured', () => {
  expect(nodeIsFine(coveredNode('a', [silent]))).toBe(true);
  expect(nodeIsFine(coveredNode('a', [failed]))).toBe(false);
  expect(nodeIsFine(coveredNode('a', [], { worker: null }))).toBe(false);
});

test('the filter of a pod asks for the namespace where another pod has the same name', () => {
  expect(podFilter(silent, false)).toBe('src.pod.name == "pg-0" || dst.pod.name == "pg-0"');
  expect(podFilter(silent, true)).toBe(
    '(src.pod.name == "pg-0" && src.namespace == "data") || (dst.pod.name == "pg-0" && dst.namespace == "data")',
  );
});
