// A request that is called off at any moment leaves its connection fit for the next one: no transaction stays open.
import { setTimeout as sleep } from 'node:timers/promises';
import { DuckDBInstance } from '@duckdb/node-api';
import { expect, test } from 'vitest';
import { Cancelled, Connections } from './database.ts';
import type { Slice } from './slice.ts';

const SLOW = 'select count(*) from range(20000000) a(i) where i % 7 = 3';

test('snapshots that are called off at random moments', async () => {
  const instance = await DuckDBInstance.create(':memory:');
  const connections = await Connections.open(instance, 1);
  const slice = {} as Slice;
  let cancelled = 0;
  for (let turn = 0; turn < 60; turn++) {
    const off = new AbortController();
    const asked = connections.use(off.signal, (reader) =>
      reader.snapshot(async () => await reader.select(slice, SLOW)),
    );
    await sleep(turn % 4);
    // Interrupts go on beyond the end of the query: the next statement meets one.
    off.abort();
    await asked.catch((error: unknown) => {
      expect(error).toBeInstanceOf(Cancelled);
      cancelled++;
    });
    const rows = await connections.use(AbortSignal.timeout(10_000), (reader) =>
      reader.snapshot(async () => await reader.select(slice, 'select 42')),
    );
    expect(rows).toEqual([[42]]);
  }
  expect(cancelled).toBeGreaterThan(30);
  instance.closeSync();
});
