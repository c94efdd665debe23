import type { Loss } from '@kubeshark/model';
import { describe, expect, it } from 'vitest';
import { DayDividers, joinLosses, placeLosses } from './dividers.ts';
import { Items } from './items.ts';
import { RowStore } from './row-store.ts';
import { testRow } from './testing.ts';

/** Local time of 18 and 19 November 2025, in µs. */
const at = (day: number, hour: number, minute: number) =>
  new Date(2025, 10, day, hour, minute).getTime() * 1_000;

function loss(from: number, to: number, count: number, given: Partial<Loss> = {}): Loss {
  return { from, to, count, worker: 'node-a3', place: '', cause: 'spool_full', ...given };
}

describe('day dividers', () => {
  it('stand before the first row of each day, once, though a straggler of yesterday follows', () => {
    const store = new RowStore();
    const days = new DayDividers();
    store.add([testRow(1, { timestamp: at(18, 23, 58) }), testRow(2, { timestamp: at(18, 23, 59) })]);
    expect(days.update(store).map((d) => d.at)).toEqual([0]);
    store.add([
      testRow(3, { timestamp: at(19, 0, 1) }),
      testRow(4, { timestamp: at(18, 23, 59) }),
      testRow(5, { timestamp: at(19, 0, 2) }),
    ]);
    expect(days.update(store)).toEqual([
      { at: 0, divider: { kind: 'day', day: at(18, 0, 0) / 1_000 } },
      { at: 2, divider: { kind: 'day', day: at(19, 0, 0) / 1_000 } },
    ]);
  });

  it('turn back for a file of an earlier day', () => {
    const store = new RowStore();
    store.add([testRow(1, { timestamp: at(19, 9, 0) }), testRow(2, { timestamp: at(18, 9, 0) })]);
    expect(new DayDividers().update(store).map((d) => d.at)).toEqual([0, 1]);
  });
});

describe('seams', () => {
  it('are joined when they follow each other, and counted once when they come again', () => {
    const first = joinLosses([], [loss(1_000_000, 2_000_000, 10), loss(3_000_000, 4_000_000, 5)]);
    expect(first).toEqual([loss(1_000_000, 4_000_000, 15)]);
    expect(joinLosses(first, [loss(3_000_000, 4_000_000, 5)])).toEqual(first);
    expect(joinLosses(first, [loss(1_000_000, 2_000_000, 7, { cause: 'ring_full' })])).toHaveLength(2);
    expect(joinLosses(first, [loss(60_000_000, 61_000_000, 1)])).toHaveLength(2);
  });

  it('stand where the entries are missing, not before the first row', () => {
    const store = new RowStore();
    store.add([10, 20, 30].map((seq) => testRow(seq, { timestamp: seq * 1_000_000 })));
    const seams = [loss(1, 2, 1), loss(21_000_000, 25_000_000, 1_204), loss(40_000_000, 41_000_000, 3)];
    expect(placeLosses(store, seams).map((d) => d.at)).toEqual([2, 3]);
  });
});

it('numbers lines of rows and dividers both ways', () => {
  const day = { kind: 'day', day: 0 } as const;
  const items = new Items(4, [
    { at: 0, divider: day },
    { at: 2, divider: day },
    { at: 2, divider: day },
    { at: 4, divider: day },
  ]);
  expect(items.size).toBe(8);
  const lines = Array.from({ length: 8 }, (_, line) => items.at(line)).map((i) => ('row' in i ? i.row : '-'));
  expect(lines).toEqual(['-', 0, 1, '-', '-', 2, 3, '-']);
  expect([0, 1, 2, 3].map((row) => items.lineOf(row))).toEqual([1, 2, 5, 6]);
});
