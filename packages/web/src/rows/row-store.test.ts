import type { ListRow } from '@kubeshark/model';
import { describe, expect, it } from 'vitest';
import { RowStore } from './row-store.ts';
import { testRow, testRows } from './testing.ts';

function seqs(store: RowStore): number[] {
  return Array.from({ length: store.size }, (_, i) => store.at(i)!.seq);
}

describe('row store', () => {
  it('gives the same list whatever the order and however often rows come', () => {
    const rows = testRows(1, 60);
    let seed = 7;
    const random = () => (seed = (seed * 16_807) % 2_147_483_647) / 2_147_483_647;
    for (let round = 0; round < 50; round++) {
      const store = new RowStore();
      const mixed = [...rows, ...rows]
        .map((row) => ({ row, key: random() }))
        .toSorted((a, b) => a.key - b.key);
      for (let i = 0; i < mixed.length; ) {
        const some = 1 + Math.floor(random() * 20);
        store.add(mixed.slice(i, i + some).map((m) => m.row));
        i += some;
      }
      expect(seqs(store)).toEqual(rows.map((row) => row.seq));
    }
  });

  it('lets the higher revision win in its place, and a late lower one change nothing', () => {
    const store = new RowStore();
    store.add(testRows(1, 3));
    store.add([testRow(2, { revision: 5, status: '503', outcome: 'server_error' })]);
    store.add([testRow(2, { revision: 4, status: '200' })]);
    expect(store.at(1)).toMatchObject({ seq: 2, revision: 5, status: '503' });
    expect(store.get('b.1.2')?.revision).toBe(5);
    expect(store.size).toBe(3);
  });

  it('takes a row that a new hub accepted anew from its old place, and its end although its revision is lower', () => {
    const store = new RowStore();
    store.add([testRow(1), testRow(2, { state: 'open', revision: 500 }), testRow(3)]);
    store.add([testRow(1_000), testRow(1_001, { id: 'b.1.2', revision: 3 })]);
    expect(seqs(store)).toEqual([1, 3, 1_000, 1_001]);
    expect(store.get('b.1.2')).toMatchObject({ seq: 1_001, state: 'closed' });
    expect(store.indexOf('b.1.2')).toBe(3);
  });

  it('takes the later of two states that come at once, between other rows', () => {
    const store = new RowStore();
    store.add([testRow(1), testRow(9)]);
    store.add([testRow(5, { state: 'open' }), testRow(5, { revision: 2 })]);
    expect(seqs(store)).toEqual([1, 5, 9]);
    expect(store.at(1)).toMatchObject({ state: 'closed', revision: 2 });
  });

  it('says when rows that are here change places', () => {
    const store = new RowStore();
    const shifts = (rows: ListRow[]) => {
      const before = store.shifts;
      store.add(rows);
      return store.shifts - before;
    };
    expect(shifts(testRows(10, 12))).toBe(0);
    expect(shifts([testRow(12, { revision: 1 }), testRow(13)])).toBe(0);
    expect(shifts(testRows(5, 9))).toBe(1);
  });

  it('is in the order of time when that is asked for, whatever the order rows come in', () => {
    const store = new RowStore();
    store.clear('timestamp');
    const at = (seq: number, timestamp: number) => testRow(seq, { timestamp });
    store.add([at(1, 300), at(2, 100)]);
    store.add([at(4, 200), at(3, 200), at(5, 400)]);
    expect(seqs(store)).toEqual([2, 3, 4, 1, 5]);
    store.add([testRow(1, { timestamp: 300, revision: 9, status: '503' })]);
    expect(store.at(3)).toMatchObject({ seq: 1, status: '503' });
    expect(store.indexOf('b.1.4')).toBe(2);
  });

  it('takes no row before its start, as others may be missing between them', () => {
    const store = new RowStore();
    store.clear('timestamp');
    store.add([testRow(1, { timestamp: 50 }), ...testRows(10, 12)]);
    store.startAt(testRow(10));
    expect(seqs(store)).toEqual([10, 11, 12]);
    store.add([testRow(13, { timestamp: 60 })]);
    expect(seqs(store)).toEqual([10, 11, 12]);
    store.addBefore(testRow(10), [testRow(1, { timestamp: 50 }), testRow(13, { timestamp: 60 })], null, true);
    expect(seqs(store)).toEqual([1, 13, 10, 11, 12]);
  });

  it('finds rows by seq and id, with holes between the numbers', () => {
    const store = new RowStore();
    store.add([3, 7, 20].map((seq) => testRow(seq)));
    expect([1, 3, 4, 7, 20, 21].map((seq) => store.indexAt(testRow(seq)))).toEqual([0, 0, 1, 1, 2, 3]);
    expect(store.indexOf('b.1.20')).toBe(2);
    expect(store.indexOf('b.1.4')).toBe(-1);
  });

  it('lets the oldest leave when it is full, and finds the others at their new places', () => {
    const store = new RowStore(100);
    for (let seq = 1; seq <= 1_000; seq += 7) store.add(testRows(seq, Math.min(1_000, seq + 6)));
    expect(seqs(store)).toEqual(Array.from({ length: 100 }, (_, i) => 901 + i));
    expect(store.hasMoreBefore).toBe(true);
    // It has left: a newer state does not bring it back among others that it does not stand beside.
    store.add([testRow(890, { revision: 4 })]);
    expect(store.first()?.seq).toBe(901);
    expect(store.get('b.1.900')).toBeUndefined();
    expect(store.indexOf('b.1.950')).toBe(49);
  });

  it('lets the newest leave while the reader is at the oldest', () => {
    const store = new RowStore(100);
    store.add(testRows(201, 300));
    expect(store.add(testRows(151, 200), true)).toBe(50);
    // What comes after those that left does not follow on from what is here; what stands between it does.
    expect(store.add([testRow(301), testRow(249, { id: 'late', seq: 249.5 })], true)).toBe(2);
    expect([store.first()?.seq, store.last()?.seq, store.size]).toEqual([151, 249.5, 100]);
    expect(store.get('b.1.300')).toBeUndefined();
  });

  it('revises what is here and takes nothing else', () => {
    const store = new RowStore();
    store.add([testRow(1, { state: 'open' })]);
    store.revise([testRow(1, { revision: 1 }), testRow(2)]);
    expect(seqs(store)).toEqual([1]);
    expect(store.at(0)?.state).toBe('closed');
  });

  it('lets a row go that turns out to be an inner leg of another', () => {
    const store = new RowStore();
    store.add(testRows(1, 3));
    store.revise([testRow(2, { revision: 1, legs: { call: 'c', outer: 1, inner: 0 } })]);
    store.revise([testRow(3, { revision: 1, legs: { call: 'c', outer: 0, inner: 1 } })]);
    expect(seqs(store)).toEqual([1, 3]);
    expect(store.get('b.1.2')).toBeUndefined();
  });

  // A machine that has other things to do is slow for a moment, not three times.
  it('takes 5,000 rows a second with 200,000 there in a few ms', { retry: 2 }, () => {
    const store = new RowStore();
    store.add(testRows(1, 200_000));
    const batches: ListRow[][] = [];
    for (let i = 0; i < 20; i++) batches.push(testRows(200_001 + i * 250, 200_250 + i * 250));
    const start = performance.now();
    for (const batch of batches) store.add(batch);
    expect(performance.now() - start).toBeLessThan(100);
    expect(store.size).toBe(200_000);
  });
});
