/** One list out of two places: what the store has, and what is held in memory and not stored yet. */
import { RecordRow } from '@kubeshark/dissect';
import type { RowPlace } from '@kubeshark/model';
import type { Intake } from '../ingest/intake.ts';
import type { HubRow } from '../row.ts';
import type { HubLimits } from '../settings.ts';
import type { PageEvent, Position, Store } from '../store/store.ts';
import type { LiveCaps } from './caps.ts';
import type { CheckedQuery } from './query.ts';
import { matches, storeQuery } from './query.ts';

export interface ListingSource {
  limits: Pick<HubLimits, 'losses'>;
  caps: Pick<LiveCaps, 'losses'>;
  store: Store;
  intake: Intake;
  /** Every row with a `seq` up to this is stored. */
  storedSeq: () => number;
}

export interface ListingQuery {
  direction: 'older' | 'newer';
  start?: Position | undefined;
  limit: number;
}

const view = new RecordRow();

export function timestampOf(row: HubRow): number {
  return view.record.at(row.record, 0).timestamp + row.context.clockOffset;
}

export function positionAt({ seq, timestamp }: RowPlace, order: Position['order']): Position {
  return { order, timestamp, seq };
}

export function positionOf(row: HubRow, order: Position['order']): Position {
  return positionAt({ seq: row.seq, timestamp: timestampOf(row) }, order);
}

/** Where a row stands; smaller is nearer to the start. */
function distance(position: Position, direction: 'older' | 'newer'): [number, number] {
  const sign = direction === 'older' ? -1 : 1;
  return [position.order === 'timestamp' ? sign * position.timestamp : 0, sign * position.seq];
}

/**
 * Rows nearest to the start first, each once, in its present state. The tail is looked at before the store: a row that
 * moves from one to the other meanwhile is in both, never in none.
 */
export async function* listing(
  source: ListingSource,
  checked: CheckedQuery,
  { direction, start, limit }: ListingQuery,
  signal: AbortSignal,
): AsyncGenerator<PageEvent> {
  const order = start?.order ?? checked.query.order;
  const at = (row: HubRow) => distance(positionOf(row, order), direction);
  const near = (a: [number, number], b: [number, number]) => a[0] - b[0] || a[1] - b[1];
  const from = start && distance(start, direction);

  /** Rows that the store's older states of must not be shown. */
  const held = new Set<string>();
  let tail: { row: HubRow; at: [number, number] }[] = [];
  for (const { row } of source.intake.tail.values()) {
    held.add(row.id);
    if (!matches(checked, row, view)) continue;
    const place = at(row);
    if (!from || near(place, from) > 0) tail.push({ row, at: place });
  }
  tail.sort((a, b) => near(a.at, b.at));

  let given = 0;
  const cut = (rows: HubRow[]): HubRow[] => {
    const some = rows.slice(0, limit - given);
    given += some.length;
    return some;
  };
  if (order === 'seq' && direction === 'older') {
    // Nothing stored is newer than these: they need not wait for a search.
    const stored = source.storedSeq();
    const first = tail.filter((t) => t.row.seq > stored);
    tail = tail.slice(first.length);
    const rows = cut(first.map((t) => t.row));
    if (rows.length > 0) yield { type: 'rows', rows };
  }
  if (given >= limit) {
    yield { type: 'end', more: true };
    return;
  }
  const pages = source.store.page(
    { ...storeQuery(checked), order, direction, start, limit },
    checked.access,
    signal,
  );
  let more = false;
  for await (const event of pages) {
    if (event.type === 'progress') yield event;
    else if (event.type === 'end') more = event.more;
    else {
      const fresh = event.rows.filter((row) => !held.has(row.id));
      const last = event.rows.at(-1);
      const edge = last && at(last);
      const passed = edge ? tail.filter((t) => near(t.at, edge) <= 0) : [];
      tail = tail.slice(passed.length);
      const rows = cut(
        [...fresh.map((row) => ({ row, at: at(row) })), ...passed]
          .toSorted((a, b) => near(a.at, b.at))
          .map((t) => t.row),
      );
      if (rows.length > 0) yield { type: 'rows', rows };
      if (given >= limit) break;
    }
  }
  // The store's page ended before these.
  if (!more && given < limit) {
    const rows = cut(tail.map((t) => t.row));
    tail = tail.slice(rows.length);
    if (rows.length > 0) yield { type: 'rows', rows };
  }
  yield { type: 'end', more: more || given >= limit };
}
