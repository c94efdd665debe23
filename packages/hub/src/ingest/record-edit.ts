/** Records that the hub has to change: always a copy, what workers sent stays as it was sent. */
import { Flag, Head, OutcomeNumber, RecordView, StateNumber } from '@kubeshark/model';

/** The open record, ended by the hub because nobody will say more about it. */
export function closedAsIncomplete(record: Buffer): Buffer {
  const copy = Buffer.from(record);
  copy[Head.state] = StateNumber.closed;
  copy[Head.outcome] = OutcomeNumber.incomplete;
  copy.writeUInt32LE(copy.readUInt32LE(Head.revision) + 1, Head.revision);
  return copy;
}

export type End = 'src' | 'dst';

type FieldRange = readonly [from: number, to: number];

const ADDRESSES: Readonly<Record<End, readonly FieldRange[]>> = {
  src: [
    [Head.srcPort, Head.srcPort + 2],
    [Head.srcIp, Head.srcIp + 16],
  ],
  dst: [
    [Head.dstPort, Head.dstPort + 2],
    [Head.dstIp, Head.dstIp + 16],
  ],
};

/** Fields that belong to the place rather than to the call. */
const PLACES_OWN: readonly FieldRange[] = [
  [Head.flow, Head.index + 4],
  ...ADDRESSES.src,
  ...ADDRESSES.dst,
  [Head.timestamp, Head.timestamp + 8],
  [Head.place, Head.place + 2],
];

/** What `better` holds of the call, as the row `first` stands for it: id, ends and time stay. */
export function withContentOf(first: Buffer, better: Buffer): Buffer {
  const copy = Buffer.from(better);
  for (const [from, to] of PLACES_OWN) first.copy(copy, from, from, to);
  copy.writeUInt32LE(
    Math.max(first.readUInt32LE(Head.revision), better.readUInt32LE(Head.revision)),
    Head.revision,
  );
  return copy;
}

/** `record` with the address and port of `ends` that `other` has. */
export function withAddresses(record: Buffer, other: Buffer, ...ends: End[]): Buffer {
  return withFields(
    record,
    other,
    ends.flatMap((end) => ADDRESSES[end]),
  );
}

/** `record` with how long `other` says that it took, and the moments between. */
export function withDurations(record: Buffer, other: Buffer): Buffer {
  return withFields(record, other, [[Head.elapsed, Head.responseStart + 8]]);
}

function withFields(record: Buffer, other: Buffer, ranges: readonly FieldRange[]): Buffer {
  if (ranges.every(([from, to]) => record.compare(other, from, to, from, to) === 0)) return record;
  const copy = Buffer.from(record);
  for (const [from, to] of ranges) other.copy(copy, from, from, to);
  return copy;
}

/**
 * How much of a call was captured: what is less for reasons of capturing gives way to another place's sighting. A call
 * that was reset or never answered is no such reason: that is what happened to it there.
 */
export function completeness(view: RecordView): number {
  if (view.state === 'open') return 0;
  if (view.outcome === 'incomplete') return 1;
  if (view.outcome === 'no_request') return 2;
  return view.missing > 0 || (view.flags & Flag.bodiesLeftOut) !== 0 ? 3 : 4;
}

export function recordView(record: Buffer): RecordView {
  return new RecordView().at(record, 0);
}
