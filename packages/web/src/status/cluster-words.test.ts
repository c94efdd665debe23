/** What is wrong in the cluster is said in one sentence each. */
import { expect, test } from 'vitest';
import { clusterProblems } from './cluster-words.ts';
import { testCluster } from './testing.ts';

test.each([
  [{}, []],
  [{ workers: 1 }, ['1 of 2 nodes has no worker.']],
  [{ captured: 1 }, ['2 of 3 pods are not captured.']],
  [{ targets: 0, captured: 0 }, ['The target rule selects no pod.']],
  [{ problem: 'it is away' }, ['What is known of the cluster may be old: it is away']],
])('%j: %j', (cluster, problems) => {
  expect(clusterProblems(testCluster(cluster))).toEqual(problems);
});
