/**
 * What becomes of a batch: its records are rows, new states of rows, or sightings of calls that another place has told.
 * Batches are held whole, in order of arrival, until a commit takes them; rows are shown live at once.
 */
import { sightingOf } from '@kubeshark/dissect';
import type { Batch, Loss, Place, Sighting } from '@kubeshark/model';
import { RecordView, recordOffsets } from '@kubeshark/model';
import type { HubRow } from '../row.ts';
import type { HubLimits } from '../settings.ts';
import { CallIndex, hasCallKey, placeNumber } from './call-index.ts';
import type { Change, HeldRow } from './held-row.ts';
import type { IdentityLookup } from './identity.ts';
import { mergedIdentity, withPod } from './identity.ts';
import { closedAsIncomplete, completeness, recordView, withContentOf } from './record-edit.ts';
import type { Sequence } from './sequence.ts';

/** A batch that waits for its commit. */
export interface HeldBatch {
  /** null for the hub's own changes. */
  boot: string | null;
  number: number;
  bytes: number;
  /** Hub's clock, µs. */
  arrival: number;
  /** Rows it is about; only those that are dirty when the commit comes are written. */
  touched: HeldRow[];
  /** Of rows that are stored and closed. */
  sightings: { row: string; sighting: Sighting }[];
  losses: Loss[];
}

/** Who sent a batch. */
export interface BatchSource {
  boot: string;
  worker: string;
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
}

export class Intake {
  readonly counters: IntakeCounters = {
    records: 0,
    merged: 0,
    late_sightings: 0,
    revisions: 0,
    revisions_after_close: 0,
    abandoned: 0,
  };
  /** Oldest first. */
  readonly held: HeldBatch[] = [];
  heldBytes = 0;
  private readonly heldByBoot = new Map<string, number>();
  readonly index: CallIndex;
  /** Rows whose present state is not stored, by id: what a viewer cannot read from the store yet. */
  readonly tail = new Map<string, HeldRow>();
  /** Open rows whose present state is stored. */
  readonly open = new Map<string, HeldRow>();
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
  }

  /** The row as it is now, when memory has it. */
  get(id: string): HubRow | undefined {
    return (this.tail.get(id) ?? this.open.get(id))?.row;
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

  /** Ids of rows that the batch revises and memory does not know: they have to be asked of the store before `accept`. */
  unknownRevisions(batch: Batch, boot: string): string[] {
    const unknown: string[] = [];
    const view = this.view;
    for (const at of recordOffsets(batch.records)) {
      view.at(batch.records, at);
      if (view.revision === 0) continue;
      const id = view.id(boot);
      if (!this.tail.has(id) && !this.open.has(id)) unknown.push(id);
    }
    return unknown;
  }

  /** A row of the store, from now on in memory when it is open. False when it is not. */
  remember(row: HubRow): boolean {
    const { revision, state } = recordView(row.record);
    if (state !== 'open') return false;
    this.open.set(row.id, {
      row,
      revision,
      boot: row.boot,
      open: true,
      dirty: false,
      final: false,
      stored: true,
    });
    return true;
  }

  /**
   * Takes a checked batch. `time` is the hub's clock, µs. The sequence must have a number for each record.
   * `closed`: ids that `unknownRevisions` gave and that the store knows as closed; nothing changes those.
   */
  accept(batch: Batch, source: BatchSource, time: number, closed?: ReadonlySet<string>): void {
    const held: HeldBatch = {
      boot: source.boot,
      number: batch.number,
      bytes: batch.records.length,
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
      if (closed?.has(view.id(source.boot))) this.counters.revisions_after_close++;
      else this.record(view, place, place.number, source, held, changes);
    }
    this.hold(held);
    if (changes.length > 0) this.onChanges(changes);
    if (held.losses.length > 0) this.onLosses(held.losses);
  }

  /** Ends the open rows of a worker boot that will not come back. */
  abandon(boot: string, time: number): void {
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
    for (const rows of [this.tail, this.open])
      for (const row of rows.values())
        if (row.boot === boot && row.open && this.sequence.has(1)) {
          this.counters.abandoned++;
          this.replace(row, { ...row.row, record: closedAsIncomplete(row.row.record) }, held, changes);
        }
    if (held.touched.length === 0) return;
    this.hold(held);
    this.onChanges(changes);
  }

  /** Bytes that must not wait any longer: more is held than one worker, or all of them, may have here. */
  excess(): number {
    let most = this.heldBytes - this.limits.heldBytes;
    for (const bytes of this.heldByBoot.values())
      most = Math.max(most, bytes - this.limits.heldBytesPerWorker);
    return Math.max(0, most);
  }

  /** The oldest `batches`, and these rows of them, are durable. */
  committed(rows: readonly HeldRow[], batches: number): void {
    for (const { boot, bytes } of this.held.splice(0, batches)) {
      this.heldBytes -= bytes;
      if (boot === null) continue;
      const left = (this.heldByBoot.get(boot) ?? 0) - bytes;
      if (left > 0) this.heldByBoot.set(boot, left);
      else this.heldByBoot.delete(boot);
    }
    for (const row of rows) {
      row.stored = true;
      if (row.dirty) continue;
      this.tail.delete(row.row.id);
      if (row.open && this.open.size < this.limits.openRows) this.open.set(row.row.id, row);
      else this.open.delete(row.row.id);
    }
  }

  private hold(batch: HeldBatch): void {
    this.held.push(batch);
    this.heldBytes += batch.bytes;
    if (batch.boot !== null)
      this.heldByBoot.set(batch.boot, (this.heldByBoot.get(batch.boot) ?? 0) + batch.bytes);
  }

  private record(
    view: RecordView,
    place: Place,
    placeId: number,
    source: BatchSource,
    held: HeldBatch,
    changes: Change[],
  ): void {
    const id = view.id(source.boot);
    const known = this.tail.get(id) ?? this.open.get(id);
    if (known) {
      this.revise(known, view, held, changes);
      return;
    }
    const timestamp = view.timestamp + source.correction;
    const keyed = hasCallKey(view);
    const match = keyed ? this.index.find(view, id, placeId, timestamp, held.arrival) : null;
    if (match) {
      const row = this.tail.get(match.row) ?? this.open.get(match.row);
      if (row && !row.final) {
        if (!match.known)
          this.index.add(view, { id, row: match.row, place: placeId, timestamp }, held.arrival);
        this.sighted(row, id, view, place, source, held, changes);
        return;
      }
      // The row is stored and closed. Sightings of calls that are not over are told when they are.
      if (match.known || view.state === 'open') {
        this.counters.revisions_after_close += match.known ? 1 : 0;
        return;
      }
      this.index.add(view, { id, row: match.row, place: placeId, timestamp }, held.arrival);
      this.counters.late_sightings++;
      const sighting = { ...sightingOf(id, view, place, source.correction), late: true };
      held.sightings.push({ row: match.row, sighting });
      return;
    }
    if (keyed) this.index.add(view, { id, row: id, place: placeId, timestamp }, held.arrival);
    this.create(id, view, place, source, held, changes);
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
    this.tail.set(id, heldRow);
    held.touched.push(heldRow);
    changes.push({ row, isNew: true, open, hidden: view.hidden });
  }

  /** A new state of a row, from the place that told it first. */
  private revise(known: HeldRow, view: RecordView, held: HeldBatch, changes: Change[]): void {
    if (view.revision <= known.revision) return;
    if (known.final) {
      this.counters.revisions_after_close++;
      return;
    }
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
    if (before) {
      if (before.elapsed === sighting.elapsed) return;
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
    const better = completeness(view) > completeness(recordView(row.record));
    const record = better ? withContentOf(row.record, recordBytes(view)) : row.record;
    this.replace(known, { ...row, record, context }, held, changes);
  }

  private replace(known: HeldRow, row: HubRow, held: HeldBatch, changes: Change[]): void {
    const view = recordView(row.record);
    known.row = { ...row, change: this.sequence.take() };
    known.open = view.state === 'open';
    known.dirty = true;
    this.open.delete(row.id);
    this.tail.set(row.id, known);
    held.touched.push(known);
    changes.push({ row: known.row, isNew: false, open: known.open, hidden: view.hidden });
  }

  private identify(ip: string, port: number, time: number, place: Place) {
    return withPod(this.identities.identify(ip, port, time, place), place, ip);
  }
}

/** An open record is copied: it would keep its whole batch in memory for as long as the call takes. */
function recordBytes(view: RecordView): Buffer {
  const bytes = view.bytes.subarray(view.start, view.start + view.length);
  return view.state === 'open' ? Buffer.from(bytes) : bytes;
}
