/** What changed in a list since its viewer was last here, stored or still held, and what is missing of it. */
import { RecordRow } from '@kubeshark/dissect';
import { mayRead } from '@kubeshark/model';
import type { HubRow } from '../row.ts';
import { parseChangeCursor } from './cursor.ts';
import { FeedItem } from './feed.ts';
import { timestampOf } from './listing.ts';
import { lossesBetween } from './losses.ts';
import type { CheckedQuery } from './query.ts';
import { fitOf, storeQuery } from './query.ts';
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

interface MissedRow {
  change: number;
  timestamp: number;
  json: string;
  matches: boolean;
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
  const missed = await missedRows(link, checked, cursor.change, bound, signal);
  for (let from = 0; from < missed.length; from += CHUNK) {
    const some = missed.slice(from, from + CHUNK);
    const texts = (match: boolean) => some.filter((row) => row.matches === match).map((row) => row.json);
    await link.free(signal);
    const revised = texts(false);
    if (revised.length > 0) link.sendRevised(id, revised);
    link.sendRows(id, true, texts(true), cursorAt(some.at(-1)!.change));
  }
  const took = performance.now() - begun;
  link.send({ type: 'history', id, older: null, cursor: cursorAt(bound), took });
  const since = missed.reduce((least, row) => Math.min(least, row.timestamp), Number.MAX_SAFE_INTEGER);
  const losses = await lossesBetween(
    link.source,
    since,
    checked.query.to ?? Number.MAX_SAFE_INTEGER,
    checked.access,
  );
  signal.throwIfAborted();
  if (losses.length > 0) link.send({ type: 'losses', losses });
}

/** Ascending by change. */
async function missedRows(
  link: ViewerLink,
  checked: CheckedQuery,
  after: number,
  bound: number,
  signal: AbortSignal,
): Promise<MissedRow[]> {
  const { source, limits } = link;
  const missed = new Map<string, MissedRow>();
  const add = (row: HubRow) => {
    if (missed.size >= limits.resumeRows) throw new LostPlace();
    const fit = fitOf(checked, row, view);
    // One that came before and does not match may have matched while it was open, or before it was known as a leg of another.
    if (fit === 'match' || (row.seq <= after && mayRead(checked.access, row.context.captured)))
      missed.set(row.id, {
        change: row.change,
        timestamp: timestampOf(row),
        json: new FeedItem(row, checked.access).json,
        matches: fit === 'match',
      });
  };
  // Held rows first: one that is stored meanwhile is found twice, never not at all.
  const held = new Set<string>();
  for (const { row } of source.intake.tail.values()) {
    if (row.change <= after) continue;
    held.add(row.id);
    add(row);
  }
  for (let reached = after; ; ) {
    // Large rows come in several answers.
    const limit = limits.resumeRows + 1;
    const query = storeQuery(checked);
    const rows = await source.store.changedAfter(reached, limit, query, checked.access, signal);
    for (const row of rows) if (row.change <= bound && !held.has(row.id)) add(row);
    reached = rows.at(-1)?.change ?? bound;
    if (reached >= bound) break;
  }
  return [...missed.values()].toSorted((a, b) => a.change - b.change);
}
