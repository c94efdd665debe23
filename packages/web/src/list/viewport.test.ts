/** Every place of the list is a product of one line height; what is drawn is what is in view. */
import { describe, expect, it } from 'vitest';
import { Items } from '../rows/items.ts';
import { RowStore } from '../rows/row-store.ts';
import { testRow, testRows } from '../rows/testing.ts';
import { anchorAt, endOf, linesToDraw, rowsInView, slots, topFor, topToShow } from './viewport.ts';

const geometry = (rows: RowStore, at: number[] = []) => ({
  items: new Items(
    rows.size,
    at.map((a) => ({ at: a, divider: { kind: 'day', day: 0 } as const })),
  ),
  lineHeight: 28,
  height: 280,
});

describe('viewport', () => {
  it('keeps the first visible row at its pixel when rows come above, below, and leave', () => {
    const rows = new RowStore(300);
    rows.add(testRows(201, 400));
    const top = 28 * 50 + 11;
    const anchor = anchorAt(top, rows, geometry(rows))!;
    expect(anchor).toEqual({ id: 'b.1.252', offset: 17 });
    expect(topFor(anchor, rows, geometry(rows))).toBe(top);
    rows.add(testRows(151, 200));
    expect(topFor(anchor, rows, geometry(rows))).toBe(top + 50 * 28);
    // 50 more than fit: 151 to 200 leave again, and 20 of those after them.
    rows.add(testRows(401, 520));
    expect(rows.first()?.seq).toBe(221);
    expect(topFor(anchor, rows, geometry(rows))).toBe(top - 20 * 28);
    expect(topFor(anchor, rows, geometry(rows, [10]))).toBe(top - 19 * 28);
    rows.add(testRows(521, 700));
    expect(topFor(anchor, rows, geometry(rows))).toBeNull();
  });

  it('skips dividers when it looks for an anchor and for rows in view', () => {
    const rows = new RowStore();
    rows.add(testRows(1, 30));
    const g = geometry(rows, [0, 3]);
    expect(anchorAt(0, rows, g)).toEqual({ id: 'b.1.1', offset: 28 });
    expect(rowsInView(0, g)).toEqual([0, 7]);
    expect(rowsInView(28 * 4, g)).toEqual([3, 11]);
    expect(rowsInView(endOf(g), g)).toEqual([20, 29]);
  });

  it('draws what is in view and a little more, never beyond the list', () => {
    const rows = new RowStore();
    rows.add(testRows(1, 200));
    expect(linesToDraw(0, geometry(rows))).toEqual([0, 22]);
    expect(linesToDraw(28 * 100, geometry(rows))).toEqual([88, 122]);
    expect(linesToDraw(endOf(geometry(rows)), geometry(rows))).toEqual([178, 200]);
  });

  it('has an element for every line that is drawn, wherever the view begins', () => {
    const rows = new RowStore();
    rows.add(testRows(1, 200));
    const g = geometry(rows);
    for (let top = 0; top <= endOf(g); top += 7) {
      const [from, to] = linesToDraw(top, g);
      expect(to - from).toBeLessThanOrEqual(slots(g));
    }
  });

  it('moves no more than needed to show a line', () => {
    const g = geometry(new RowStore());
    expect([3, 10, 4, 14].map((line) => topToShow(line, 28 * 4, g))).toEqual([
      28 * 3,
      28 * 4,
      28 * 4,
      28 * 5,
    ]);
  });

  it('has no end above the beginning', () => {
    const rows = new RowStore();
    rows.add([testRow(1)]);
    expect(endOf(geometry(rows))).toBe(0);
    expect(rowsInView(0, geometry(rows))).toEqual([0, 0]);
  });
});
