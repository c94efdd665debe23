/**
 * What becomes of a batch: its records are rows, new states of rows, or sightings of calls that another place has told.
 * Batches are held whole, in order of arrival, until a commit takes them; rows are shown live at once.
 */
import { sightingOf } from '@kubeshark/dissect';
import type { Batch, Loss, Place } from '@kubeshark/model';
import { RecordView, recordOffsets } from '@kubeshark/model';
import type { HubRow } from '../row.ts';
import type { HubLimits } from '../settings.ts';
import { CallIndex, hasCallKey, placeNumber } from './call-index.ts';
import type { HeldBatch } from './held-batches.ts';
import { HeldBatches } from './held-batches.ts';
import type { Change, HeldRow } from './held-row.ts';
import type { IdentityLookup } from './identity.ts';
import { mergedIdentity, withPod } from './identity.ts';
import { closedAsIncomplete, completeness, recordView, withContentOf } from './record-edit.ts';
import { RowMemory } from './row-memory.ts';
import type { Sequence } from './sequence.ts';

/** Who sent a batch. */
export interface BatchSource {
  boot: string;
  worker: string;
  /** Of the whole batch as it came: what counts against the worker's credit. */
  bytes: number;
  /** µs to be added to its times. */
  correction: number;
}

export interface IntakeCounters {
  records: number;
  merged: number;
  late_sightings: number;
  revisions: number;
  revisions_after_close: number;
  abandoned: number;
  /** Sightings beyond `sightingsPerRow`: each is a row of its own. */
  cap_sightings_per_row: number;
}

/** A state of an entry that memory does not know the beginning of. */
export interface UnknownRevision {
  id: string;
  /** µs, corrected. */
  timestamp: number;
}

export class Intake {
  readonly counters: IntakeCounters = {
    records: 0,
    merged: 0,
    late_sightings: 0,
    revisions: 0,
    revisions_after_close: 0,
    abandoned: 0,
    cap_sightings_per_row: 0,
  };
  private readonly batches: HeldBatches;
  readonly index: CallIndex;
  private readonly memory: RowMemory;
  onChanges: (changes: readonly Change[]) => void = () => {};
  onLosses: (losses: readonly Loss[]) => void = () => {};
  private readonly sequence: Sequence;
  private readonly identities: IdentityLookup;
  private readonly limits: HubLimits;
  private readonly view = new RecordView();

  constructor(sequence: Sequence, identities: IdentityLookup, limits: HubLimits) {
    this.sequence = sequence;
    this.identities = identities;
    this.limits = limits;
    this.index = new CallIndex(limits);
    this.batches = new HeldBatches(limits);
    this.memory = new RowMemory(limits);
  }

  /** Rows whose present state is not stored, by id: what a viewer cannot read from the store yet. */
  get tail(): ReadonlyMap<string, HeldRow> {
    return this.memory.tail;
  }

  /** Open rows whose present state is stored. */
  get open(): ReadonlyMap<string, HeldRow> {
    return this.memory.open;
  }

  /** The row as it is now, when memory has it. */
  get(id: string): HubRow | undefined {
    return this.memory.row(id)?.row;
  }

  /** Learns again what a hub before this one knew: open rows, and the keys of recent calls. Before any batch. */
  recall(open: readonly HubRow[], recent: readonly HubRow[], time: number): void {
    for (const row of open) this.remember(row);
    for (const row of recent.toReversed()) {
      const view = this.view.at(row.record, 0);
      if (!hasCallKey(view)) continue;
      for (const seen of row.context.seenBy)
        this.index.add(
          view,
          {
            id: seen.id,
            row: row.id,
            place: placeNumber(seen.worker, seen.interface, seen.pod?.uid ?? ''),
            timestamp: seen.timestamp,
          },
          time,
        );
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
      if (this.memory.row(id) || this.memory.seenAs(id) || this.isFurther(view, id)) continue;
      unknown.set(id, { id, timestamp: view.timestamp + source.correction });
    }
    return [...unknown.values()];
  }

  /** The index knows it as a sighting of another row. */
  private isFurther(view: RecordView, id: string): boolean {
    const row = hasCallKey(view) ? this.index.rowOf(view, id) : undefined;
    return row !== undefined && row !== id;
  }

  /** A row of the store, from now on in memory when it is open. False when it is not. */
  remember(row: HubRow): boolean {
    return this.memory.remember(row);
  }

  /**
   * Takes a checked batch. `time` is the hub's clock, µs. The sequence must have a number for each record.
   * `closed`: ids that `unknownRevisions` gave and that the store knows as closed; nothing changes those.
   */
  accept(batch: Batch, source: BatchSource, time: number, closed?: ReadonlySet<string>): void {
    const held: HeldBatch = {
      boot: source.boot,
      number: batch.number,
      bytes: source.bytes,
      arrival: time,
      touched: [],
      sightings: [],
      losses: batch.losses.map((loss) => ({
        ...loss,
        // A worker speaks for itself only.
        worker: source.worker,
        from: loss.from + source.correction,
        to: loss.to + source.correction,
      })),
    };
    const places = batch.places.map((place) => ({
      ...place,
      worker: source.worker,
      number: placeNumber(source.worker, place.interface, place.pod?.uid ?? ''),
    }));
    const changes: Change[] = [];
    for (const at of recordOffsets(batch.records)) {
      const view = this.view.at(batch.records, at);
      this.counters.records++;
      const place = places[view.place]!;
      const id = view.id(source.boot);
      if (closed?.has(id)) this.endAfterClose(id, id, view, place, source, held);
      else this.record(id, view, place, place.number, source, held, changes);
    }
    this.batches.push(held);
    if (changes.length > 0) this.onChanges(changes);
    if (held.losses.length > 0) this.onLosses(held.losses);
  }

  /**
   * Ends the open rows of a worker boot that will not come back, except those that another boot, still `alive`, sees: that
   * one will end them. False when change numbers ran out: to be tried again after a commit.
   */
  abandon(boot: string, time: number, alive: (boot: string) => boolean): boolean {
    const held: HeldBatch = {
      boot: null,
      number: 0,
      bytes: 0,
      arrival: time,
      touched: [],
      sightings: [],
      losses: [],
    };
    const changes: Change[] = [];
    let all = true;
    const orphans = [...this.tail.values(), ...this.open.values()].filter(
      (row) => row.open && row.boot === boot,
    );
    for (const row of orphans) {
      const heir = row.row.context.seenBy.map((seen) => bootOf(seen.id)).find((b) => b !== boot && alive(b));
      if (heir !== undefined) row.boot = heir;
      else if (!this.sequence.has(1)) all = false;
      else {
        this.counters.abandoned++;
        this.replace(row, { ...row.row, record: closedAsIncomplete(row.row.record) }, held, changes);
      }
    }
    if (held.touched.length > 0) {
      this.batches.push(held);
      this.onChanges(changes);
    }
    return all;
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
    this.batches.stored(batches);
    this.memory.stored(rows);
  }

  private record(
    id: string,
    view: RecordView,
    place: Place,
    placeId: number,
    source: BatchSource,
    held: HeldBatch,
    changes: Change[],
  ): void {
    const known = this.memory.row(id);
    if (known) {
      if (view.revision <= known.revision) return;
      if (known.final) this.endAfterClose(id, id, view, place, source, held);
      else this.revise(known, view, held, changes);
      return;
    }
    const again = this.memory.seenAs(id);
    if (again) {
      if (again.final) this.endAfterClose(again.row.id, id, view, place, source, held);
      else this.sighted(again, id, view, place, source, held, changes);
      return;
    }
    const timestamp = view.timestamp + source.correction;
    const keyed = hasCallKey(view);
    const match = keyed ? this.index.find(view, id, placeId, timestamp, held.arrival) : null;
    if (match?.known) {
      this.endAfterClose(match.row, id, view, place, source, held);
      return;
    }
    if (match) {
      const row = this.memory.row(match.row);
      const add = () => this.index.add(view, { id, row: match.row, place: placeId, timestamp }, held.arrival);
      if (row && !row.final) {
        if (row.row.context.seenBy.length < this.limits.sightingsPerRow) {
          add();
          this.memory.alsoSeenAs(id, row);
          this.sighted(row, id, view, place, source, held, changes);
          return;
        }
        this.counters.cap_sightings_per_row++;
      } else {
        // The row is stored and closed. Sightings of calls that are not over are told when they are.
        if (view.state === 'open') return;
        add();
        this.counters.late_sightings++;
        held.sightings.push(lateSighting(match.row, id, view, place, source));
        return;
      }
    }
    if (keyed) this.index.add(view, { id, row: id, place: placeId, timestamp }, held.arrival);
    this.create(id, view, place, source, held, changes);
  }

  /** A state of a sighting (`id`) whose row is closed: its content is refused, but when it ended there is worth keeping. */
  private endAfterClose(
    row: string,
    id: string,
    view: RecordView,
    place: Place,
    source: BatchSource,
    held: HeldBatch,
  ): void {
    this.counters.revisions_after_close++;
    if (view.state === 'closed' && view.revision > 0)
      held.sightings.push(lateSighting(row, id, view, place, source));
  }

  private create(
    id: string,
    view: RecordView,
    place: Place,
    source: BatchSource,
    held: HeldBatch,
    changes: Change[],
  ): void {
    const change = this.sequence.take();
    const open = view.state === 'open';
    const sighting = sightingOf(id, view, place, source.correction);
    this.identities.learn(view, sighting.timestamp);
    const row: HubRow = {
      id,
      seq: change,
      change,
      boot: source.boot,
      record: recordBytes(view),
      context: {
        worker: source.worker,
        interface: place.interface,
        source: place.source,
        clockOffset: source.correction,
        src: this.identify(view.srcIp, view.srcPort, sighting.timestamp, place),
        dst: this.identify(view.dstIp, view.dstPort, sighting.timestamp, place),
        captured: place.pod ? [place.pod.namespace] : [],
        seenBy: [sighting],
      },
    };
    const heldRow: HeldRow = {
      row,
      revision: view.revision,
      boot: source.boot,
      open,
      dirty: true,
      final: false,
      stored: false,
    };
    this.memory.changed(heldRow);
    held.touched.push(heldRow);
    changes.push({ row, before: null });
  }

  /** A new state of a row, from the place that told it first. */
  private revise(known: HeldRow, view: RecordView, held: HeldBatch, changes: Change[]): void {
    this.counters.revisions++;
    known.revision = view.revision;
    const { row } = known;
    const context = { ...row.context };
    context.seenBy = context.seenBy.map((s) => (s.id === row.id ? { ...s, elapsed: view.elapsed } : s));
    if (view.state === 'closed') this.identities.learn(view, view.timestamp + context.clockOffset);
    const told = recordBytes(view);
    // Another place may have told the end already.
    const better = !known.open && completeness(recordView(row.record)) > completeness(view);
    const record = better ? withContentOf(told, row.record) : told;
    this.replace(known, { ...row, record, context }, held, changes);
  }

  /** The call of `known`, seen at a further place. */
  private sighted(
    known: HeldRow,
    id: string,
    view: RecordView,
    place: Place,
    source: BatchSource,
    held: HeldBatch,
    changes: Change[],
  ): void {
    const { row } = known;
    const sighting = sightingOf(id, view, place, source.correction);
    const context = { ...row.context };
    const before = context.seenBy.find((s) => s.id === id);
    const better = completeness(view) > completeness(recordView(row.record));
    if (before) {
      if (before.elapsed === sighting.elapsed && !better) return;
      context.seenBy = context.seenBy.map((s) => (s === before ? sighting : s));
    } else {
      this.counters.merged++;
      context.seenBy = [...context.seenBy, sighting];
      const { timestamp } = sighting;
      context.src = mergedIdentity(context.src, this.identify(view.srcIp, view.srcPort, timestamp, place));
      context.dst = mergedIdentity(context.dst, this.identify(view.dstIp, view.dstPort, timestamp, place));
      const namespace = place.pod?.namespace;
      if (namespace !== undefined && !context.captured.includes(namespace))
        context.captured = [...context.captured, namespace];
    }
    const record = better ? withContentOf(row.record, recordBytes(view)) : row.record;
    this.replace(known, { ...row, record, context }, held, changes);
  }

  private replace(known: HeldRow, row: HubRow, held: HeldBatch, changes: Change[]): void {
    const before = known.row;
    known.row = { ...row, change: this.sequence.take() };
    known.open = recordView(row.record).state === 'open';
    this.memory.changed(known);
    held.touched.push(known);
    changes.push({ row: known.row, before });
  }

  private identify(ip: string, port: number, time: number, place: Place) {
    return withPod(this.identities.identify(ip, port, time, place), place, ip);
  }
}

function lateSighting(row: string, id: string, view: RecordView, place: Place, source: BatchSource) {
  return { row, sighting: { ...sightingOf(id, view, place, source.correction), late: true } };
}

/** Of an entry's id (`boot.flow.index`). */
function bootOf(id: string): string {
  return id.slice(0, id.indexOf('.'));
}

/** An open record is copied: it would keep its whole batch in memory for as long as the call takes. */
function recordBytes(view: RecordView): Buffer {
  const bytes = view.bytes.subarray(view.start, view.start + view.length);
  return view.state === 'open' ? Buffer.from(bytes) : bytes;
}
