/** Rows that may still change, or whose present state is not stored: by their ids, and by those of their further sightings. */
import type { HubRow } from '../row.ts';
import type { HeldRow } from './held-row.ts';
import { recordView } from './record-edit.ts';

export class RowMemory {
  readonly caps = { openRows: 0, openRowBytes: 0 };
  /** Rows whose present state is not stored, by id: what a viewer cannot read from the store yet. */
  readonly tail = new Map<string, HeldRow>();
  /** Open rows whose present state is stored. */
  readonly open = new Map<string, HeldRow>();
  /** By the ids of further sightings: a call may be open for longer than the index of calls remembers it. */
  private readonly further = new Map<string, HeldRow>();
  /** Of the records in `open`. */
  private openBytes = 0;
  private readonly limits: { openRows: number; openRowBytes: number };

  constructor(limits: { openRows: number; openRowBytes: number }) {
    this.limits = limits;
  }

  /** The row of this id. */
  row(id: string): HeldRow | undefined {
    return this.tail.get(id) ?? this.open.get(id);
  }

  /** The row that `id` is a further sighting of. */
  seenAs(id: string): HeldRow | undefined {
    return this.further.get(id);
  }

  alsoSeenAs(id: string, row: HeldRow): void {
    this.further.set(id, row);
  }

  /** A row of the store, from now on here when it is open. False when it is not. */
  remember(row: HubRow): boolean {
    const { revision, state } = recordView(row.record);
    if (state !== 'open') return false;
    const known: HeldRow = {
      row,
      revision,
      boot: row.boot,
      open: true,
      dirty: false,
      final: false,
      stored: true,
    };
    this.keepOpen(known);
    for (const { id } of row.context.seenBy) if (id !== row.id) this.further.set(id, known);
    return true;
  }

  /** The row has this state now, which is not stored. */
  changed(known: HeldRow, row: HubRow): void {
    this.leaveOpen(row.id);
    known.row = row;
    known.dirty = true;
    this.tail.set(row.id, known);
  }

  /** These rows are stored as they were when the commit took them. */
  stored(rows: readonly HeldRow[]): void {
    for (const known of rows) {
      known.stored = true;
      if (known.dirty) continue;
      this.tail.delete(known.row.id);
      if (known.open && this.hasRoom) this.keepOpen(known);
      else {
        if (known.open) this.left(this.open.size);
        this.forget(known);
      }
    }
  }

  /** An open row is not here, since there is no room beside `kept` others. */
  left(kept: number): void {
    this.caps[kept >= this.limits.openRows ? 'openRows' : 'openRowBytes']++;
  }

  private get hasRoom(): boolean {
    return this.open.size < this.limits.openRows && this.openBytes < this.limits.openRowBytes;
  }

  private keepOpen(known: HeldRow): void {
    this.leaveOpen(known.row.id);
    this.open.set(known.row.id, known);
    this.openBytes += known.row.record.length;
  }

  private leaveOpen(id: string): void {
    const known = this.open.get(id);
    if (!known) return;
    this.open.delete(id);
    this.openBytes -= known.row.record.length;
  }

  private forget({ row }: HeldRow): void {
    const { seenBy } = row.context;
    if (seenBy.length > 1) for (const { id } of seenBy) this.further.delete(id);
  }
}
