/**
 * The embedded store at size: `node bench/store.ts [rows] [folder]`. Prints rows a second appended, then what a viewer waits for:
 * pages, searches, counts, the time strip, one row. A folder is kept and used again.
 */
import { existsSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { ACCESS_ALL, accessTo, FieldNumber } from '@kubeshark/model';
import { type EmbeddedStore, openStore } from '../packages/hub/src/store/open.ts';
import type { PageQuery, StoreQuery } from '../packages/hub/src/store/store.ts';
import { commit, rows } from '../packages/hub/src/store/testing.ts';

const ROWS = Number(process.argv[2] ?? 1_000_000);
const KEPT = process.argv[3];
const COMMIT = 2_000;
const ROUNDS = 7;

const folder = KEPT ?? mkdtempSync(join(tmpdir(), 'kubeshark-bench-'));
const filled = existsSync(join(folder, 'lock.duckdb'));
const opening = performance.now();
const store = await openStore({
  folder,
  maxBytes: 20e9,
  maxAgeMs: 1e12,
  minFreeBytes: 1e9,
  log: (level, message) => console.log(`${level}: ${message}`),
});
console.log(`opened in ${Math.round(performance.now() - opening)} ms, ${store.status().entries} rows`);

/** About 1 kB a row: two bodies and a dozen headers, from a base that is made once. */
async function fill(into: EmbeddedStore): Promise<void> {
  let appending = 0;
  let longest = 0;
  for (let seq = 1; seq <= ROWS; seq += COMMIT) {
    const batch = rows(COMMIT, seq, seq);
    const begun = performance.now();
    await into.append(commit({ rows: batch, reserved: seq + COMMIT }));
    const took = performance.now() - begun;
    appending += took;
    longest = Math.max(longest, took);
  }
  const { bytes } = into.status();
  console.log(
    `${Math.round(ROWS / (appending / 1_000)).toLocaleString('en')} rows/s appended in commits of ${COMMIT}, longest ${Math.round(longest)} ms, ${Math.round(bytes / ROWS)} bytes a row before the last checkpoint`,
  );
  const until = performance.now() + 60_000;
  const { slices } = into.status().counters;
  while ((into.status().counters['checkpoints'] ?? 0) < (slices ?? 1) - 1 && performance.now() < until)
    await sleep(100);
  const { counters } = into.status();
  console.log(
    `${counters['slices']} slices, ${counters['checkpoints']} checkpoints of ${Math.round((counters['checkpoint_ms'] ?? 0) / Math.max(1, counters['checkpoints'] ?? 1))} ms, ${Math.round(into.status().bytes / ROWS)} bytes a row`,
  );
}

async function measure(name: string, work: () => Promise<string>): Promise<void> {
  const took: number[] = [];
  let answer = '';
  for (let round = 0; round < ROUNDS; round++) {
    const begun = performance.now();
    answer = await work();
    took.push(performance.now() - begun);
  }
  const sorted = took.toSorted((a, b) => a - b);
  const ms = (n: number) => `${n.toFixed(n < 100 ? 1 : 0).padStart(7)} ms`;
  console.log(
    `${name.padEnd(46)} first ${ms(took[0]!)}  median ${ms(sorted[ROUNDS >> 1]!)}  longest ${ms(sorted.at(-1)!)}  ${answer}`,
  );
}

const never = () => new AbortController().signal;
const query: StoreQuery = { filter: '', now: 0, flows: false };

function page(name: string, part: Partial<PageQuery>, access = ACCESS_ALL): Promise<void> {
  return measure(name, async () => {
    let found = 0;
    const whole: PageQuery = { ...query, order: 'seq', direction: 'older', limit: 100, ...part };
    for await (const event of store.page(whole, access, never()))
      if (event.type === 'rows') found += event.rows.length;
    return `${found} rows`;
  });
}

if (!filled) await fill(store);
const entries = store.status().entries;
const range = (await store.range(ACCESS_ALL))!;
await page('newest 100', {});
await page('newest 100, one namespace', {}, accessTo('shop'));
await page('100 from the middle', { start: { order: 'seq', seq: entries >> 1 } });
await page('oldest 100', { direction: 'newer' });
await page('newest 100 by time', { order: 'timestamp' });
await page('filter: namespace and outcome', {
  filter: 'dst.namespace == "shop" && outcome == "server_error"',
});
await page('filter: rare (one flow)', { filter: `flow == "boot.${((entries >> 1) >> 4).toString(36)}"` });
await page('filter: nothing matches', { filter: 'dst.namespace == "nowhere"' });
await page('search in bodies: common', { filter: 'response.body.contains("answer 7")' });
await page('search in bodies: nothing', {
  filter: 'request.body.contains("zebra") || response.body.contains("zebra")',
});
await measure('count of a filter', async () => {
  const { matched } = await store.count({ ...query, filter: 'outcome == "ok"' }, ACCESS_ALL, never());
  return `${matched}`;
});
await measure('time strip, 100 steps', async () => {
  const strip = await store.histogram(
    { ...query, from: range.from, to: range.to + 1 },
    100,
    ACCESS_ALL,
    never(),
  );
  return `${strip.buckets.reduce((sum, b) => sum + b.all, 0)} calls`;
});
await measure('values of src.name', async () => {
  const found = await store.values(FieldNumber['src.name'], '', query, ACCESS_ALL, 10, never());
  return `${found.length} values`;
});
await measure('one row by id and time', async () => {
  const [sample] = rows(1, 1, entries >> 1);
  const found = await store.get(sample!.id, undefined, ACCESS_ALL);
  return found ? 'found' : 'not found';
});

await store.close();
if (KEPT === undefined) rmSync(folder, { recursive: true, force: true });
