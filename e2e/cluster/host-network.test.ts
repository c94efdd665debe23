// Pods in the node's own network that declare no ports: what one serves is known by the ports at which it listens; of one that serves nothing all of the node's own traffic is seen.
import type { Coverage, ListRow, Page } from '@kubeshark/model';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { until } from '../support/command.ts';
import { apply, cluster, Deployed, kubectl, noCluster } from './support.ts';

const NAMESPACE = 'hostnet';
const PORT = 18_081;
const AGENT = `require('node:http').createServer((_, response) => response.setHeader('connection', 'close').end('well')).listen(${PORT});`;
const CALLER = `setInterval(() => fetch('http://' + process.env.NODE_IP + ':${PORT}/metrics').catch(() => {}), 200);`;
/** Asks a Service, by new connections and by kept ones. */
const ASKER = `
  const http = require('node:http');
  const agents = [false, true].map((keepAlive) => new http.Agent({ keepAlive }));
  let number = 0;
  setInterval(() => {
    const path = '/ask/' + process.env.NODE_IP + '/' + number;
    const agent = agents[number++ % 2];
    http.get({ host: process.env.WEB_SERVICE_HOST, port: 80, path, agent }, (answer) => answer.resume()).on('error', () => {});
  }, 100);`;
const WEB = `require('node:http').createServer((_, response) => response.end('here')).listen(8080);`;

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
    spec: {
      selector: { matchLabels: labels },
      ...(kind === 'Deployment' && { replicas: name === 'web' ? 4 : 1 }),
      template: { metadata: { labels }, spec },
    },
  };
}

describe.skipIf(noCluster)('a pod in the node’s network', () => {
  let deployed: Deployed;

  beforeAll(() => {
    apply([
      { apiVersion: 'v1', kind: 'Namespace', metadata: { name: NAMESPACE } },
      workload('DaemonSet', 'agent', AGENT, true),
      workload('Deployment', 'caller', CALLER, false),
      {
        apiVersion: 'v1',
        kind: 'Service',
        metadata: { name: 'web', namespace: NAMESPACE },
        spec: { selector: { app: 'web' }, ports: [{ port: 80, targetPort: 8080 }] },
      },
      workload('Deployment', 'web', WEB, false),
    ]);
    kubectl('-n', NAMESPACE, 'rollout', 'status', 'deployment/web', '--timeout=120s');
    // After the Service, whose address it has from its environment.
    apply([workload('DaemonSet', 'asker', ASKER, true)]);
    for (const what of ['daemonset/agent', 'deployment/caller', 'daemonset/asker'])
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

  test('what one that serves nothing asks of a Service is one row a call, on its node and across nodes', async () => {
    interface Asked {
      node: string;
      number: number;
      row: ListRow;
    }
    // All of the machine's own traffic is seen here: where it is too much, that is told, and what came after is looked at.
    const asked = async () => {
      const filter = encodeURIComponent('http && target.startsWith("/ask/")');
      const { rows, losses } = await deployed.ask<Page>(`/entries?limit=5000&filter=${filter}`);
      const since = Math.max(...losses.map(({ to }) => to), 0) + 1_000_000;
      return rows
        .filter(({ timestamp }) => timestamp > since)
        .map((row): Asked => {
          const [, , node, number] = row.target.split('/');
          return { node: node!, number: Number(number), row };
        });
    };
    const seen = (all: readonly Asked[]) => Map.groupBy(all, ({ node }) => node);
    await until(
      'calls of both nodes',
      async () => {
        const nodes = [...seen(await asked()).values()];
        return nodes.length === 2 && nodes.every(({ length }) => length > 100);
      },
      100_000,
    );
    let [since, last] = [0, Number.POSITIVE_INFINITY];
    for (const calls of seen(await asked()).values()) {
      // Of the oldest one end was not captured yet; the newest are on their way.
      const numbers = calls.map(({ number }) => number).toSorted((a, b) => a - b);
      const whole = numbers.slice(40, -10);
      expect(whole).toEqual(whole.map((_, i) => whole[0]! + i));
      const [from, to] = [whole[0]!, whole.at(-1)!];
      const told = calls.filter(({ number }) => number >= from && number <= to).map(({ row }) => row);
      for (const { sightings, status, dst } of told)
        expect([sightings, status, dst.port, dst.workload?.name]).toEqual([2, '200', 8_080, 'web']);
      since = Math.max(since, told[0]!.timestamp);
      last = Math.min(last, told.at(-1)!.timestamp);
    }
    const halves =
      'http && outcome == "no_request" && (dst.workload.name == "web" || dst.service.name == "web")';
    // Before that, capturing may have begun between a question and its answer.
    const between = ({ timestamp }: ListRow) => timestamp > since && timestamp < last;
    expect((await deployed.rows(halves)).filter(between)).toEqual([]);
  });

  test('deploy says which pods bring the traffic of their nodes, and what to do', () => {
    expect(deployed.running.text).toMatch(
      /! hostnet\/agent-\w+, hostnet\/agent-\w+, hostnet\/asker-\w+ and 1 more are in their nodes’ own network and declare no ports/,
    );
    expect(deployed.running.text).toContain('without it: declare the ports');
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
