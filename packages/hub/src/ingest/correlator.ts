/** Which row a record belongs to: a new one, one that it is a new state of, or that of a call which another place has told. */
import type { RecordView } from '@kubeshark/model';
import type { HubRow } from '../row.ts';
import type { BatchChanges, Rows } from './batch-changes.ts';
import type { CallIndex } from './call-index.ts';
import { hasCallKey, placeNumber } from './call-index.ts';
import type { CapturedRecord } from './captured-record.ts';
import { capturedSighting } from './captured-record.ts';
import type { IntakeCounters } from './intake-counters.ts';
import { recordView } from './record-edit.ts';
import type { RowStates } from './row-states.ts';

export interface CorrelatorParts {
  readonly rows: Rows;
  readonly index: CallIndex;
  readonly states: RowStates;
  readonly counters: IntakeCounters;
  readonly limits: { sightingsPerRow: number };
}

export class Correlator {
  readonly caps = {
    /** Sightings that are rows of their own. */
    sightingsPerRow: 0,
  };
  private readonly parts: CorrelatorParts;

  constructor(parts: CorrelatorParts) {
    this.parts = parts;
  }

  /** The sightings of a row that a hub before this one has stored. `time`: of the hub's clock, µs. */
  recall(row: HubRow, time: number): void {
    const view = recordView(row.record);
    if (!hasCallKey(view)) return;
    for (const { id, worker, interface: name, pod, timestamp } of row.context.seenBy) {
      const place = placeNumber(worker, name, pod?.uid ?? '');
      this.parts.index.add(view, { id, row: row.id, place, timestamp }, time);
    }
  }

  /** Whether the record, whose id is `id`, is of a row that is known here. */
  knows(view: RecordView, id: string): boolean {
    const { rows, index } = this.parts;
    if (rows.memory.row(id) || rows.memory.seenAs(id)) return true;
    const row = hasCallKey(view) ? index.rowOf(view, id) : undefined;
    return row !== undefined && row !== id;
  }

  take(captured: CapturedRecord, changes: BatchChanges): void {
    const { id, view } = captured;
    const { rows, states } = this.parts;
    const known = rows.memory.row(id);
    if (known) {
      if (view.revision <= known.revision) return;
      if (known.final) this.endAfterClose(id, captured, changes);
      else states.revise(known, view, changes);
      return;
    }
    const again = rows.memory.seenAs(id);
    if (!again) this.match(captured, changes);
    else if (again.final) this.endAfterClose(again.row.id, captured, changes);
    else states.sighted(again, captured, changes);
  }

  /** A state of a sighting of `row`, which is closed: its content is refused, but when it ended there is worth keeping. */
  endAfterClose(row: string, captured: CapturedRecord, { held }: BatchChanges): void {
    const { view } = captured;
    this.parts.counters.revisions_after_close++;
    if (view.state === 'closed' && view.revision > 0) held.sightings.push(lateSighting(row, captured));
  }

  /** A record of which no row is in memory. */
  private match(captured: CapturedRecord, changes: BatchChanges): void {
    const { id, view, placeNumber: place, source } = captured;
    const { rows, index, states, counters, limits } = this.parts;
    if (states.isOurs(captured)) {
      counters.ours++;
      return;
    }
    const { arrival } = changes.held;
    const timestamp = view.timestamp + source.correction;
    const keyed = hasCallKey(view);
    const match = keyed ? index.find(view, id, place, timestamp, arrival) : null;
    if (match?.known) {
      this.endAfterClose(match.row, captured, changes);
      return;
    }
    if (match) {
      const row = rows.memory.row(match.row);
      if (!row || row.final) {
        // It is stored and closed. Sightings of calls that are not over are told when they are.
        if (view.state === 'open') return;
        index.add(view, { id, row: match.row, place, timestamp }, arrival);
        counters.late_sightings++;
        changes.held.sightings.push(lateSighting(match.row, captured));
        return;
      }
      if (row.row.context.seenBy.length < limits.sightingsPerRow) {
        index.add(view, { id, row: match.row, place, timestamp }, arrival);
        rows.memory.alsoSeenAs(id, row);
        states.sighted(row, captured, changes);
        return;
      }
      this.caps.sightingsPerRow++;
    }
    if (keyed) index.add(view, { id, row: id, place, timestamp }, arrival);
    states.create(captured, rows.sequence.take(), changes);
  }
}

function lateSighting(row: string, captured: CapturedRecord) {
  return { row, sighting: { ...capturedSighting(captured), late: true } };
}
