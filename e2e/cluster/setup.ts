/** Before the tests of a cluster: which one they have. */
import type { TestProject } from 'vitest/node';
import type { ClusterUnderTest } from './under-test.ts';
import { clusterUnderTest } from './under-test.ts';

declare module 'vitest' {
  interface ProvidedContext {
    /** null: there is none; the tests are skipped. */
    cluster: ClusterUnderTest | null;
  }
}

export default async function setup(project: TestProject): Promise<void> {
  const cluster = await clusterUnderTest();
  if (cluster === null) console.log('No cluster: set TEST_KUBECONFIG. Its tests are skipped.');
  project.provide('cluster', cluster);
}
