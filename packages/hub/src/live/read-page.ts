/** A page of a list, with the cursors around it and what is missing in it. */
import type { ListRow, Page } from '@kubeshark/model';
import type { Position } from '../store/store.ts';
import { positionCursor } from './cursor.ts';
import { rowOf } from './feed.ts';
import type { ListingSource } from './listing.ts';
import { listing, positionOf } from './listing.ts';
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
  const { direction, start } = request;
  const { query, access } = checked;
  const order = start?.order ?? query.order;
  const older = direction === 'older';
  const rows: ListRow[] = [];
  let more = false;
  // Of the row nearest to the start, and of the farthest.
  let near: Position | undefined;
  let far: Position | undefined;
  // Whatever is missing is told by some page: between two pages by the second, beyond all rows by the first and the last.
  const [begin, end] = [query.from ?? 0, (query.to ?? Number.MAX_SAFE_INTEGER) - 1];
  let from = Number.POSITIVE_INFINITY;
  let to = Number.NEGATIVE_INFINITY;
  const reach = (time: number | undefined) => {
    from = Math.min(from, time ?? from);
    to = Math.max(to, time ?? to);
  };
  if (start) reach(start.timestamp);
  else reach(older ? end : begin);
  for await (const event of listing(source, checked, request, signal)) {
    if (event.type === 'end') more = event.more;
    if (event.type !== 'rows') continue;
    for (const row of event.rows) {
      rows.push(rowOf(row, access));
      far = positionOf(row, order);
      near ??= far;
      reach(far.timestamp);
    }
  }
  if (!more) reach(older ? begin : end);
  const cursor = (position: Position | undefined) => (position ? positionCursor(position) : null);
  const behind = cursor(near ?? start);
  const ahead = more ? cursor(far) : null;
  return {
    rows: older ? rows.toReversed() : rows,
    older: older ? ahead : behind,
    newer: older ? behind : ahead,
    losses: from > to ? [] : await lossesBetween(source, from, to + 1, access),
  };
}
