// Calls through sidecars on a real cluster: each is one row of three legs, against what the caller wrote; who may see one end sees its legs only.
import { setTimeout as sleep } from 'node:timers/promises';
import type { ListRow } from '@kubeshark/model';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { until } from '../support/command.ts';
import { meshObjects } from './mesh/objects.ts';
import type { Answered } from './support.ts';
import { apply, cluster, Deployed, kubectl, mayReadLogs, noCluster, Proxied } from './support.ts';

const RELEASE = 'mesh-kubeshark';
const FRONT = 'mesh-front';
const BACK = 'mesh-back';
const ENOUGH = 60;

describe.skipIf(noCluster)('sidecars', () => {
  let deployed: Deployed;
  /** What the caller wrote of calls that were made while both pods were captured. */
  let answered: string[];
  let redirected: string[];

  beforeAll(async () => {
    const { registry, tag } = cluster();
    apply(meshObjects({ image: `${registry}/shop:${tag}`, front: FRONT, back: BACK }));
    for (const namespace of [BACK, FRONT])
      kubectl('-n', namespace, 'rollout', 'status', 'deployment', '--timeout=120s');
    deployed = new Deployed(RELEASE, '-n', FRONT, '-n', BACK);
    const whole = async () =>
      (await deployed.rows('legs == 3 && !target.contains("redirected")')).length > ENOUGH &&
      (await deployed.rows('legs == 3 && target.contains("redirected")')).length > ENOUGH;
    await until('calls through both sidecars', whole, 180_000);
    const [log, other] = ['front', 'redirected'].map((name) =>
      kubectl('-n', FRONT, 'logs', `deployment/${name}`, '-c', 'app'),
    ) as [string, string];
    kubectl('-n', FRONT, 'scale', 'deployment', 'front', 'redirected', '--replicas=0');
    const left = () => kubectl('-n', FRONT, 'get', 'pods', '-o', 'name').trim();
    await until('the caller has ended', () => left() === '', 60_000);
    await sleep(3_000);
    const last = (text: string) =>
      text
        .trim()
        .split('\n')
        .slice(-ENOUGH)
        .map((line) => JSON.parse(line) as Answered)
        .map(({ path, status }) => `${path} ${status}`);
    answered = last(log);
    redirected = last(other);
  }, 300_000);

  afterAll(async () => {
    await deployed.interrupt();
    kubectl('delete', 'namespace', FRONT, BACK, '--wait=false', '--ignore-not-found');
  }, 120_000);

  const said = ({ target, status }: ListRow) => `${target} ${status}`;
  const ofThem = (rows: readonly ListRow[], which = answered) =>
    rows.filter((row) => which.includes(said(row)));
  const way = ({ src, dst, legs }: ListRow) =>
    `${src.workload?.name ?? '?'} > ${dst.workload?.name ?? '?'}, ${legs?.outer} around, ${legs?.inner} within`;
  const ways = (rows: readonly ListRow[]) => [...new Set(ofThem(rows).map(way))].toSorted();

  test('each call is one row from the caller to the server, with three legs; two calls with one id are two rows', async () => {
    const rows = await deployed.rows('http');
    expect(ofThem(rows).map(said).toSorted()).toEqual(answered.toSorted());
    expect(ways(rows)).toEqual(['front > back, 0 around, 2 within']);
    const [row] = ofThem(rows);
    const legs = await deployed.rows(`call == "${row!.legs!.call}"`);
    expect(legs.map(way).toSorted()).toEqual([
      'back > back, 2 around, 0 within',
      'front > back, 0 around, 2 within',
      'front > back, 1 around, 1 within',
    ]);
  });

  test('calls that are redirected to the sidecar, without an id, are one row each too, to the service that was asked for', async () => {
    const rows = ofThem(await deployed.rows('http'), redirected);
    expect(rows.map(said).toSorted()).toEqual(redirected.toSorted());
    expect([...new Set(rows.map(way))]).toEqual(['redirected > back, 0 around, 2 within']);
    expect([...new Set(rows.map(({ dst }) => `${dst.service?.name} ${dst.port}`))]).toEqual(['back 80']);
  });

  test('a filter that names them lists the inner legs', async () => {
    const inner = ofThem(await deployed.rows('http && is_leg'));
    expect(inner).toHaveLength(2 * ENOUGH);
  });

  test('who may see the server’s namespace only has one row a call too, and no trace of the caller', async () => {
    mayReadLogs(BACK);
    const user = new Proxied(RELEASE, `${BACK}/developer`);
    try {
      const rows = await user.rows('http');
      expect(ofThem(rows).map(said).toSorted()).toEqual(answered.toSorted());
      expect(ways(rows)).toEqual(['? > back, 0 around, 1 within']);
      expect(JSON.stringify(rows)).not.toMatch(/front/);
    } finally {
      await user.interrupt();
    }
  });
});
