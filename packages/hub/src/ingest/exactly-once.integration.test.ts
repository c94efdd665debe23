// Every record is stored once, none twice and none lost: cut connections, killed stores, a hub that is gone, and its successor.
import { setTimeout as sleep } from 'node:timers/promises';
import { expect, test } from 'vitest';
import { random, T0 } from '../store/testing.ts';
import type { CallParts } from './testing.ts';
import { CLIENT_PLACE, call } from './testing.ts';
import { IngestHub, worker } from './testing-hub.ts';

/** Looked at often, and patient with a busy machine. */
const SOON = { timeout: 15_000, interval: 5 };

const BATCHES = 30;
const RECORDS = 20;

/** The records of batch `n` of a worker; every fifth call stays open and is closed by the batch after the next. */
function told(boot: string, n: number): { records: Buffer; ids: string[] } {
  const one = (flow: number, index: number, parts: CallParts) => {
    // No two workers see the same call.
    const key = Number.parseInt(boot.slice(-1), 36) * 1_000_000 + flow * 1_000 + index;
    return call({ flow, index, requestSeq: key, hash: key, timestamp: T0 + key, ...parts });
  };
  const records: Buffer[] = [];
  const ids: string[] = [];
  for (let i = 1; i <= RECORDS; i++) {
    const long = i % 5 === 0;
    records.push(one(n, i, long ? { state: 'open' } : {}));
    if (long && n > 2) records.push(one(n - 2, i, { revision: 1 }));
    ids.push(`${boot}.${n.toString(36)}.${i.toString(36)}`);
  }
  return { records: Buffer.concat(records), ids };
}

test('workers send through cut connections, killed stores and a hub that is gone', async () => {
  let hub = await IngestHub.start();
  const { folder, port } = hub;
  const below = random(11);
  const boots = ['workerboot1', 'workerboot2', 'workerboot3'];
  const workers = boots.map((boot, i) => worker(port, boot, { place: { ...CLIENT_PLACE, worker: `w${i}` } }));
  const sent: string[] = [];
  const speak = (async () => {
    for (let n = 1; n <= BATCHES; n++) {
      for (const [i, boot] of boots.entries()) {
        const { records, ids } = told(boot, n);
        workers[i]!.spool.add(records, [CLIENT_PLACE]);
        workers[i]!.link.pump();
        sent.push(...ids);
      }
      await sleep(15 + below(30));
    }
  })();
  await sleep(150);
  hub.cut();
  await sleep(150);
  hub.killStore();
  await sleep(250);
  hub.cut();
  await hub.crash();
  hub = await IngestHub.start({ folder, port });
  await sleep(100);
  hub.killStore();
  await speak;
  await expect.poll(() => workers.every(({ spool }) => spool.empty), SOON).toBe(true);

  const ids = await hub.ids();
  expect(ids.toSorted()).toEqual(sent.toSorted());
  expect(new Set(ids).size).toBe(boots.length * BATCHES * RECORDS);
  for (const boot of boots) expect(await hub.store.acknowledged(boot)).toBeGreaterThan(0);
  // Only the last two batches have calls that nobody closed.
  expect(hub.store.status().counters['open']).toBe(boots.length * 2 * (RECORDS / 5));
}, 40_000);

test('a loss is stored once and found for its time, whatever happens to the connection', async () => {
  const hub = await IngestHub.start();
  const { spool, link } = worker(hub.port, 'workerboot1', { spoolBytes: 8_000 });
  for (let i = 1; i <= 60; i++)
    spool.add(
      call({
        flow: i,
        requestSeq: i,
        hash: i,
        timestamp: T0 + i * 1_000_000,
        sections: { responseBody: 'b'.repeat(500) },
      }),
      [CLIENT_PLACE],
    );
  link.pump();
  await sleep(20);
  hub.cut();
  await expect.poll(() => spool.empty, SOON).toBe(true);
  const losses = await hub.losses(T0, T0 + 61_000_000);
  expect(losses.map(({ cause }) => cause).toSorted()).toEqual(['bodies_left_out', 'sampled', 'spool_full']);
  const count = (cause: string) => losses.find((loss) => loss.cause === cause)!.count;
  expect((await hub.count()) + count('sampled') + count('spool_full')).toBe(60);
  expect([count('bodies_left_out'), count('sampled')]).toEqual([
    spool.counters.spool_bodies_left_out,
    spool.counters.spool_sampled_out,
  ]);
  expect(losses.every((loss) => loss.worker === CLIENT_PLACE.worker && loss.from > T0)).toBe(true);
  expect(await hub.losses(T0 + 62_000_000, T0 + 99_000_000)).toEqual([]);
});

test('a hub with the numbers of another store goes on where its workers are', async () => {
  const first = await IngestHub.start();
  const { port } = first;
  const { spool, link } = worker(port, 'workerboot1');
  spool.add(told('workerboot1', 1).records, [CLIENT_PLACE]);
  link.pump();
  await expect.poll(() => spool.empty, SOON).toBe(true);
  await first.crash();
  const second = await IngestHub.start({ port });
  spool.add(told('workerboot1', 2).records, [CLIENT_PLACE]);
  await expect.poll(() => spool.empty, SOON).toBe(true);
  expect(await second.ids()).toHaveLength(RECORDS);
  expect(second.workers.missingBatches).toBe(1);
});

test('calls of a worker that never comes back after the hub’s restart are closed', async () => {
  const first = await IngestHub.start();
  const { spool, link } = worker(first.port, 'workerboot1');
  spool.add(call({ state: 'open' }), [CLIENT_PLACE]);
  link.pump();
  await expect.poll(() => spool.empty, SOON).toBe(true);
  await link.close(0);
  await first.crash();
  const second = await IngestHub.start({ folder: first.folder, limits: { abandonMs: 100 } });
  expect(second.intake.open.size).toBe(1);
  await expect.poll(() => second.store.status().counters['open'], SOON).toBe(0);
  expect(await second.ids()).toEqual(['workerboot1.1.1']);
  expect(second.intake.caps.abandonMs).toBe(1);
});
