/** A page of a list, with the cursors around it and what is missing in it. */
import type { ListRow, Page } from '@kubeshark/model';
import type { Position } from '../store/store.ts';
import { positionCursor } from './cursor.ts';
import { rowOf } from './feed.ts';
import type { ListingSource } from './listing.ts';
import { listing, positionOf, timestampOf } from './listing.ts';
import { lossesBetween } from './losses.ts';
import type { CheckedQuery } from './query.ts';

export interface PageRequest {
  direction: 'older' | 'newer';
  start?: Position | undefined;
  limit: number;
}

export async function readPage(
  source: ListingSource,
  checked: CheckedQuery,
  request: PageRequest,
  signal: AbortSignal,
): Promise<Page> {
  const order = request.start?.order ?? checked.query.order;
  const rows: ListRow[] = [];
  let more = false;
  // Of the row nearest to the start, and of the farthest.
  let near: Position | undefined;
  let far: Position | undefined;
  let from = Number.POSITIVE_INFINITY;
  let to = Number.NEGATIVE_INFINITY;
  for await (const event of listing(source, checked, request, signal)) {
    if (event.type === 'end') more = event.more;
    if (event.type !== 'rows') continue;
    for (const row of event.rows) {
      rows.push(rowOf(row, checked.access));
      far = positionOf(row, order);
      near ??= far;
      const time = timestampOf(row);
      from = Math.min(from, time);
      to = Math.max(to, time);
    }
  }
  const cursor = (position: Position | undefined) => (position ? positionCursor(position) : null);
  const behind = cursor(near ?? request.start);
  const ahead = more ? cursor(far) : null;
  const older = request.direction === 'older';
  return {
    rows: older ? rows.toReversed() : rows,
    older: older ? ahead : behind,
    newer: older ? behind : ahead,
    losses: rows.length === 0 ? [] : await lossesBetween(source, from, to + 1, checked.access),
  };
}
