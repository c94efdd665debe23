// What the API server is asked is no more than docs/cluster.md says: so much at the start, nothing at rest, nothing for pods that come and go.
import { setTimeout as sleep } from 'node:timers/promises';
import type { HubStatus } from '@kubeshark/model';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { until } from '../support/command.ts';
import { scriptPod } from './script-pod.ts';
import { apply, cluster, Deployed, kubectl, noCluster } from './support.ts';

const RELEASE = 'q-kubeshark';
const PODS = 'q-pods';
const REPLICAS = 10;
/** One for each of two workers, three for the user; again when the start takes longer than the minute for which they count. */
const START_REVIEWS = { least: 2 + 3, most: 2 * (2 + 3) };

describe.skipIf(noCluster)('requests to the API server', () => {
  let deployed: Deployed;
  const counted = async () => {
    const { requests, reviews, events, lists } = await deployed.metrics('kubeshark_cluster');
    return { requests: requests!, reviews: reviews!, events: events!, lists: lists! };
  };
  const running = () =>
    kubectl('-n', PODS, 'get', 'pods', '-o', 'jsonpath={.items[*].status.phase}')
      .split(' ')
      .filter((phase) => phase === 'Running').length;

  beforeAll(async () => {
    const { spec } = scriptPod(cluster(), {
      name: 'many',
      namespace: PODS,
    });
    const labels = { app: 'many' };
    apply([
      { apiVersion: 'v1', kind: 'Namespace', metadata: { name: PODS } },
      {
        apiVersion: 'apps/v1',
        kind: 'Deployment',
        metadata: { name: 'many', namespace: PODS },
        spec: {
          replicas: 0,
          selector: { matchLabels: labels },
          template: { metadata: { labels }, spec },
        },
      },
    ]);
    deployed = new Deployed(RELEASE, '-n', PODS);
    await until('both workers are connected', async () => {
      const { cluster } = await deployed.ask<HubStatus>('/status');
      return cluster?.workers === 2;
    });
  });
  afterAll(async () => {
    await deployed.interrupt();
    kubectl('delete', 'namespace', PODS, '--wait=false');
  });

  test('at the start: a list and a watch of each kind, who the workers are and who the user is', async () => {
    await expect.poll(async () => (await counted()).requests).toBe(16);
    const { reviews } = await counted();
    expect(reviews).toBeGreaterThanOrEqual(START_REVIEWS.least);
    expect(reviews).toBeLessThanOrEqual(START_REVIEWS.most);
  });

  test('at rest: nothing', async () => {
    const before = await counted();
    await sleep(15_000);
    expect(await counted()).toMatchObject({ requests: before.requests, reviews: before.reviews });
  });

  test('pods that come and go are told, not asked for', async () => {
    const before = await counted();
    for (const _round of [1, 2]) {
      kubectl('-n', PODS, 'scale', 'deployment', 'many', `--replicas=${REPLICAS}`);
      await until('all run', () => running() === REPLICAS, 120_000);
      kubectl('-n', PODS, 'scale', 'deployment', 'many', '--replicas=0');
      await until('none is left', () => running() === 0, 120_000);
    }
    const after = await counted();
    console.log(`${after.events - before.events} events`);
    expect(after.events - before.events).toBeGreaterThan(100);
    expect(after).toMatchObject({ lists: before.lists, reviews: before.reviews });
    // A watch is taken up anew every five to ten minutes.
    expect(after.requests - before.requests).toBeLessThanOrEqual(8);
  }, 300_000);
});
