/** Rows that may still change, or whose present state is not stored: by their ids, and by those of their further sightings. */
import type { HubRow } from '../row.ts';
import type { HeldRow } from './held-row.ts';
import { recordView } from './record-edit.ts';

export class RowMemory {
  /** Rows whose present state is not stored, by id: what a viewer cannot read from the store yet. */
  readonly tail = new Map<string, HeldRow>();
  /** Open rows whose present state is stored. */
  readonly open = new Map<string, HeldRow>();
  /** By the ids of further sightings: a call may be open for longer than the index of calls remembers it. */
  private readonly further = new Map<string, HeldRow>();
  private readonly limits: { openRows: number };

  constructor(limits: { openRows: number }) {
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
    this.open.set(row.id, known);
    for (const { id } of row.context.seenBy) if (id !== row.id) this.further.set(id, known);
    return true;
  }

  /** The row has a state that is not stored. */
  changed(known: HeldRow): void {
    const { id } = known.row;
    known.dirty = true;
    this.open.delete(id);
    this.tail.set(id, known);
  }

  /** These rows are stored as they were when the commit took them. */
  stored(rows: readonly HeldRow[]): void {
    for (const known of rows) {
      known.stored = true;
      if (known.dirty) continue;
      this.tail.delete(known.row.id);
      if (known.open && this.open.size < this.limits.openRows) this.open.set(known.row.id, known);
      else this.forget(known);
    }
  }

  private forget({ row }: HeldRow): void {
    const { seenBy } = row.context;
    if (seenBy.length > 1) for (const { id } of seenBy) this.further.delete(id);
  }
}
