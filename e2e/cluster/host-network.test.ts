// A pod in the node's own network that declares no ports: what it serves is known by the ports at which it listens.
import type { Coverage, Page } from '@kubeshark/model';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { until } from '../support/command.ts';
import { apply, cluster, Deployed, kubectl, noCluster } from './support.ts';

const NAMESPACE = 'hostnet';
const PORT = 18_081;
const AGENT = `require('node:http').createServer((_, response) => response.setHeader('connection', 'close').end('well')).listen(${PORT});`;
const CALLER = `setInterval(() => fetch('http://' + process.env.NODE_IP + ':${PORT}/metrics').catch(() => {}), 200);`;

function workload(kind: 'DaemonSet' | 'Deployment', name: string, program: string, hostNetwork: boolean) {
  const labels = { app: name };
  const { registry, tag } = cluster();
  const container = {
    name,
    image: `${registry}/shop:${tag}`,
    imagePullPolicy: 'IfNotPresent',
    command: ['node', '-e', program],
    env: [{ name: 'NODE_IP', valueFrom: { fieldRef: { fieldPath: 'status.hostIP' } } }],
  };
  const spec = { hostNetwork, terminationGracePeriodSeconds: 1, containers: [container] };
  return {
    apiVersion: 'apps/v1',
    kind,
    metadata: { name, namespace: NAMESPACE, labels },
    spec: { selector: { matchLabels: labels }, template: { metadata: { labels }, spec } },
  };
}

describe.skipIf(noCluster)('a pod in the node’s network', () => {
  let deployed: Deployed;

  beforeAll(() => {
    apply([
      { apiVersion: 'v1', kind: 'Namespace', metadata: { name: NAMESPACE } },
      workload('DaemonSet', 'agent', AGENT, true),
      workload('Deployment', 'caller', CALLER, false),
    ]);
    for (const what of ['daemonset/agent', 'deployment/caller'])
      kubectl('-n', NAMESPACE, 'rollout', 'status', what, '--timeout=120s');
    deployed = new Deployed('hostnet-kubeshark', '-n', NAMESPACE);
  }, 240_000);

  afterAll(async () => {
    await deployed.interrupt();
    kubectl('delete', 'namespace', NAMESPACE, '--wait=false', '--ignore-not-found');
  }, 120_000);

  test('calls to it have it as their server, seen at both ends', async () => {
    const calls = 'http && dst.pod.name.startsWith("agent-") && src.workload.name == "caller"';
    const whole = async () => (await deployed.rows(calls)).filter(({ sightings }) => sightings === 2);
    await until('calls', async () => (await whole()).length > 10, 120_000);
    const [row] = await whole();
    expect(row).toMatchObject({
      target: '/metrics',
      dst: { port: PORT, workload: { kind: 'DaemonSet', name: 'agent' } },
    });
  });

  test('each of its connections is one row too, seen at both ends', async () => {
    const filter = encodeURIComponent(`is_flow && dst.port == ${PORT} && state == "closed"`);
    const told = async () => {
      const { rows } = await deployed.ask<Page>(`/entries?flows=true&limit=100&filter=${filter}`);
      // Both are captured from then on. The newest may not be told by the other end yet.
      const both = rows.slice(rows.findIndex(({ sightings }) => sightings === 2));
      return both.filter(({ timestamp }) => timestamp < rows.at(-1)!.timestamp - 3_000_000);
    };
    await until('connections', async () => (await told()).length > 10, 60_000);
    const connections = await told();
    expect(connections.filter(({ sightings }) => sightings !== 2)).toEqual([]);
    for (const { src, dst } of connections)
      expect([src.workload?.name, dst.workload?.name]).toEqual(['caller', 'agent']);
  });

  test('Coverage says by which ports it is known', async () => {
    const { nodes } = await deployed.ask<Coverage>('/coverage');
    const agents = nodes.flatMap(({ pods }) => pods).filter(({ name }) => name.startsWith('agent-'));
    expect(agents).toHaveLength(nodes.length);
    for (const { state, reason } of agents) {
      expect(state).toBe('captured');
      expect(reason).toContain(`at which it listens (${PORT})`);
    }
  });
});
