/** What rows say: their first state, and what further states and sightings of the call make of it. */
import type { Place, RecordView, Sighting } from '@kubeshark/model';
import type { HubRow } from '../row.ts';
import type { BatchChanges } from './batch-changes.ts';
import type { CapturedRecord } from './captured-record.ts';
import { capturedSighting, recordBytes } from './captured-record.ts';
import type { HeldRow } from './held-row.ts';
import type { IdentityLookup } from './identity.ts';
import { isOwn, mergedIdentity } from './identity.ts';
import type { IntakeCounters } from './intake-counters.ts';
import { asCaptured, legKeys } from './legs.ts';
import type { PodActivity } from './pod-activity.ts';
import type { End } from './record-edit.ts';
import { completeness, recordView, withAddresses, withContentOf, withDurations } from './record-edit.ts';
import type { WaitingRows } from './waiting-rows.ts';

const ENDS: readonly End[] = ['src', 'dst'];

export interface RowStatesParts {
  readonly identities: IdentityLookup;
  readonly activity: PodActivity;
  readonly waiting: WaitingRows;
  readonly counters: IntakeCounters;
}

export class RowStates {
  private readonly parts: RowStatesParts;

  constructor(parts: RowStatesParts) {
    this.parts = parts;
  }

  isOurs({ view, place, source }: CapturedRecord): boolean {
    return this.parts.identities.isOurs(view, view.timestamp + source.correction, place);
  }

  /** `change`: its number. */
  create(captured: CapturedRecord, change: number, changes: BatchChanges): void {
    const { id, view, place, source } = captured;
    const { identities, activity } = this.parts;
    if (place.pod) activity.seen(place.pod.uid, view);
    const sighting = capturedSighting(captured);
    const { timestamp } = sighting;
    identities.learn(view, timestamp);
    const src = identities.identify(view.srcIp, view.srcPort, timestamp, place);
    const dst = identities.identify(view.dstIp, view.dstPort, timestamp, place);
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
        src: src.identity,
        dst: dst.identity,
        captured: place.pod ? [place.pod.namespace] : [],
        seenBy: [sighting],
        legs: place.pod && legKeys(view, place),
      },
    };
    const known: HeldRow = {
      row,
      revision: view.revision,
      boot: source.boot,
      open: view.state === 'open',
      dirty: true,
      final: false,
      stored: false,
    };
    if (src.waits) this.waits(known, 'src', view, timestamp, place);
    if (dst.waits) this.waits(known, 'dst', view, timestamp, place);
    changes.begin(known);
  }

  /** A new state of a row, from the place that told it first. */
  revise(known: HeldRow, view: RecordView, changes: BatchChanges): void {
    const { counters, identities } = this.parts;
    counters.revisions++;
    known.revision = view.revision;
    const { row } = known;
    const context = { ...row.context };
    context.seenBy = context.seenBy.map((s) => (s.id === row.id ? { ...s, elapsed: view.elapsed } : s));
    if (view.state === 'closed') identities.learn(view, view.timestamp + context.clockOffset);
    const told = recordBytes(view);
    // Another place may have told the end already.
    const more = known.open ? -1 : completeness(recordView(row.record)) - completeness(view);
    const content = more > 0 ? withContentOf(told, row.record) : told;
    // Further places may have told the ends better, and the client how long it took.
    let record = context.seenBy.length > 1 ? withAddresses(content, row.record, ...ENDS) : content;
    const isClient = ({ id, side, elapsed }: Sighting) => id !== row.id && side === 'client' && elapsed >= 0;
    if (more === 0 && context.seenBy.some(isClient)) record = withDurations(record, row.record);
    changes.replace(known, { ...row, record, context });
  }

  /** The call of `known`, seen at a further place. */
  sighted(known: HeldRow, captured: CapturedRecord, changes: BatchChanges): void {
    const { id, view, place } = captured;
    const { counters, identities, activity } = this.parts;
    const { row } = known;
    const sighting = capturedSighting(captured);
    const context = { ...asCaptured(row.context) };
    const before = context.seenBy.find((s) => s.id === id);
    let record = row.record;
    const more = completeness(view) - completeness(recordView(row.record));
    const better = more > 0;
    if (before) {
      if (before.elapsed === sighting.elapsed && !better) return;
      context.seenBy = context.seenBy.map((s) => (s === before ? sighting : s));
    } else {
      counters.merged++;
      if (place.pod) activity.seen(place.pod.uid, view);
      const ends = ENDS.filter((end) =>
        context.seenBy.every((other) => knowledgeOf(end, other) < knowledgeOf(end, sighting)),
      );
      record = withAddresses(record, recordBytes(view), ...ends);
      context.seenBy = [...context.seenBy, sighting];
      const { timestamp } = sighting;
      for (const end of ENDS) {
        const [ip, port] = addressAt(end, view);
        const found = identities.identify(ip, port, timestamp, place);
        context[end] = mergedIdentity(context[end], found.identity, isOwn(place, ip, port));
        if (found.waits) this.waits(known, end, view, timestamp, place);
      }
      const namespace = place.pod?.namespace;
      if (namespace !== undefined && !context.captured.includes(namespace))
        context.captured = [...context.captured, namespace];
    }
    if (better) record = withContentOf(record, recordBytes(view));
    // What the client waited for is what the call took, with the network on the way.
    else if (more === 0 && sighting.side === 'client' && view.elapsed >= 0)
      record = withDurations(record, recordBytes(view));
    changes.replace(known, { ...row, record, context });
  }

  private waits(row: HeldRow, end: End, view: RecordView, time: number, place: Place): void {
    const [ip, port] = addressAt(end, view);
    this.parts.waiting.add(row, { end, ip, port, time, place });
  }
}

/**
 * How well a place knows the address of an end of a call: a pod its own, a node its own; others see what translation on
 * the way has made of it. So a filter by port finds a call whichever place told it first.
 */
function knowledgeOf(end: End, { side, pod }: Sighting): number {
  if (side !== (end === 'src' ? 'client' : 'server')) return 0;
  return pod ? 2 : 1;
}

function addressAt(end: End, view: RecordView): [ip: string, port: number] {
  return end === 'src' ? [view.srcIp, view.srcPort] : [view.dstIp, view.dstPort];
}
