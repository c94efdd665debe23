/** Cursors: opaque to the page, checked when they come back. */
import type { Position } from '../store/store.ts';

/** After which change a viewer goes on; `store` names the store it counts in. */
export interface ChangeCursor {
  store: string;
  change: number;
}

const VERSION = '1';

function encode(...parts: (string | number)[]): string {
  return Buffer.from([VERSION, ...parts].join(':')).toString('base64url');
}

function decode(cursor: string, kind: string): string[] | null {
  if (cursor.length > 200) return null;
  const [version, of, ...parts] = Buffer.from(cursor, 'base64url').toString('latin1').split(':');
  return version === VERSION && of === kind ? parts : null;
}

/** A number as it stands in a cursor; NaN when it is none. */
function numberIn(text: string | undefined): number {
  return text !== undefined && /^-?\d{1,16}(\.\d{1,6})?$/.test(text) ? Number(text) : Number.NaN;
}

export function changeCursor({ store, change }: ChangeCursor): string {
  return encode('c', store, change);
}

/** null when it is no such cursor. */
export function parseChangeCursor(cursor: string): ChangeCursor | null {
  const parts = decode(cursor, 'c');
  const change = numberIn(parts?.[1]);
  return parts && Number.isSafeInteger(change) && change >= 0 ? { store: parts[0]!, change } : null;
}

/** Where a page begins: at a place in the list, or at the place that a list had reached at some change. */
export function startOf(cursor: string, direction: 'older' | 'newer', storeId: string): Position | null {
  const place = parsePositionCursor(cursor);
  if (place) return place;
  const reached = parseChangeCursor(cursor);
  if (reached?.store !== storeId) return null;
  // A row stands at the change that brought it.
  return { order: 'seq', seq: direction === 'older' ? reached.change + 1 : reached.change };
}

export function positionCursor(position: Position): string {
  const { order, seq, timestamp } = position;
  if (order === 'timestamp') return encode('t', timestamp, seq);
  return timestamp === undefined ? encode('s', seq) : encode('s', seq, timestamp);
}

/** null when it is no such cursor. */
export function parsePositionCursor(cursor: string): Position | null {
  const bySeq = decode(cursor, 's');
  if (bySeq) {
    const [seq, timestamp] = [numberIn(bySeq[0]), numberIn(bySeq[1])];
    if (!Number.isSafeInteger(seq)) return null;
    return { order: 'seq', seq, ...(Number.isFinite(timestamp) ? { timestamp } : {}) };
  }
  const byTime = decode(cursor, 't');
  const [timestamp, seq] = [numberIn(byTime?.[0]), numberIn(byTime?.[1])];
  return Number.isFinite(timestamp) && Number.isSafeInteger(seq)
    ? { order: 'timestamp', timestamp, seq }
    : null;
}
