/** A page of a list, with the cursors around it and what is missing in it. */
import type { ListRow, Page } from '@kubeshark/model';
import type { HubRow } from '../row.ts';
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
  const found: HubRow[] = [];
  let more = false;
  for await (const event of listing(source, checked, request, signal)) {
    if (event.type === 'rows') found.push(...event.rows);
    else if (event.type === 'end') more = event.more;
  }
  const ascending = request.direction === 'older' ? found.toReversed() : found;
  const order = request.start?.order ?? checked.query.order;
  const cursorAt = (row: HubRow | undefined) => (row ? positionCursor(positionOf(row, order)) : null);
  const start = request.start ? positionCursor(request.start) : null;
  const older = request.direction === 'older';
  return {
    rows: ascending.map((row): ListRow => rowOf(row, checked.access)),
    older: older ? (more ? cursorAt(ascending[0]) : null) : (cursorAt(ascending[0]) ?? start),
    newer: older ? (cursorAt(ascending.at(-1)) ?? start) : more ? cursorAt(ascending.at(-1)) : null,
    losses: await lossesAround(source, checked, ascending),
  };
}

/** What is missing in the time these rows are of. */
async function lossesAround(
  source: ListingSource,
  { access }: CheckedQuery,
  rows: readonly HubRow[],
): Promise<Page['losses']> {
  if (rows.length === 0) return [];
  let from = Number.POSITIVE_INFINITY;
  let to = Number.NEGATIVE_INFINITY;
  for (const row of rows) {
    const time = timestampOf(row);
    from = Math.min(from, time);
    to = Math.max(to, time);
  }
  return await lossesBetween(source, from, to + 1, access);
}
