/**
 * What one batch, or the hub itself, does to rows: each state gets its number, the batch holds the row until a commit takes it,
 * viewers are told, and the legs of its call are looked for.
 */
import type { HubRow } from '../row.ts';
import type { HeldBatch } from './held-batches.ts';
import type { Change, HeldRow } from './held-row.ts';
import type { LegIndex } from './legs.ts';
import { recordView } from './record-edit.ts';
import type { RowMemory } from './row-memory.ts';
import type { Sequence } from './sequence.ts';

/** What knows the rows. */
export interface Rows {
  readonly sequence: Sequence;
  readonly memory: RowMemory;
  readonly legs: LegIndex;
}

export class BatchChanges {
  readonly held: HeldBatch;
  readonly list: Change[] = [];
  private readonly rows: Rows;

  constructor(rows: Rows, held: HeldBatch) {
    this.rows = rows;
    this.held = held;
  }

  /** A new row, with a number from the sequence. */
  begin(known: HeldRow): void {
    const { row } = known;
    this.rows.memory.changed(known, row);
    this.held.touched.push(known);
    this.list.push({ row, before: null });
    this.rows.legs.changed(row);
  }

  replace(known: HeldRow, row: HubRow): void {
    this.put(known, row);
    this.rows.legs.changed(known.row);
  }

  /** Rows that are legs of one call are told so, as far as there are numbers for it: the others the next time. */
  settleLegs(): void {
    const { sequence, memory, legs } = this.rows;
    legs.settle(
      (id) => memory.row(id)?.row,
      (id, context) => {
        if (!sequence.has(1)) return false;
        const known = memory.row(id)!;
        this.put(known, { ...known.row, context });
        return true;
      },
    );
  }

  private put(known: HeldRow, row: HubRow): void {
    const before = known.row;
    known.open = recordView(row.record).state === 'open';
    this.rows.memory.changed(known, { ...row, change: this.rows.sequence.take() });
    this.held.touched.push(known);
    this.list.push({ row: known.row, before });
  }
}
