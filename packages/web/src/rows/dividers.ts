/** Lines between rows that are no rows: a new day, and a seam where entries were not kept. */
import type { ListRow, Loss } from '@kubeshark/model';

export type Divider =
  | { kind: 'day' /** Local midnight, ms since the epoch. */; day: number }
  | { kind: 'loss'; loss: Loss };

/** A divider stands before the row at `at`. */
export interface PlacedDivider {
  at: number;
  divider: Divider;
}

interface Rows {
  readonly size: number;
  at(index: number): ListRow | undefined;
}

/** Local midnight of the day a time is in, ms. */
export function dayOf(micros: number): number {
  return new Date(micros / 1_000).setHours(0, 0, 0, 0);
}

/** Rows arrive when they end, so that a few of yesterday come after midnight: they do not turn the day back. */
const STRAGGLER = 300_000_000;

/** Days of rows, looked at once each: appended rows only are looked at when rows were appended. */
export class DayDividers {
  private placed: PlacedDivider[] = [];
  private looked = 0;
  private start = 0;
  private end = 0;

  reset(): void {
    this.placed = [];
    this.looked = 0;
    this.start = 0;
    this.end = 0;
  }

  update(rows: Rows): readonly PlacedDivider[] {
    for (; this.looked < rows.size; this.looked++) {
      const { timestamp } = rows.at(this.looked)!;
      if (timestamp < this.end && timestamp >= this.start - STRAGGLER) continue;
      const day = dayOf(timestamp);
      this.placed.push({ at: this.looked, divider: { kind: 'day', day } });
      this.start = day * 1_000;
      this.end = new Date(day).setHours(24, 0, 0, 0) * 1_000;
    }
    return this.placed;
  }
}

/** Losses of one place and cause that follow each other within this are one seam. */
const SAME_SEAM = 5_000_000;

/** Adds losses to seams: each known one once, neighbours joined. Sorted by time. */
export function joinLosses(seams: readonly Loss[], losses: readonly Loss[]): Loss[] {
  const all = [...seams, ...losses].toSorted((a, b) => a.from - b.from || a.to - b.to);
  const open = new Map<string, Loss>();
  const joined: Loss[] = [];
  for (const loss of all) {
    const key = `${loss.worker}\n${loss.place}\n${loss.cause}`;
    const before = open.get(key);
    if (before && loss.from >= before.from && loss.to <= before.to) continue;
    if (before && loss.from - before.to <= SAME_SEAM) {
      before.to = loss.to;
      before.count += loss.count;
      continue;
    }
    const seam = { ...loss };
    open.set(key, seam);
    joined.push(seam);
  }
  return joined;
}

/** Where the seams stand: before the first row that began after them. Those before the first row are left out. */
export function placeLosses(rows: Rows, seams: readonly Loss[]): PlacedDivider[] {
  const first = rows.at(0);
  if (!first) return [];
  const placed: PlacedDivider[] = [];
  for (const loss of seams) {
    if (loss.to < first.timestamp) continue;
    let low = 0;
    let high = rows.size;
    // Rows are in the order of arrival, which is nearly that of time: near enough for a seam.
    while (low < high) {
      const middle = (low + high) >>> 1;
      if (rows.at(middle)!.timestamp <= loss.to) low = middle + 1;
      else high = middle;
    }
    placed.push({ at: low, divider: { kind: 'loss', loss } });
  }
  return placed;
}
