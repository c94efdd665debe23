// History that an older version has written, with fewer columns, is read on; what comes goes into a slice of its own.
import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { DuckDBInstance } from '@duckdb/node-api';
import { FieldNumber } from '@kubeshark/model';
import { expect, test } from 'vitest';
import type { HubRow } from '../row.ts';
import { attach } from './slice.ts';
import {
  ALL,
  appendAll,
  commit,
  EVERYTHING,
  never,
  newFolder,
  newStore,
  pageOf,
  row,
  rows,
} from './testing.ts';

const LATER_COLUMNS = ['src_workload_kind', 'src_labels', 'dst_workload_kind', 'dst_labels'];
const LABELLED = { labels: { app: 'cart', 'app.kubernetes.io/name': 'x' }, workloadKind: 'Deployment' };

const slicesOf = (folder: string) => readdirSync(folder).filter((file) => /^\d+\.duckdb$/.test(file));

function asBefore(row: HubRow): HubRow {
  const bare = ({ labels: _labels, workloadKind: _kind, ...identity }: HubRow['context']['src']) => identity;
  return { ...row, context: { ...row.context, src: bare(row.context.src), dst: bare(row.context.dst) } };
}

/** What the version before these columns has left: finished slices, and one in use with an open call. */
async function oldStore(): Promise<string> {
  const folder = newFolder();
  const { store } = await newStore({ folder, sliceRows: 100 });
  await appendAll(store, rows(250).map(asBefore), 50);
  await store.append(
    commit({
      rows: [row({ seq: 1_000, state: 'open' })],
      acknowledged: [{ boot: 'b', number: 7 }],
      reserved: 2_000,
    }),
  );
  await store.close();
  const connection = await (await DuckDBInstance.create(':memory:')).connect();
  for (const [i, file] of slicesOf(folder).entries()) {
    await attach(connection, `old${i}`, join(folder, file), false);
    for (const table of ['e', 'open'])
      for (const column of LATER_COLUMNS)
        await connection.run(`alter table old${i}.${table} drop column ${column}`);
    await connection.run(`checkpoint old${i}`);
    await connection.run(`detach old${i}`);
  }
  connection.closeSync();
  return folder;
}

test('old rows are found, new ones have the columns, and no slice is set aside', async () => {
  const folder = await oldStore();
  const before = slicesOf(folder).length;
  const { store, logged } = await newStore({ folder });
  expect([store.status().entries, await store.acknowledged('b'), await store.reserved()]).toEqual([
    251, 7, 2_000,
  ]);
  await store.append(
    commit({ rows: [row({ seq: 2_001, src: LABELLED }), row({ seq: 1_000, change: 2_002, src: LABELLED })] }),
  );
  const found = async (filter: string) =>
    (await pageOf(store, { filter, flows: true, limit: 1_000, direction: 'newer' })).rows.map(
      ({ seq }) => seq,
    );
  expect(await found('src.labels["app"] == "cart"')).toEqual([1_000, 2_001]);
  expect(await found('src.labels["app"] != "cart"')).toHaveLength(250);
  expect(await found('"app.kubernetes.io/name" in src.labels && src.workload.kind == "Deployment"')).toEqual([
    1_000, 2_001,
  ]);
  expect(await found('dst.namespace == "shop" && size(dst.labels) == 0')).toEqual(
    await found('dst.namespace == "shop"'),
  );
  expect(await found('state == "open"')).toEqual([]);
  expect(store.status().counters).toMatchObject({ open: 0 });
  expect(await store.values(FieldNumber['src.labels'], '', EVERYTHING, ALL, 10, never())).toEqual([
    { value: 'app', count: 2 },
    { value: 'app.kubernetes.io/name', count: 2 },
  ]);
  expect(logged).toEqual([]);
  expect(slicesOf(folder).length).toBe(before + 1);
});

test('what was open stays open in the new slice', async () => {
  const { store } = await newStore({ folder: await oldStore() });
  expect((await pageOf(store, { filter: 'state == "open"' })).rows.map(({ seq }) => seq)).toEqual([1_000]);
  await store.close();
});

test('the slice of this version is gone on with after a restart', async () => {
  const folder = await oldStore();
  const first = await newStore({ folder });
  await first.store.append(commit({ rows: [row({ seq: 2_001, src: LABELLED })] }));
  await first.store.close();
  const slices = slicesOf(folder);
  const { store } = await newStore({ folder });
  await store.append(commit({ rows: [row({ seq: 2_002, src: LABELLED })] }));
  expect((await pageOf(store, { filter: '"app" in src.labels' })).rows.map(({ seq }) => seq)).toEqual([
    2_002, 2_001,
  ]);
  expect(slicesOf(folder)).toEqual(slices);
});
