/**
 * The rows of the list, outside React: in one of the two orders, each id once, its latest change, and without a hole between
 * the first and the last. Rows may come in any order, more than once, from history, live and pages alike: the result is the same.
 */
import type { ListQuery, ListRow, RowPlace } from '@kubeshark/model';

/** Rows that a page keeps; the oldest leave. */
export const MAX_ROWS = 200_000;

/**
 * The hub's number of a row's last change: it only ever grows. The place may change too, once: a hub that was killed may have
 * shown a row that it had not stored yet, and the next one accepts it anew.
 */
function changeOf({ seq, revision }: ListRow): number {
  return seq + revision;
}

/** What is before, and what after, in each order. */
const COMPARE: Record<ListQuery['order'], (a: RowPlace, b: RowPlace) => number> = {
  seq: (a, b) => a.seq - b.seq,
  timestamp: (a, b) => a.timestamp - b.timestamp || a.seq - b.seq,
};

export class RowStore {
  /** Grows with every change. */
  version = 0;
  /** Grows when rows before others came or went: places must be looked up again. */
  shifts = 0;
  compare = COMPARE.seq;
  private readonly max: number;
  private rows: ListRow[] = [];
  /** Rows before this one have left; the array is cut now and then, not for each of them. */
  private head = 0;
  private start: RowPlace | null = null;
  /** Rows after it have left. */
  private end: RowPlace | null = null;
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

  /** Whether there are rows before the first one, which were not read yet or have left. */
  get hasMoreBefore(): boolean {
    return this.start !== null;
  }

  /** Index of the first row at this place or after it; `size` when there is none. */
  indexAt(place: RowPlace): number {
    let low = this.head;
    let high = this.rows.length;
    while (low < high) {
      const middle = (low + high) >>> 1;
      if (this.compare(this.rows[middle]!, place) < 0) low = middle + 1;
      else high = middle;
    }
    return low - this.head;
  }

  /** Index of a row, −1 when it is not here. */
  indexOf(id: string): number {
    const row = this.byId.get(id);
    return row ? this.indexAt(row) : -1;
  }

  clear(order: ListQuery['order'] = 'seq'): void {
    this.compare = COMPARE[order];
    this.rows = [];
    this.head = 0;
    this.start = null;
    this.end = null;
    this.byId.clear();
    this.version++;
    this.shifts++;
  }

  /**
   * From where on rows are whole; null: from the very first. Those before are not taken: between them and the others some would
   * be missing.
   */
  startAt(place: RowPlace | null): void {
    this.start = place;
    if (place) this.dropBefore(this.indexAt(place));
  }

  /**
   * Takes rows in. Too many: the oldest leave, except with `keepOldest` (the reader is there), when the newest do; they are read
   * again when the reader comes to them. Gives the number of rows that are not here at the end.
   */
  add(rows: readonly ListRow[], keepOldest = false): number {
    const between = new Map<string, ListRow>();
    let last = this.last();
    let cut = 0;
    for (const row of rows) {
      const known = this.byId.get(row.id);
      if (known) {
        if (changeOf(row) <= changeOf(known)) continue;
        if (between.has(row.id)) {
          between.set(row.id, row);
          this.byId.set(row.id, row);
          continue;
        }
        if (this.compare(row, known) === 0) {
          this.replace(known, row);
          continue;
        }
        this.remove(known);
        last = this.last();
      }
      if (this.start && this.compare(row, this.start) < 0) continue;
      if (this.end && this.compare(row, this.end) > 0) {
        cut++;
        continue;
      }
      this.byId.set(row.id, row);
      if (!last || this.compare(row, last) > 0) {
        this.rows.push(row);
        last = row;
      } else between.set(row.id, row);
    }
    if (between.size > 0) this.mergeIn([...between.values()]);
    if (this.size > this.max) {
      if (keepOldest) cut += this.dropNewest();
      else {
        this.dropBefore(this.size - this.max);
        this.start = this.first()!;
      }
    }
    this.version++;
    return cut;
  }

  /** Takes in the rows before a place, `start` being where they begin. Nothing if the rows after it have left meanwhile. */
  addBefore(place: RowPlace, rows: readonly ListRow[], start: RowPlace | null, keepOldest: boolean): number {
    if (this.start && this.compare(this.start, place) > 0) return 0;
    this.start = start;
    return this.add(rows, keepOldest);
  }

  /** Takes only newer states of rows that are here. One that turned out to be an inner leg of another leaves. */
  revise(rows: readonly ListRow[]): void {
    const here = rows.filter((row) => this.byId.has(row.id));
    for (const { id, legs } of here) if (legs && legs.outer > 0) this.remove(this.byId.get(id)!);
    this.add(here.filter(({ id }) => this.byId.has(id)));
  }

  private replace(known: ListRow, row: ListRow): void {
    const index = this.head + this.indexAt(known);
    this.byId.set(row.id, row);
    this.rows[index] = row;
  }

  private remove(row: ListRow): void {
    this.rows.splice(this.head + this.indexAt(row), 1);
    this.byId.delete(row.id);
    this.shifts++;
  }

  private mergeIn(between: ListRow[]): void {
    between.sort(this.compare);
    const from = this.head + this.indexAt(between[0]!);
    const tail = this.rows.slice(from);
    this.rows.length = from;
    let t = 0;
    for (const row of between) {
      while (t < tail.length && this.compare(tail[t]!, row) < 0) this.rows.push(tail[t++]!);
      this.rows.push(row);
    }
    while (t < tail.length) this.rows.push(tail[t++]!);
    this.shifts++;
  }

  private dropBefore(leave: number): void {
    if (leave === 0) return;
    for (let i = 0; i < leave; i++) this.byId.delete(this.rows[this.head + i]!.id);
    this.head += leave;
    // Cutting an array copies it: once for a tenth of the rows costs nothing a row.
    if (this.head > this.max / 10) {
      this.rows = this.rows.slice(this.head);
      this.head = 0;
    }
    this.version++;
    this.shifts++;
  }

  private dropNewest(): number {
    const leaving = this.rows.splice(this.head + this.max);
    for (const row of leaving) this.byId.delete(row.id);
    this.end = this.last()!;
    return leaving.length;
  }
}
