// Every limit at which something is left out is a series of /metrics from the start; those that bite are counted, of workers too.
import { LIMIT_NOTES, LIMITS } from '@kubeshark/model';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { WebSocket } from 'ws';
import { HUB_LIMIT_NOTES } from './limit-notes.ts';
import type { TestHub } from './testing.ts';
import { call, newHub, QUICK, TestPage, TestWorker, USER, WORKER } from './testing.ts';

let hub: TestHub;
/** What the process had counted before: expanding a record counts for all of it. */
let before: Record<string, number>;
beforeEach(async () => {
  hub = await newHub(
    {},
    { ...QUICK, dnsNames: 1, helloMs: 200, losses: 1, viewerMessageBytes: 5_000, callKeys: 4 },
  );
  before = await caps();
});
afterEach(async () => {
  await hub.end();
});

const SERIES = /^kubeshark_cap_total\{limit="(\w+)"\} (\d+)$/gm;

async function caps(): Promise<Record<string, number>> {
  const text = await (await hub.get('/metrics')).text();
  return Object.fromEntries(Array.from(text.matchAll(SERIES), ([, name, n]) => [name!, Number(n)]));
}

async function bitten(): Promise<Record<string, number>> {
  return Object.fromEntries(
    Object.entries(await caps())
      .map(([name, n]) => [name, n - before[name]!] as const)
      .filter(([, n]) => n > 0),
  );
}

test('each limit has its series, and periods have none', async () => {
  const counted = Object.entries({ ...LIMIT_NOTES, ...HUB_LIMIT_NOTES }).filter(
    ([, { seen }]) => seen !== null,
  );
  expect(Object.keys(await caps()).toSorted()).toEqual(counted.map(([name]) => name).toSorted());
  expect(await bitten()).toEqual({});
  expect(await (await hub.get('/metrics')).text()).not.toMatch(/name="cap_/);
});

test('what workers count is among them, by the names of limits only', async () => {
  const worker = new TestWorker('capsbootid');
  await worker.connect(hub.url);
  const counters = { cap_bodyBytes: 3, cap_fromLater: 5, gaps: 2, cap_heldBytes: -7 };
  worker.tell({
    type: 'status',
    status: { capturing: [], flows: 0, spoolBytes: 0, memoryBytes: 0, counters },
  });
  await expect.poll(bitten).toEqual({ bodyBytes: 3 });
  expect(await (await hub.get('/metrics')).text()).toContain('kubeshark_worker{name="gaps"} 2');
  worker.close();
});

test('filters that are refused, over REST and of lists', async () => {
  const ask = async (filter: string) =>
    (await hub.get(`/api/v1/count?filter=${encodeURIComponent(filter)}`)).status;
  expect(await ask(`path.matches("${'(ab{9}){9}'.repeat(100)}")`)).toBe(400);
  expect(await ask(`${'!('.repeat(LIMITS.filterDepth + 1)}http${')'.repeat(LIMITS.filterDepth + 1)}`)).toBe(
    400,
  );
  const page = new TestPage(hub.url);
  await page.subscribe(`${'!('.repeat(LIMITS.filterDepth + 1)}http${')'.repeat(LIMITS.filterDepth + 1)}`);
  await page.hears('error');
  expect(await ask('no_such_field == 1')).toBe(400);
  expect(await bitten()).toEqual({ filterPattern: 1, filterDepth: 2 });
  page.close();
});

test('connections that say nothing, or too much', async () => {
  const silent = new WebSocket(`${hub.url.replace('http', 'ws')}/worker`, {
    headers: { authorization: `Bearer ${WORKER}` },
  });
  await new Promise((resolve) => silent.once('close', resolve));
  const loud = new WebSocket(`${hub.url.replace('http', 'ws')}/api/v1/live`, {
    headers: { authorization: `Bearer ${USER}` },
  });
  await new Promise((resolve) => loud.once('open', resolve));
  loud.send('x'.repeat(5_001));
  await new Promise((resolve) => loud.once('close', resolve));
  expect(await bitten()).toEqual({ helloMs: 1, viewerMessageBytes: 1 });
});

test('losses that are joined, and keys that are forgotten before their time', async () => {
  const worker = new TestWorker('capsbootid');
  await worker.connect(hub.url);
  const keyed = (index: number) => {
    const record = call(`/${index}`, { index });
    record.writeUInt32LE(index, 112);
    return record;
  };
  const lost = [1, 9].map((from) => ({
    from: from * 1e9,
    to: from * 1e9,
    worker: 'node-1',
    place: 'eth0',
    cause: 'ring_full' as const,
    count: 1,
  }));
  await worker.store({ records: [1, 2, 3, 4].map(keyed), losses: lost });
  expect(await bitten()).toEqual({});
  await worker.store({ records: [5, 6].map(keyed) });
  await hub.get('/api/v1/histogram?from=0');
  expect(await bitten()).toEqual({ callKeys: 2, losses: 1 });
  worker.close();
});
