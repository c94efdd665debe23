/** Where the list stands, in lines and pixels. All lines have one height, so that every place is a product. */

import type { Items } from '../rows/items.ts';
import type { RowStore } from '../rows/row-store.ts';

/** A row that stays at its pixel while others come and go. */
export interface Anchor {
  id: string;
  /** px from the top of the view to the top of the row. */
  offset: number;
}

export interface Geometry {
  items: Items;
  lineHeight: number;
  /** px of the view. */
  height: number;
}

/** Lines drawn beyond both edges: what a quick turn of the wheel shows before the next frame. */
const OVERSCAN = 12;

export function endOf({ items, lineHeight, height }: Geometry): number {
  return Math.max(0, items.size * lineHeight - height);
}

/** Where the view begins so that the anchor is where it was; null when its row is gone. */
export function topFor(anchor: Anchor, rows: RowStore, geometry: Geometry): number | null {
  const index = rows.indexOf(anchor.id);
  if (index < 0) return null;
  const top = geometry.items.lineOf(index) * geometry.lineHeight - anchor.offset;
  return Math.min(Math.max(0, top), endOf(geometry));
}

/** The first row that is wholly in view becomes the anchor. */
export function anchorAt(top: number, rows: RowStore, { items, lineHeight }: Geometry): Anchor | null {
  for (let line = Math.ceil(top / lineHeight); line < items.size; line++) {
    const item = items.at(line);
    if (!('row' in item)) continue;
    const row = rows.at(item.row);
    return row ? { id: row.id, offset: line * lineHeight - top } : null;
  }
  return null;
}

/** Lines to draw: from, and up to but not including. */
export function linesToDraw(top: number, { items, lineHeight, height }: Geometry): [number, number] {
  const first = Math.floor(top / lineHeight) - OVERSCAN;
  const last = Math.ceil((top + height) / lineHeight) + OVERSCAN;
  return [Math.max(0, first), Math.min(items.size, last)];
}

/**
 * Lines share this many elements in turn: one that leaves the view gives its element to the one that enters it, and
 * those that stay keep theirs. Never fewer than `linesToDraw` may ask for.
 */
export function slots({ lineHeight, height }: Geometry): number {
  return Math.ceil(height / lineHeight) + 1 + 2 * OVERSCAN;
}

/** Numbers of the first and last row in view. */
export function rowsInView(top: number, { items, lineHeight, height }: Geometry): [number, number] {
  const rowAt = (line: number, step: 1 | -1) => {
    for (; line >= 0 && line < items.size; line += step) {
      const item = items.at(line);
      if ('row' in item) return item.row;
    }
    return step === 1 ? items.rows - 1 : 0;
  };
  const last = Math.min(items.size, Math.floor((top + height) / lineHeight)) - 1;
  return [rowAt(Math.ceil(top / lineHeight), 1), rowAt(Math.max(0, last), -1)];
}

/** Where the view must begin so that a line is wholly in it: as little as possible from where it is. */
export function topToShow(line: number, top: number, { lineHeight, height }: Geometry): number {
  const start = line * lineHeight;
  if (start < top) return start;
  return start + lineHeight > top + height ? start + lineHeight - height : top;
}
