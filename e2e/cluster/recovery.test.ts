// What breaks in a cluster mends by itself: pods that come and go, a hub and workers that are killed; nothing that was acknowledged is lost.
import { setTimeout as sleep } from 'node:timers/promises';
import type { Coverage, HubStatus } from '@kubeshark/model';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { testToken } from '../../packages/hub/src/cluster/testing-api.ts';
import { TestPage } from '../../packages/hub/src/testing.ts';
import { until } from '../support/command.ts';
import { isOwn, killApiServer, startWhatIsDown } from './own-cluster.ts';
import { Deployed, kubectl, noCluster, Shop } from './support.ts';

const RELEASE = 'r-kubeshark';
/** For how long the API server is away. */
const AWAY_MS = 20_000;
/** Calls that may be under way at once. */
const EDGE = 5;

describe.skipIf(noCluster)('recovery', () => {
  const shop = new Shop('r');
  let deployed: Deployed;

  const captured = async () => {
    const { cluster } = await deployed.ask<HubStatus>('/status');
    return (
      cluster !== null && cluster.workers === 2 && cluster.captured === cluster.targets && cluster.targets > 0
    );
  };
  const timed = async (what: string, condition: () => Promise<boolean>) => {
    const began = performance.now();
    await until(what, () => condition().catch(() => false), 120_000);
    console.log(`${what}: ${((performance.now() - began) / 1_000).toFixed(1)} s`);
  };
  const callsSince = async (micros: number) =>
    (await deployed.rows('http && dst.workload.name == "frontend" && target.contains("id=")')).filter(
      ({ timestamp }) => timestamp > micros,
    );

  beforeAll(async () => {
    shop.open(5);
    deployed = new Deployed(RELEASE, '-n', shop.shop, '-n', shop.data, '--set', 'hub.storage.size=');
    await deployed.page();
    await until('captured', captured, 60_000);
  }, 240_000);
  afterAll(async () => {
    await deployed.interrupt();
    shop.close();
  });

  test('the first request of a new pod is seen, at its own end too', async () => {
    const from = Date.now() * 1_000;
    kubectl('-n', shop.shop, 'rollout', 'restart', 'deployment', 'cart');
    kubectl('-n', shop.shop, 'rollout', 'status', 'deployment', 'cart', '--timeout=60s');
    const [pod] = podsOf(shop.shop, 'app=cart');
    // Its first words are the kubelet's: is it ready?
    const atIt = `http && dst.pod.name == "${pod!.metadata.name}" && path == "/healthz"`;
    await timed('first request of a new pod seen', async () => (await deployed.rows(atIt)).length > 0);
    const [first] = await deployed.rows(atIt);
    expect(first!.timestamp).toBeGreaterThan(from);
    // It became ready by this very answer: none was before it. Kubernetes tells whole seconds.
    const ready = pod!.status.conditions.find(({ type }) => type === 'Ready')!.lastTransitionTime;
    expect(first!.timestamp / 1_000).toBeLessThan(Date.parse(ready) + 1_000);
  });

  test('a pod that is gone is no target any more, and its place is not captured', async () => {
    kubectl('-n', shop.shop, 'scale', 'deployment', 'catalog', '--replicas=1');
    const catalogs = async () => {
      const { nodes } = await deployed.ask<Coverage>('/coverage');
      const pods = nodes.flatMap((node) => node.pods).filter((pod) => pod.name.startsWith('catalog'));
      return pods.map(({ state }) => state);
    };
    await timed('one pod fewer', async () => (await catalogs()).length === 1);
    expect(await catalogs()).toEqual(['captured']);
    kubectl('-n', shop.shop, 'scale', 'deployment', 'catalog', '--replicas=2');
    await timed('a further pod captured', async () => (await catalogs()).length === 2 && (await captured()));
    expect(await catalogs()).toEqual(['captured', 'captured']);
  });

  test('a worker that is killed comes back, and calls go on', async () => {
    const killedAt = Date.now() * 1_000;
    const [worker] = podsOf(RELEASE, 'app.kubernetes.io/component=worker');
    kubectl('-n', RELEASE, 'delete', 'pod', worker!.metadata.name, '--grace-period=0', '--force');
    await timed('captured again after a worker was killed', async () => {
      const { nodes } = await deployed.ask<Coverage>('/coverage');
      const back = nodes.some((node) => node.worker?.connected === true && node.worker.since > killedAt);
      return back && (await captured());
    });
    const from = Date.now() * 1_000;
    await timed('calls after that', async () => (await callsSince(from)).length > 10);
    expect(await captured()).toBe(true);
  });

  test.skipIf(!isOwn)(
    'without an API server rows go on and keep their names, users stay; then it is followed again',
    async () => {
      const token = (await deployed.page()).hash.slice('#token='.length);
      const [hub] = podsOf(RELEASE, 'app.kubernetes.io/component=hub');
      // The way by the port-forward leads through the API server.
      const url = `http://${hub!.status.podIP}:8899`;
      const status = (token: string) =>
        fetch(`${url}/api/v1/status`, { headers: { authorization: `Bearer ${token}` } });
      const problem = async () => ((await (await status(token)).json()) as HubStatus).cluster?.problem;
      const page = new TestPage(url, token);
      try {
        await page.subscribe('http && dst.workload.name == "frontend" && target.contains("id=")');
        await page.hears('rows');
        expect(await problem()).toBeUndefined();
        killApiServer();
        const killedAt = Date.now() * 1_000;
        await timed('the hub says that it is away', async () => /API server/.test((await problem()) ?? ''));
        const refused = await status(testToken('nobody'));
        expect([refused.status, await refused.text()]).toEqual([503, expect.stringContaining('API server')]);
        await sleep(AWAY_MS);
        expect((await status(token)).status).toBe(200);
        const rows = page.list.filter(({ timestamp }) => timestamp > killedAt);
        expect(rows.length).toBeGreaterThan(AWAY_MS / 1_000);
        const named = rows.filter(({ src, dst }) => [src, dst].every(({ pod, workload }) => pod && workload));
        expect(named).toHaveLength(rows.length);

        startWhatIsDown();
        await timed('the hub follows the cluster again', async () => (await problem()) === undefined);
        const from = Date.now() * 1_000;
        await timed('the way from outside is there again', async () => (await callsSince(from)).length > 5);
        kubectl('-n', shop.shop, 'scale', 'deployment', 'catalog', '--replicas=3');
        // Its own controllers take their time to see that it is there again.
        await timed(
          'a further pod runs',
          async () => podsOf(shop.shop, 'app=catalog').filter(isRunning).length === 3,
        );
        await timed('a pod made after that is captured', async () => {
          const { cluster } = await deployed.ask<HubStatus>('/status');
          return cluster?.targets === 11 && cluster.captured === 11;
        });
        kubectl('-n', shop.shop, 'scale', 'deployment', 'catalog', '--replicas=2');
        expect(page.socket.readyState).toBe(page.socket.OPEN);
      } finally {
        page.close();
        startWhatIsDown();
      }
    },
    240_000,
  );

  test('a hub that is killed comes back with what it had acknowledged, and what came meanwhile', async () => {
    const from = Date.now() * 1_000;
    await until('calls', async () => (await callsSince(from)).length > 20, 120_000);
    const before = (await callsSince(from)).map(({ id }) => id);
    // The container is started anew in the same pod: its volume stays.
    const [hub] = podsOf(RELEASE, 'app.kubernetes.io/component=hub');
    expect(() =>
      kubectl(
        '-n',
        RELEASE,
        'exec',
        hub!.metadata.name,
        '--',
        '/kubeshark/bin/node',
        '-e',
        'process.kill(1, "SIGKILL"); process.kill(1, "SIGTERM")',
      ),
    ).not.toThrow();
    const killedAt = Date.now() * 1_000;
    await sleep(500);
    await timed('captured again after the hub ended', captured);
    await sleep(4_000);
    const after = new Set((await callsSince(from)).map(({ id }) => id));
    expect(before.filter((id) => !after.has(id))).toEqual([]);
    const gap = (await callsSince(killedAt)).length;
    expect(gap).toBeGreaterThan(0);
    kubectl('-n', shop.shop, 'scale', 'deployment', 'load', '--replicas=0');
    const loads = () => kubectl('-n', shop.shop, 'get', 'pods', '-l', 'app=load', '-o', 'name');
    await until('the load has ended', () => loads().trim() === '', 30_000);
    await sleep(3_000);
    const rows = await callsSince(from);
    const ids = new Set(rows.map(({ target }) => target));
    const answered = shop.log('frontend').filter(({ path }) => ids.has(path));
    expect(rows.map(({ target }) => target).toSorted()).toEqual(answered.map(({ path }) => path).toSorted());
    // Of what each pod answered from the first row on, while the hub was away too, nothing is missing.
    let whole = 0;
    for (const answers of shop.logs('frontend')) {
      const seen = answers.map(({ path }) => ids.has(path));
      const first = seen.indexOf(true);
      if (first < 0) continue;
      // Calls end in another order than they begin: at the edge one may have begun before.
      expect(seen.slice(first + EDGE).filter((one) => !one)).toEqual([]);
      whole += seen.length - first;
    }
    expect(whole).toBeGreaterThan(20);
  }, 240_000);
});

interface PodStatus {
  metadata: { name: string; deletionTimestamp?: string };
  status: { phase: string; podIP: string; conditions: { type: string; lastTransitionTime: string }[] };
}

/** Those that are not on their way out. */
function podsOf(namespace: string, selector: string): PodStatus[] {
  const { items } = JSON.parse(kubectl('-n', namespace, 'get', 'pods', '-l', selector, '-o', 'json')) as {
    items: PodStatus[];
  };
  return items.filter(({ metadata }) => metadata.deletionTimestamp === undefined);
}

function isRunning({ status }: PodStatus): boolean {
  return status.phase === 'Running';
}
