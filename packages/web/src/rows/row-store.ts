/**
 * The rows of the list, outside React: in the order of `seq`, each id once, its latest change. Rows may come in any
 * order, more than once, from history, live and pages alike: the result is the same.
 */
import type { ListRow } from '@kubeshark/model';

/** Rows that a page keeps; the oldest leave. */
export const MAX_ROWS = 200_000;

/**
 * The hub's number of a row's last change: it only ever grows. The place may change too, once: a hub that was killed may have
 * shown a row that it had not stored yet, and the next one accepts it anew.
 */
function changeOf({ seq, revision }: ListRow): number {
  return seq + revision;
}

/** What a change did to the places of the rows that were there before. */
export interface RowChange {
  /** Rows that are new at the end. */
  appended: number;
  /** Something else than the end changed: places must be looked up again. */
  moved: boolean;
  /** Rows that left at the end: what comes after them does not follow on from what is here. */
  cut: number;
}

export class RowStore {
  /** Grows with every change. */
  version = 0;
  /** Rows that left above since the last `clear`. */
  evicted = 0;
  private readonly max: number;
  private rows: ListRow[] = [];
  /** Rows before this one have left; the array is cut now and then, not for each of them. */
  private head = 0;
  private readonly byId = new Map<string, ListRow>();

  constructor(max = MAX_ROWS) {
    this.max = max;
  }

  get size(): number {
    return this.rows.length - this.head;
  }

  at(index: number): ListRow | undefined {
    return index < 0 ? undefined : this.rows[this.head + index];
  }

  get(id: string): ListRow | undefined {
    return this.byId.get(id);
  }

  first(): ListRow | undefined {
    return this.at(0);
  }

  last(): ListRow | undefined {
    return this.at(this.size - 1);
  }

  /** Place of the first row with this `seq` or a higher one; `size` when there is none. */
  indexOfSeq(seq: number): number {
    let low = this.head;
    let high = this.rows.length;
    while (low < high) {
      const middle = (low + high) >>> 1;
      if (this.rows[middle]!.seq < seq) low = middle + 1;
      else high = middle;
    }
    return low - this.head;
  }

  /** Place of a row, −1 when it is not here. */
  indexOf(id: string): number {
    const row = this.byId.get(id);
    return row ? this.indexOfSeq(row.seq) : -1;
  }

  clear(): void {
    this.rows = [];
    this.head = 0;
    this.evicted = 0;
    this.byId.clear();
    this.version++;
  }

  /**
   * Takes rows in. Too many: the oldest leave, except with `keepOldest` (the reader is there), when the newest do;
   * they are read again when the reader comes to them.
   */
  add(rows: readonly ListRow[], keepOldest = false): RowChange {
    const change: RowChange = { appended: 0, moved: false, cut: 0 };
    const between = new Map<string, ListRow>();
    let newest = this.last()?.seq ?? Number.NEGATIVE_INFINITY;
    for (const row of rows) {
      const known = this.byId.get(row.id);
      if (known) {
        if (changeOf(row) <= changeOf(known)) continue;
        if (between.has(row.id)) {
          between.set(row.id, row);
          this.byId.set(row.id, row);
          continue;
        }
        if (row.seq === known.seq) {
          this.replace(known, row);
          continue;
        }
        this.remove(known);
        change.moved = true;
        newest = this.last()?.seq ?? Number.NEGATIVE_INFINITY;
      }
      this.byId.set(row.id, row);
      if (row.seq > newest) {
        this.rows.push(row);
        newest = row.seq;
        change.appended++;
      } else between.set(row.id, row);
    }
    if (between.size > 0) {
      this.mergeIn([...between.values()]);
      change.moved = true;
    }
    if (this.size > this.max) {
      change.moved = true;
      if (keepOldest) change.cut = this.dropNewest();
      else this.dropOldest();
    }
    this.version++;
    return change;
  }

  /** Takes only newer states of rows that are here. */
  revise(rows: readonly ListRow[]): void {
    this.add(rows.filter((row) => this.byId.has(row.id)));
  }

  private replace(known: ListRow, row: ListRow): void {
    const index = this.head + this.indexOfSeq(known.seq);
    this.byId.set(row.id, row);
    this.rows[index] = row;
  }

  private remove(row: ListRow): void {
    this.rows.splice(this.head + this.indexOfSeq(row.seq), 1);
    this.byId.delete(row.id);
  }

  private mergeIn(between: ListRow[]): void {
    between.sort((a, b) => a.seq - b.seq);
    const from = this.head + this.indexOfSeq(between[0]!.seq);
    const tail = this.rows.slice(from);
    this.rows.length = from;
    let t = 0;
    for (const row of between) {
      while (t < tail.length && tail[t]!.seq < row.seq) this.rows.push(tail[t++]!);
      this.rows.push(row);
    }
    while (t < tail.length) this.rows.push(tail[t++]!);
  }

  private dropOldest(): void {
    const leave = this.size - this.max;
    for (let i = 0; i < leave; i++) this.byId.delete(this.rows[this.head + i]!.id);
    this.head += leave;
    this.evicted += leave;
    // Cutting an array copies it: once for a tenth of the rows costs nothing a row.
    if (this.head > this.max / 10) {
      this.rows = this.rows.slice(this.head);
      this.head = 0;
    }
  }

  private dropNewest(): number {
    const leaving = this.rows.splice(this.head + this.max);
    for (const row of leaving) this.byId.delete(row.id);
    return leaving.length;
  }
}
