// From `deploy` to the calls of a shop on screen: each call one row, both ends named, against what the services themselves wrote; Ctrl-C leaves nothing behind.
import { setTimeout as sleep } from 'node:timers/promises';
import type { Coverage, HubStatus, ListRow } from '@kubeshark/model';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { until } from '../support/command.ts';
import { Deployed, kubectl, mayReadLogs, noCluster, Proxied, Shop, traces } from './support.ts';

const RELEASE = 'd-kubeshark';

describe.skipIf(noCluster)('deploy', () => {
  const shop = new Shop('d');
  let before: string[];
  let deployed: Deployed;

  beforeAll(() => {
    shop.open(10);
    before = traces(RELEASE, shop.shop, shop.data);
    deployed = new Deployed(RELEASE, '-n', shop.shop, '-n', shop.data);
  }, 180_000);
  afterAll(() => {
    shop.close();
  });

  test('the first row is there within a minute of the command', async () => {
    await until('a call', async () => (await deployed.rows('http')).length > 0, 60_000);
    const seconds = (performance.now() - deployed.began) / 1_000;
    console.log(`command to first row: ${seconds.toFixed(1)} s`);
    expect(seconds).toBeLessThan(60);
  });

  test('every target is captured, and the bar says so', async () => {
    const { cluster } = await deployed.ask<HubStatus>('/status');
    expect(cluster).toMatchObject({ nodes: 2, workers: 2, targets: 10, captured: 10 });
    const { nodes } = await deployed.ask<Coverage>('/coverage');
    const pods = nodes.flatMap((node) => node.pods).filter(({ state }) => state !== 'untargeted');
    expect(pods.map(({ state }) => state)).toEqual(Array.from({ length: 10 }, () => 'captured'));
  });

  test('each call that a service answered is one row, with both ends named and seen at both', async () => {
    const from = Date.now() * 1_000;
    const calls = `http && timestamp > timestamp("${new Date().toISOString()}") && dst.workload.name == "frontend" && target.contains("id=")`;
    await until('calls', async () => (await deployed.rows(calls)).length > 60, 180_000);
    kubectl('-n', shop.shop, 'scale', 'deployment', 'load', '--replicas=0');
    const loads = () => kubectl('-n', shop.shop, 'get', 'pods', '-l', 'app=load', '-o', 'name');
    await until('the load has ended', () => loads().trim() === '', 30_000);
    await sleep(3_000);
    const rows = await deployed.rows('http');
    const wanted = new Set(
      rows
        .filter(({ dst, timestamp }) => dst.workload?.name === 'frontend' && timestamp > from)
        .map(({ target }) => idIn(target)),
    );
    wanted.delete('');
    for (const service of ['frontend', 'cart', 'catalog']) {
      const answered = shop.log(service).filter(({ id }) => wanted.has(id));
      expect(answered.length).toBeGreaterThan(50);
      const told = answered.map(({ path, status }) => `${path} ${status}`).toSorted();
      const seen = rows.filter(
        ({ dst, target }) => dst.workload?.name === service && wanted.has(idIn(target)),
      );
      expect(seen.map(({ target, status }) => `${target} ${status}`).toSorted()).toEqual(told);
      expect(seen.filter((row) => !isWhole(row))).toEqual([]);
    }
  }, 240_000);

  test('names are asked of the cluster’s resolver, and protocols that are not read appear as flows', async () => {
    const [question] = (await deployed.rows(`dns && target.startsWith("redis.${shop.data}")`)).slice(-1);
    expect(question).toMatchObject({
      src: { workload: { kind: 'Deployment', name: 'load' } },
      dst: { service: { name: 'kube-dns', namespace: 'kube-system' } },
    });
    for (const [port, workload] of [
      [6379, 'redis'],
      [5432, 'postgres'],
    ] as const) {
      const flows = await deployed.rows(
        `is_flow && dst.port == ${port} && dst.workload.name == "${workload}"`,
      );
      expect(flows.length).toBeGreaterThan(0);
    }
  });

  test('two users with different rights: each sees the namespace whose logs they may read, of the other no trace', async () => {
    const users = [shop.shop, shop.data].map((namespace) => {
      mayReadLogs(namespace);
      return new Proxied(RELEASE, `${namespace}/developer`);
    });
    try {
      const [ofShop, ofData] = users as [Proxied, Proxied];
      expect((await ofShop.rows('http')).length).toBeGreaterThan(50);
      expect(await ofData.rows('http')).toEqual([]);
      expect(await ofData.ask('/count?filter=http')).toMatchObject({ matched: 0 });
      const flows = await ofData.rows('is_flow && dst.port == 6379');
      expect(flows.length).toBeGreaterThan(0);
      for (const [user, mine, theirs] of [
        [ofShop, shop.shop, shop.data],
        [ofData, shop.data, shop.shop],
      ] as const) {
        expect((await user.ask<HubStatus>('/status')).restrictedTo).toEqual([mine]);
        const podsOfOthers = podsIn(theirs);
        const [page, coverage, targets, values, histogram] = await Promise.all(
          [
            '/entries?limit=5000&flows=true',
            '/coverage',
            '/targets',
            '/fields/src.pod.name/values?limit=200',
            '/histogram',
          ].map(async (path) => JSON.stringify(await user.ask(path))),
        );
        for (const pod of podsOfOthers)
          for (const text of [page, coverage, targets, values, histogram]) expect(text).not.toContain(pod);
        for (const text of [coverage, targets]) expect(text).not.toContain(theirs);
      }
      // Neither may change what is captured.
      expect((await ofShop.target({})).status).toBe(403);
    } finally {
      await Promise.all(users.map((user) => user.interrupt()));
      for (const namespace of [shop.shop, shop.data])
        kubectl('-n', namespace, 'delete', 'serviceaccount,role,rolebinding', 'developer');
    }
  });

  test('targets are changed while it runs, and only those that are left are captured', async () => {
    expect((await deployed.target({ namespaces: [shop.shop], pods: '^cart' })).status).toBe(200);
    await until('one target', async () => {
      const { cluster } = await deployed.ask<HubStatus>('/status');
      return cluster?.targets === 1 && cluster.captured === 1;
    });
    const rule = JSON.parse(
      kubectl('-n', RELEASE, 'get', 'configmap', 'kubeshark-targets', '-o', 'jsonpath={.data.rule\\.json}'),
    );
    expect(rule).toMatchObject({ namespaces: [shop.shop], pods: '^cart' });
  });

  test('Ctrl-C ends it cleanly, and the cluster is as it was', async () => {
    expect(await deployed.interrupt()).toBe(0);
    expect(deployed.running.text).toContain('removed: nothing of it is left in the cluster');
    expect(traces(RELEASE, shop.shop, shop.data)).toEqual(before);
  }, 120_000);
});

/** The request's id in a path of the shop. */
function idIn(target: string): string {
  return /(?:id=|\/cart\/)([0-9a-f-]{36})/.exec(target)?.[1] ?? '';
}

function isWhole({ src, dst, sightings }: ListRow): boolean {
  return sightings === 2 && [src, dst].every(({ pod, workload, node }) => pod && workload && node);
}

/** ServiceAccount `developer` of a namespace, which may read its logs. */
function podsIn(namespace: string): string[] {
  return kubectl('-n', namespace, 'get', 'pods', '-o', 'name')
    .trim()
    .split('\n')
    .map((name) => name.slice('pod/'.length));
}
