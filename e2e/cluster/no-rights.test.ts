// A node on which the worker may not capture: Coverage says why and what to do, and the other node goes on.
import type { Coverage, CoveredNode, CoveredPod } from '@kubeshark/model';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { kubeshark, until } from '../support/command.ts';
import { scriptPod } from './script-pod.ts';
import { apply, cluster, Deployed, kubectl, noCluster } from './support.ts';

const RELEASE = 'no-rights-kubeshark';
const NAMESPACE = 'no-rights';
const WORKER = 'kubeshark-worker';
const SERVER = "require('node:http').createServer((request, response) => response.end('ok')).listen(8080);";

interface DaemonSet {
  metadata: { labels: Record<string, string> };
  spec: {
    template: {
      metadata: object;
      spec: {
        containers: [{ securityContext: { capabilities: { add: string[] } } }];
        nodeSelector: Record<string, string>;
      };
    };
  };
}

describe.skipIf(noCluster)('a node without rights', () => {
  let deployed: Deployed;
  let weak: string;
  let other: string;
  let worker: DaemonSet;
  const covered = async (which = weak): Promise<{ node: CoveredNode; pod: CoveredPod }> => {
    const { nodes } = await deployed.ask<Coverage>('/coverage');
    const node = nodes.find(({ name }) => name === which)!;
    return { node, pod: node.pods.find(({ namespace }) => namespace === NAMESPACE)! };
  };
  /** The worker of that node alone, without a capability. */
  const workerWithout = (capability: string) => {
    const { metadata, spec } = structuredClone(worker.spec.template);
    const { uid } = JSON.parse(kubectl('-n', RELEASE, 'get', 'configmap', 'kubeshark-config', '-o', 'json'))
      .metadata as { uid: string };
    const owner = { apiVersion: 'v1', kind: 'ConfigMap', name: 'kubeshark-config', uid, controller: true };
    const { capabilities } = spec.containers[0].securityContext;
    capabilities.add = capabilities.add.filter((name) => name !== capability);
    apply([
      {
        apiVersion: 'v1',
        kind: 'Pod',
        // An owner of its own: the DaemonSet would adopt it by its labels, and delete it where it wants none.
        metadata: { ...metadata, name: 'weak', namespace: RELEASE, ownerReferences: [owner] },
        spec: { ...spec, nodeName: weak },
      },
    ]);
  };

  beforeAll(async () => {
    const nodes = kubectl('get', 'nodes', '-o', 'jsonpath={.items[*].metadata.name}').split(' ');
    [other, weak] = [nodes[0]!, nodes[1]!];
    apply([
      { apiVersion: 'v1', kind: 'Namespace', metadata: { name: NAMESPACE } },
      ...nodes.map((node) =>
        scriptPod(cluster(), { name: `on-${node}`, namespace: NAMESPACE, node, script: SERVER }),
      ),
    ]);
    deployed = new Deployed(RELEASE, '-n', NAMESPACE);
    await deployed.page();
    await until('both pods are captured', async () => (await covered()).pod.state === 'captured', 60_000);
    worker = JSON.parse(kubectl('-n', RELEASE, 'get', 'daemonset', WORKER, '-o', 'json')) as DaemonSet;
    const elsewhere = {
      spec: { template: { spec: { nodeSelector: { 'kubernetes.io/hostname': other } } } },
    };
    kubectl('-n', RELEASE, 'patch', 'daemonset', WORKER, '-p', JSON.stringify(elsewhere));
    await until('its worker is gone', async () => (await covered()).node.worker?.connected !== true, 60_000);
    // The change of the template has replaced the other node's worker too.
    kubectl('-n', RELEASE, 'rollout', 'status', 'daemonset', WORKER, '--timeout=60s');
    await until(
      'the other node is captured again',
      async () => (await covered(other)).pod.state === 'captured',
      60_000,
    );
  });
  afterAll(async () => {
    await deployed.interrupt();
    kubectl('delete', 'namespace', NAMESPACE, '--wait=false');
  });

  test('without a worker: why there is none, and what to look at', async () => {
    await expect
      .poll(async () => (await covered()).node)
      .toMatchObject({
        reason: 'No worker pod was placed there.',
        hint: expect.stringContaining('node selector'),
        pods: expect.arrayContaining([
          expect.objectContaining({
            namespace: NAMESPACE,
            state: 'waiting',
            reason: `No worker is connected on ${weak}.`,
          }),
        ]),
      });
  });

  test.each([
    ['NET_RAW', 'no right to open a packet socket: CAP_NET_RAW is missing'],
    ['SYS_ADMIN', 'no right to enter its network: CAP_SYS_ADMIN is missing'],
  ])('a worker without %s says so of each pod; `status` too; the other node goes on', async (capability, reason) => {
    workerWithout(capability);
    try {
      await until('it says why', async () => (await covered()).pod.state === 'failed', 60_000);
      const { node, pod } = await covered();
      expect(pod.reason).toContain(reason);
      expect(pod.hint).toContain('securityContext');
      expect(node.worker?.facts?.capabilities).not.toContain(capability);
      const { stdout } = await kubeshark(
        `status --kubeconfig ${cluster().kubeconfig} --release-namespace ${RELEASE}`.split(' '),
      );
      expect(stdout).toContain(reason);

      expect((await covered(other)).pod.state).toBe('captured');
    } finally {
      kubectl('-n', RELEASE, 'delete', 'pod', 'weak', '--grace-period=1');
    }
  });
});
