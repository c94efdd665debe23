import {
  closeSync,
  cpSync,
  mkdtempSync,
  openSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  writeFileSync,
  writeSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { expect, test } from 'vitest';
import { openStore } from './open.ts';
import { StoreUnavailable } from './store.ts';
import { StoreProcess } from './store-process.ts';
import { ALL, appendAll, commit, newFolder, newStore, pageOf, random, row, rows } from './testing.ts';

const slicesOf = (folder: string) =>
  readdirSync(folder)
    .filter((f) => /^\d+\.duckdb$/.test(f))
    .toSorted();

test('everything is there after a restart: closed and open rows, acknowledgements, numbers', async () => {
  const folder = newFolder();
  const all = rows(900);
  const first = await newStore({ folder, sliceRows: 300 });
  await appendAll(first.store, all, 100);
  await first.store.append(
    commit({
      rows: [row({ seq: 1000, state: 'open' })],
      acknowledged: [{ boot: 'b', number: 7 }],
      reserved: 2000,
    }),
  );
  await first.store.close();
  const { store } = await newStore({ folder, sliceRows: 300 });
  expect((await pageOf(store, { limit: 5000, direction: 'newer' })).rows.map((r) => r.seq)).toEqual([
    ...all.map((r) => r.seq),
    1000,
  ]);
  expect(await store.acknowledged('b')).toBe(7);
  expect(await store.acknowledged('other')).toBe(0);
  expect(await store.reserved()).toBe(2000);
  expect(store.status()).toMatchObject({ entries: 901, state: 'ok' });
  await store.append(commit({ rows: [row({ seq: 1000, change: 1001 })] }));
  expect(store.status().counters).toMatchObject({ open: 0 });
});

/** `bench/store-kill.ts` does it twenty times. */
test('killed at random moments under load: every acknowledged commit is there once, none in part', async () => {
  const { store } = await newStore({ sliceRows: 400 });
  const below = random(7);
  let killed = 0;
  let seq = 1;
  const acknowledged: number[] = [];
  const killing = (async () => {
    for (; killed < 2; killed++) {
      await sleep(60 + below(200));
      const { pid } = store;
      if (pid !== undefined) process.kill(pid, 'SIGKILL');
      // Starting takes longer than the pause: it has to come to work again before it is killed again.
      const { length } = acknowledged;
      while (acknowledged.length < length + 3) await sleep(5);
    }
  })();
  while (killed < 2 || acknowledged.length < 40) {
    const n = acknowledged.length + 1;
    const batch = Array.from({ length: 50 }, (_, i) =>
      row({ seq: seq + i, state: i % 10 === 0 ? 'open' : 'closed' }),
    );
    const closes = batch
      .filter((r) => r.seq % 20 === 1 && r.seq > 100)
      .map((r) => row({ seq: r.seq - 100, change: r.seq + 100_000 }));
    seq += 50;
    const whole = commit({ rows: [...batch, ...closes], acknowledged: [{ boot: 'b', number: n }] });
    // What fails is given again until it is stored, as ingest does.
    for (;;) {
      try {
        await store.append(whole);
        break;
      } catch (error) {
        expect(error).toBeInstanceOf(StoreUnavailable);
        await sleep(20);
      }
    }
    acknowledged.push(n);
    await sleep(1);
  }
  await killing;
  const page = await pageOf(store, { limit: 5000, direction: 'newer' });
  expect(page.rows.map((r) => r.seq)).toEqual(Array.from({ length: seq - 1 }, (_, i) => i + 1));
  expect(await store.acknowledged('b')).toBe(acknowledged.length);
  expect(store.status().counters.restarts).toBeGreaterThanOrEqual(2);
  expect(
    (await store.count({ filter: '', now: 0, flows: true }, ALL, new AbortController().signal)).total,
  ).toBe(seq - 1);
}, 60_000);

test('a commit given again stores nothing twice, also after a restart', async () => {
  const folder = newFolder();
  const whole = commit({ rows: [...rows(100), row({ seq: 500, state: 'open' })] });
  const first = await newStore({ folder });
  await first.store.append(whole);
  await first.store.append(whole);
  expect(first.store.status().entries).toBe(101);
  await first.store.close();
  const { store } = await newStore({ folder });
  await store.append(whole);
  expect(store.status().entries).toBe(101);
  expect((await pageOf(store, { limit: 500 })).rows).toHaveLength(101);
});

test('a question that the process died over is asked again of the next', async () => {
  const { store } = await newStore();
  await appendAll(store, rows(500), 100);
  const page = pageOf(store, { limit: 500 });
  process.kill(store.pid!, 'SIGKILL');
  expect((await page).rows).toHaveLength(500);
  await expect(store.append(commit({ rows: rows(1, 2, 900) }))).resolves.toBeUndefined();
});

/** Three finished slices of 300 rows and a fourth of 10, made once and copied. */
let finished: Promise<string> | undefined;
async function finishedFolder(): Promise<string> {
  finished ??= (async () => {
    const folder = mkdtempSync(join(tmpdir(), 'kubeshark-store-'));
    process.once('exit', () => rmSync(folder, { recursive: true, force: true }));
    const { store } = await newStore({ folder, sliceRows: 300 });
    await appendAll(store, rows(900), 300);
    await store.append(commit({ rows: rows(10, 3, 2000) }));
    await expect.poll(() => store.status().counters.checkpoints, { timeout: 10_000 }).toBe(3);
    await store.close();
    return folder;
  })();
  const copy = newFolder();
  cpSync(await finished, copy, { recursive: true });
  return copy;
}

test.each([
  ['its header', (path: string) => overwrite(path, 0, 4096)],
  ['its middle', (path: string) => overwrite(path, Math.floor(statSync(path).size / 3), 60_000)],
  ['its end', (path: string) => writeFileSync(path, readFileSync(path).subarray(0, 20_000))],
  ['all of it', (path: string) => writeFileSync(path, '')],
])('a slice damaged in %s costs its own rows and no others', async (_, damage) => {
  const folder = await finishedFolder();
  const all = rows(900);
  expect(slicesOf(folder)).toHaveLength(4);
  damage(join(folder, slicesOf(folder)[1]!));
  const { store, logged } = await newStore({ folder, sliceRows: 300 });
  const read = async () => {
    const page = await pageOf(store, { limit: 5000, direction: 'newer' });
    return page.rows.map((r) => r.seq);
  };
  const kept = [...all.slice(0, 300), ...all.slice(600), ...rows(10, 3, 2000)].map((r) => r.seq);
  await expect
    .poll(() => read().catch((error: unknown) => error), { timeout: 10_000, interval: 20 })
    .toEqual(kept);
  expect(logged.join('\n')).toMatch(/00000002\.duckdb.*set aside/);
  await store.append(commit({ rows: rows(1, 4, 3000) }));
});

function overwrite(path: string, from: number, length: number): void {
  const file = openSync(path, 'r+');
  writeSync(file, Buffer.alloc(length, 0x5a), 0, length, from);
  closeSync(file);
}

test('a newest slice that is lost leaves the open calls of the one before', async () => {
  const folder = newFolder();
  const first = await newStore({ folder, sliceRows: 10 });
  await first.store.append(
    commit({
      rows: [...rows(20), row({ seq: 50, state: 'open' })],
      acknowledged: [{ boot: 'b', number: 1 }],
    }),
  );
  await first.store.append(commit({ rows: rows(5, 2, 60) }));
  await first.store.close();
  const newest = slicesOf(folder).at(-1)!;
  writeFileSync(join(folder, newest), 'no database');
  const { store } = await newStore({ folder, sliceRows: 10 });
  expect((await pageOf(store, {})).rows[0]?.seq).toBe(50);
  expect(await store.acknowledged('b')).toBe(1);
});

test('a process that dies before it is ready is tried again, and given up when it always does', async () => {
  const logged: string[] = [];
  const options = {
    folder: newFolder(),
    maxBytes: 1e9,
    maxAgeMs: 1e10,
    minFreeBytes: 1e6,
    sliceRows: 400,
    sliceBytes: 1e8,
    sliceAgeMs: 1e8,
    memoryBytes: 256e6,
    threads: 1,
    lockPatienceMs: 5_000,
  };
  const log = (_: string, message: string) => logged.push(message);
  const lucky = new StoreProcess(options, { log });
  const starting = lucky.start();
  process.kill(lucky.pid!, 'SIGKILL');
  await starting;
  expect(lucky.up).toBe(true);
  expect(logged).toEqual(["The store's process ended at its start (SIGKILL)."]);
  await lucky.close();
  const doomed = new StoreProcess(options, { log });
  const said = doomed.start().then(
    () => 'started',
    (error: Error) => error.message,
  );
  for (let last: number | undefined; logged.length < 3; await sleep(1)) {
    if (doomed.pid === undefined || doomed.pid === last) continue;
    last = doomed.pid;
    process.kill(last, 'SIGKILL');
  }
  if (doomed.pid !== undefined) process.kill(doomed.pid, 'SIGKILL');
  expect(await said).toMatch(/ended at its start/);
});

test('a second hub is refused the folder, and told why', async () => {
  const { folder } = await newStore();
  const second = openStore({
    folder,
    maxBytes: 1e9,
    maxAgeMs: 1e9,
    minFreeBytes: 0,
    lockPatienceMs: 200,
    log: () => {},
  });
  await expect(second).rejects.toThrow(/in use by another hub/);
});
