/**
 * What becomes of a batch: its records are rows, new states of rows, or sightings of calls that another place has told.
 * Batches are held whole, in order of arrival, until a commit takes them; rows are shown live at once.
 */
import type { Batch, Loss } from '@kubeshark/model';
import { RecordView, recordOffsets } from '@kubeshark/model';
import type { Recalled } from '../recall.ts';
import type { HubRow } from '../row.ts';
import type { HubLimits } from '../settings.ts';
import type { Rows } from './batch-changes.ts';
import { BatchChanges } from './batch-changes.ts';
import { CallIndex, placeNumber as numberOf } from './call-index.ts';
import type { BatchSource, CapturedRecord } from './captured-record.ts';
import { Correlator } from './correlator.ts';
import type { HeldBatch } from './held-batches.ts';
import { HeldBatches } from './held-batches.ts';
import type { Change, HeldRow } from './held-row.ts';
import type { IdentityLookup } from './identity.ts';
import { intakeCounters } from './intake-counters.ts';
import { LegIndex } from './legs.ts';
import { PodActivity } from './pod-activity.ts';
import { closedAsIncomplete } from './record-edit.ts';
import { RowMemory } from './row-memory.ts';
import { RowStates } from './row-states.ts';
import type { Sequence } from './sequence.ts';
import { WaitingRows } from './waiting-rows.ts';

/** A state of an entry that memory does not know the beginning of. */
export interface UnknownRevision {
  id: string;
  /** µs, corrected. */
  timestamp: number;
}

export class Intake {
  readonly counters = intakeCounters();
  private readonly ownCaps = {
    /** Rows closed because their worker did not come back. */
    abandonMs: 0,
    callKeysAtStart: 0,
  };
  readonly index: CallIndex;
  readonly activity: PodActivity;
  readonly identities: IdentityLookup;
  private readonly batches: HeldBatches;
  private readonly waiting: WaitingRows;
  private readonly rows: Rows;
  private readonly correlator: Correlator;
  private readonly view = new RecordView();
  onChanges: (changes: readonly Change[]) => void = () => {};
  onLosses: (losses: readonly Loss[]) => void = () => {};

  constructor(sequence: Sequence, identities: IdentityLookup, limits: HubLimits) {
    const { counters } = this;
    this.identities = identities;
    this.index = new CallIndex(limits);
    this.activity = new PodActivity(limits.activePods);
    this.batches = new HeldBatches(limits);
    this.waiting = new WaitingRows(identities);
    const memory = new RowMemory(limits);
    const legs = new LegIndex(limits, (id) => memory.row(id)?.final === false);
    this.rows = { sequence, memory, legs };
    const states = new RowStates({ identities, activity: this.activity, waiting: this.waiting, counters });
    this.correlator = new Correlator({ rows: this.rows, index: this.index, states, counters, limits });
  }

  /** Rows whose present state is not stored, by id: what a viewer cannot read from the store yet. */
  get tail(): ReadonlyMap<string, HeldRow> {
    return this.rows.memory.tail;
  }

  /** Open rows whose present state is stored. */
  get open(): ReadonlyMap<string, HeldRow> {
    return this.rows.memory.open;
  }

  /** The row as it is now, when memory has it. */
  get(id: string): HubRow | undefined {
    return this.rows.memory.row(id)?.row;
  }

  /** How often limits have bitten, by their names. */
  get caps() {
    const { batches, index, activity, correlator, ownCaps } = this;
    const { memory, legs } = this.rows;
    return {
      ...ownCaps,
      ...correlator.caps,
      ...batches.caps,
      ...index.caps,
      ...memory.caps,
      ...activity.caps,
      ...legs.caps,
    };
  }

  /** Learns again what a hub before this one knew: open rows, and the keys of recent calls. Before any batch. */
  recall({ open, recent }: Recalled, time: number): void {
    if (open.cut) this.rows.memory.left(open.rows.length);
    if (recent.cut) this.ownCaps.callKeysAtStart++;
    for (const row of open.rows) this.remember(row);
    for (const row of recent.rows.toReversed()) {
      this.rows.legs.changed(row);
      this.correlator.recall(row, time);
    }
  }

  /** What the batch revises and memory does not know: it has to be asked of the store before `accept`. */
  unknownRevisions(batch: Batch, source: BatchSource): UnknownRevision[] {
    const unknown = new Map<string, UnknownRevision>();
    const view = this.view;
    for (const at of recordOffsets(batch.records)) {
      view.at(batch.records, at);
      if (view.revision === 0) continue;
      const id = view.id(source.boot);
      if (!this.correlator.knows(view, id))
        unknown.set(id, { id, timestamp: view.timestamp + source.correction });
    }
    return [...unknown.values()];
  }

  /** A row of the store, from now on in memory when it is open. False when it is not. */
  remember(row: HubRow): boolean {
    if (!this.rows.memory.remember(row)) return false;
    this.rows.legs.changed(row);
    return true;
  }

  /**
   * Takes a checked batch. `time` is the hub's clock, µs. The sequence must have a number for each record.
   * `closed`: ids that `unknownRevisions` gave and that the store knows as closed; nothing changes those.
   */
  accept(batch: Batch, source: BatchSource, time: number, closed?: ReadonlySet<string>): void {
    const losses = batch.losses.map((loss) => ({
      ...loss,
      // A worker speaks for itself only.
      worker: source.worker,
      from: loss.from + source.correction,
      to: loss.to + source.correction,
    }));
    const places = batch.places.map((place) => ({
      place: { ...place, worker: source.worker },
      placeNumber: numberOf(source.worker, place.interface, place.pod?.uid ?? ''),
    }));
    const { boot, bytes } = source;
    const changes = new BatchChanges(this.rows, {
      ...ownBatch(time),
      boot,
      number: batch.number,
      bytes,
      losses,
    });
    for (const at of recordOffsets(batch.records)) {
      const view = this.view.at(batch.records, at);
      this.counters.records++;
      const { place, placeNumber } = places[view.place]!;
      const captured: CapturedRecord = { id: view.id(boot), view, place, placeNumber, source };
      if (closed?.has(captured.id)) this.correlator.endAfterClose(captured.id, captured, changes);
      else this.correlator.take(captured, changes);
    }
    this.hold(changes);
    if (losses.length > 0) this.onLosses(losses);
  }

  /**
   * Ends the open rows of a worker boot that will not come back, except those that another boot, still `alive`, sees: that
   * one will end them. False when change numbers ran out: to be tried again after a commit.
   */
  abandon(boot: string, time: number, alive: (boot: string) => boolean): boolean {
    const changes = new BatchChanges(this.rows, ownBatch(time));
    let all = true;
    const orphans = [...this.tail.values(), ...this.open.values()].filter(
      (row) => row.open && row.boot === boot,
    );
    for (const row of orphans) {
      const heir = row.row.context.seenBy.map((seen) => bootOf(seen.id)).find((b) => b !== boot && alive(b));
      if (heir !== undefined) row.boot = heir;
      else if (!this.rows.sequence.has(1)) all = false;
      else {
        this.ownCaps.abandonMs++;
        changes.replace(row, { ...row.row, record: closedAsIncomplete(row.row.record) });
      }
    }
    this.hold(changes);
    return all;
  }

  /** More is known of addresses: rows that wait for that get it. True when some did. */
  identifyAgain(time: number): boolean {
    const changes = new BatchChanges(this.rows, ownBatch(time));
    for (const row of this.waiting.rows) {
      if (!this.rows.sequence.has(1)) break;
      if (row.final) continue;
      const context = this.waiting.again(row);
      if (!context) continue;
      this.counters.identified_late++;
      changes.replace(row, { ...row.row, context });
    }
    if (changes.list.length === 0) return false;
    this.hold(changes);
    return true;
  }

  /** A held batch goes to the store before its time, since there is no room for more. */
  hurried(): void {
    this.batches.hurried();
  }

  /** Oldest first. */
  get held(): readonly HeldBatch[] {
    return this.batches.list;
  }

  get heldBytes(): number {
    return this.batches.bytes;
  }

  /** Bytes that must not wait any longer. */
  excess(): number {
    return this.batches.excess();
  }

  /** The oldest `batches`, and these rows of them, are durable. */
  committed(rows: readonly HeldRow[], batches: number): void {
    const { memory } = this.rows;
    this.batches.stored(batches);
    memory.stored(rows);
    for (const row of rows)
      if (!memory.row(row.row.id) && this.waiting.over(row)) this.counters.unidentified++;
  }

  private hold(changes: BatchChanges): void {
    changes.settleLegs();
    this.counters.late_legs = this.rows.legs.late;
    if (changes.held.boot !== null || changes.list.length > 0) this.batches.push(changes.held);
    if (changes.list.length > 0) this.onChanges(changes.list);
  }
}

/** For changes that are the hub's own. */
function ownBatch(arrival: number): HeldBatch {
  return { boot: null, number: 0, bytes: 0, arrival, touched: [], sightings: [], losses: [] };
}

/** Of an entry's id (`boot.flow.index`). */
function bootOf(id: string): string {
  return id.slice(0, id.indexOf('.'));
}
