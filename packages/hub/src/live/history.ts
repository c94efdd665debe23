/** The newest rows of a list as they are when a viewer asks for it, with word of how far the search is. */
import type { Loss } from '@kubeshark/model';
import type { HubRow } from '../row.ts';
import { FeedItem } from './feed.ts';
import { listing, timestampOf } from './listing.ts';
import { lossesBetween } from './losses.ts';
import type { CheckedQuery } from './query.ts';
import type { ViewerLink } from './viewer-link.ts';

/** A search says how far it is from here on, and then this often. */
const PROGRESS_AFTER_MS = 150;
const PROGRESS_EVERY_MS = 250;

export interface HistoryRequest {
  id: number;
  history: number;
  live: boolean;
  /** Stands at the feed's last change when this begins. */
  cursor: string;
  bound: number;
}

export async function sendHistory(
  link: ViewerLink,
  checked: CheckedQuery,
  { id, history, live, cursor, bound }: HistoryRequest,
  signal: AbortSignal,
): Promise<void> {
  const begun = performance.now();
  let toldAt = begun + PROGRESS_AFTER_MS - PROGRESS_EVERY_MS;
  let found = 0;
  let more = false;
  let last: HubRow | undefined;
  let from = Number.POSITIVE_INFINITY;
  for await (const event of listing(link.source, checked, { direction: 'older', limit: history }, signal)) {
    signal.throwIfAborted();
    if (event.type === 'end') more = event.more;
    else if (event.type === 'rows') {
      found += event.rows.length;
      last = event.rows.at(-1);
      for (const row of event.rows) from = Math.min(from, timestampOf(row));
      // What has changed since comes live.
      const rows = event.rows.filter((row) => !live || row.change <= bound).toReversed();
      const texts = rows.map((row) => new FeedItem(row, checked.access).json);
      await link.free(signal);
      if (rows.length > 0) link.sendRows(id, false, texts, cursor);
    } else if (performance.now() - toldAt >= PROGRESS_EVERY_MS) {
      toldAt = performance.now();
      const { looked, total, reached } = event;
      link.send({ type: 'progress', id, looked, total, found, reached });
    }
  }
  link.send({
    type: 'history',
    id,
    older: more && last ? { seq: last.seq, timestamp: timestampOf(last) } : null,
    cursor,
    took: performance.now() - begun,
  });
  const { query, access } = checked;
  const since = more ? from : (query.from ?? 0);
  const losses: Loss[] = await lossesBetween(link.source, since, query.to ?? Number.MAX_SAFE_INTEGER, access);
  signal.throwIfAborted();
  if (losses.length > 0) link.send({ type: 'losses', losses });
}
