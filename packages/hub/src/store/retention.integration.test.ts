import { execFileSync } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { mkdirSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { StoreUnavailable } from './store.ts';
import { appendAll, commit, newFolder, newStore, pageOf, row, rows } from './testing.ts';

const large = (seq: number) => row({ seq, responseBody: `${seq} `.repeat(2000) });
/** Bytes that no compression makes smaller. */
const noise = (seq: number) => row({ seq, responseBody: randomBytes(20_000) });
const range = (from: number, count: number) => Array.from({ length: count }, (_, i) => from + i);

test('by size: the oldest slices go, the newest rows stay, all of it is counted', async () => {
  const { store, folder } = await newStore({ maxBytes: 8_000_000, sliceRows: 50 });
  for (let from = 1; from <= 800; from += 50)
    await store.append(commit({ rows: range(from, 50).map(noise) }));
  await expect.poll(() => store.status().bytes, { timeout: 15_000 }).toBeLessThanOrEqual(8_000_000);
  const { rows: kept } = await pageOf(store, { limit: 1 });
  expect(kept[0]?.seq).toBe(800);
  const { entries, counters } = store.status();
  expect(entries).toBeLessThan(400);
  expect(entries).toBeGreaterThan(50);
  expect(counters.rows_dropped! + entries).toBe(800);
  expect((await pageOf(store, { limit: 5000 })).rows).toHaveLength(entries);
  expect(readdirSync(folder).filter((f) => f.endsWith('.duckdb')).length).toBe(counters.slices! + 1);
});

test('by age: counted from arrival, not from the timestamp', async () => {
  const { store } = await newStore({ maxAgeMs: 800, sliceRows: 100 });
  await appendAll(store, rows(100), 100);
  expect(store.status().entries).toBe(100);
  await expect
    .poll(
      async () => {
        await store.append(commit({ rows: rows(1, 1, Date.now() % 1e9) }));
        return (await pageOf(store, { limit: 5000 })).rows.some((r) => r.seq <= 100);
      },
      { timeout: 15_000, interval: 100 },
    )
    .toBe(false);
  expect(store.status().counters.rows_dropped).toBeGreaterThanOrEqual(100);
  expect(store.status().entries).toBeGreaterThan(0);
});

test('closed slices are checkpointed: smaller than their log, and read as before', async () => {
  const { store } = await newStore({ sliceRows: 300 });
  const all = range(1, 900).map(large);
  await appendAll(store, all, 150);
  await expect.poll(() => store.status().counters.checkpoints, { timeout: 10_000 }).toBeGreaterThanOrEqual(2);
  expect(store.status().bytes).toBeLessThan(8_000_000);
  expect((await pageOf(store, { limit: 5000, direction: 'newer' })).rows).toEqual(all);
});

const root = process.platform === 'linux' && process.getuid?.() === 0;

/** A disk of its own, small. */
function smallDisk(bytes: number): string {
  const mount = join(newFolder(), 'disk');
  mkdirSync(mount);
  execFileSync('mount', ['-t', 'tmpfs', '-o', `size=${bytes}`, 'tmpfs', mount]);
  onTestFinished(() => {
    execFileSync('umount', ['-l', mount]);
  });
  return mount;
}

test.skipIf(!root)(
  'a full disk (needs root for a tmpfs): the oldest slices make room; reads go on',
  async () => {
    const mount = smallDisk(80_000_000);
    const { store } = await newStore({
      folder: join(mount, 'store'),
      minFreeBytes: 5_000_000,
      sliceRows: 200,
      sliceBytes: 4_000_000,
    });
    for (let from = 1; from <= 4000; from += 200)
      await store.append(commit({ rows: range(from, 200).map(noise) }));
    const { counters, entries, state } = store.status();
    expect(state).toBe('ok');
    expect(counters).toMatchObject({ restarts: 0, disk_full: 0 });
    expect(counters.slices_dropped).toBeGreaterThan(3);
    expect(counters.rows_dropped! + entries).toBe(4000);
    expect((await pageOf(store, { limit: 1 })).rows[0]?.seq).toBe(4000);
  },
);

test.skipIf(!root)(
  'a disk filled by others (needs root for a tmpfs): commits are refused, no history is given up, and it recovers by itself',
  async () => {
    const mount = smallDisk(120_000_000);
    const { store, logged } = await newStore({
      folder: join(mount, 'store'),
      minFreeBytes: 5_000_000,
      sliceRows: 40,
      sliceBytes: 8_000_000,
    });
    for (let from = 1; from <= 100; from += 20)
      await store.append(commit({ rows: range(from, 20).map(noise) }));
    expect(store.status().counters.slices).toBe(3);
    const filler = join(mount, 'filler');
    writeFileSync(filler, Buffer.alloc(95_000_000));
    const refused = store.append(commit({ rows: range(101, 100).map(noise) }));
    await expect(refused).rejects.toBeInstanceOf(StoreUnavailable);
    await expect.poll(() => store.status().state, { timeout: 5000 }).toBe('disk_full');
    expect((await pageOf(store, { limit: 1000 })).rows).toHaveLength(100);
    expect(store.status().problem).toMatch(/^The disk of .*store is full: .* must be free, .* are\.$/);
    expect(logged.filter((line) => /is full/.test(line))).toHaveLength(1);
    rmSync(filler);
    await expect.poll(() => store.status().state, { timeout: 5000 }).toBe('ok');
    await store.append(commit({ rows: range(101, 100).map(noise) }));
    expect((await pageOf(store, { limit: 1000 })).rows).toHaveLength(200);
    expect(store.status().problem).toBeUndefined();
    expect(store.status().counters).toMatchObject({ restarts: 0, slices_dropped: 0 });
  },
);
