/** What changed in a list since its viewer was last here: stored, or still held. */
import { RecordRow } from '@kubeshark/dissect';
import { parseChangeCursor } from './cursor.ts';
import { FeedItem } from './feed.ts';
import type { CheckedQuery } from './query.ts';
import { matches, storeQuery } from './query.ts';
import type { ViewerLink } from './viewer-link.ts';

/** Rows of one message. */
const CHUNK = 1_000;

const view = new RecordRow();

/** The viewer's cursor is of another store, or too much has changed since. */
export class LostPlace extends Error {}

export interface ResumeRequest {
  id: number;
  after: string;
  /** Number of the feed's last change when this begins: what comes later comes live. */
  bound: number;
  cursorAt: (change: number) => string;
}

/** Sends the rows in the order of their changes, so that each cursor stands after all that was sent. */
export async function sendMissed(
  link: ViewerLink,
  checked: CheckedQuery,
  { id, after, bound, cursorAt }: ResumeRequest,
  signal: AbortSignal,
): Promise<void> {
  const begun = performance.now();
  const cursor = parseChangeCursor(after);
  if (!cursor || cursor.store !== link.storeId || cursor.change > bound) throw new LostPlace();
  // Held rows first: one that is stored meanwhile is found twice, never not at all.
  const missed = new Map<string, FeedItem>();
  for (const { row } of link.source.intake.tail.values())
    if (row.change > cursor.change && matches(checked, row, view))
      missed.set(row.id, new FeedItem(row, checked.access));
  await addStored(link, checked, cursor.change, bound, missed, signal);
  const items = [...missed.values()].toSorted((a, b) => a.row.change - b.row.change);
  for (let from = 0; from < items.length; from += CHUNK) {
    const some = items.slice(from, from + CHUNK);
    await link.free(signal);
    link.sendRows(
      id,
      true,
      some.map((item) => item.json),
      cursorAt(some.at(-1)!.row.change),
    );
  }
  const took = performance.now() - begun;
  link.send({ type: 'history', id, older: null, cursor: cursorAt(bound), took });
}

async function addStored(
  link: ViewerLink,
  checked: CheckedQuery,
  after: number,
  bound: number,
  missed: Map<string, FeedItem>,
  signal: AbortSignal,
): Promise<void> {
  const { store } = link.source;
  const limit = link.limits.resumeRows;
  for (let reached = after, looked = 0; ; ) {
    if (missed.size > limit || looked > limit) throw new LostPlace();
    // Large rows come in several answers.
    const rows = await store.changedAfter(
      reached,
      limit + 1 - looked,
      storeQuery(checked),
      checked.access,
      signal,
    );
    if (rows.length === 0) return;
    for (const row of rows) {
      if (row.change > bound) return;
      if (!missed.has(row.id) && matches(checked, row, view))
        missed.set(row.id, new FeedItem(row, checked.access));
    }
    looked += rows.length;
    reached = rows.at(-1)!.change;
  }
}
