/**
 * What a worker has for its hub and is not acknowledged, bounded. Batches get their number when they are first sent, so
 * leaving out what was never sent makes no hole in the numbers, and what is sent again is the same bytes.
 */

import type { Loss, Place } from '@kubeshark/model';
import {
  BATCH_ROOM,
  encodeBatch,
  Flag,
  Head,
  joinRecords,
  LIMITS,
  RecordView,
  recordOffsets,
  Section,
} from '@kubeshark/model';

export interface Sent {
  number: number;
  bytes: Buffer;
}

interface Waiting {
  records: Buffer;
  count: number;
  /** What the records' place numbers stand for. */
  places: readonly Place[];
  /** Free bytes before the records, for the head of a batch. */
  room: number;
}

/** What is given up as the spool fills, in this order. Thresholds are shares of the limit. */
const LEAVE_OUT_BODIES = 0.5;
const SAMPLE_FLOWS = 0.75;
/** While sampling, one flow in this many is kept whole. */
const SAMPLED_ONE_IN = 4;
/** Share of the limit that is kept for the ends of entries whose beginnings the hub may have: without them they stay open there. */
const ENDINGS = 1 / 16;
/** Losses told in one batch; more wait for the next. */
const LOSSES_PER_BATCH = 1_000;

export class Spool {
  /** Records, not entries: each state of an entry is one. By the steps of what is given up, and together. */
  readonly counters = { cap_spoolBytes: 0, spool_bodies_left_out: 0, spool_sampled_out: 0, spool_dropped: 0 };
  /** Numbers follow each other without a hole. */
  private readonly sent: Sent[] = [];
  private readonly waiting: Waiting[] = [];
  /** Of `waiting` that was dropped; goes first. */
  private readonly endings: Waiting[] = [];
  private sentBytes = 0;
  private waitingBytes = 0;
  private endingsBytes = 0;
  private lastNumber = 0;
  private readonly losses = new Map<string, Loss>();
  private readonly worker: string;
  private readonly limit: number;
  private readonly view = new RecordView();

  constructor(worker: string, limit: number = LIMITS.spoolBytes) {
    this.worker = worker;
    this.limit = limit;
  }

  get bytes(): number {
    return this.sentBytes + this.waitingBytes + this.endingsBytes;
  }
  /** Nothing waits, neither to be sent nor to be acknowledged. */
  get empty(): boolean {
    return this.bytes === 0 && this.losses.size === 0;
  }

  /**
   * Takes records over, with as many bytes before them as are `room` for the head of a batch. `places`: by the numbers in
   * them; what a number stands for may be something else later, in another list.
   */
  add(records: Buffer, places: readonly Place[], room = 0): void {
    const fill = this.bytes / this.limit;
    if (fill > SAMPLE_FLOWS) {
      const kept = this.pick(
        records,
        'sampled',
        (view) => view.flow % SAMPLED_ONE_IN === 0 || isEnding(view),
      );
      this.count('spool_sampled_out', kept.left);
      if (kept.left > 0) [records, room] = [kept.records, 0];
    }
    if (fill > LEAVE_OUT_BODIES) [records, room] = [this.withoutBodies(records), 0];
    for (const piece of pieces(records, places, room)) {
      this.waiting.push(piece);
      this.waitingBytes += piece.records.length;
    }
    while (this.bytes > this.limit && this.waiting.length > 0) this.dropOldest();
  }

  /** Tells the hub of entries or packets that are missing; travels with the next batch. */
  noteLoss(cause: Loss['cause'], time: number, count: number, place = ''): void {
    const key = `${cause} ${place}`;
    const loss = this.losses.get(key);
    if (!loss) this.losses.set(key, { from: time, to: time, worker: this.worker, place, cause, count });
    else {
      loss.from = Math.min(loss.from, time);
      loss.to = Math.max(loss.to, time);
      loss.count += count;
    }
  }

  /**
   * Numbers and encodes the next batch, when there is one that fits in `credit`; a batch larger than any credit goes when
   * `alone`. What has waited in small pieces goes as one.
   */
  next(credit: number, alone: boolean): Sent | null {
    const queue = this.endings.length > 0 ? this.endings : this.waiting;
    const [first] = queue;
    if (!first && this.losses.size === 0) return null;
    if ((first?.records.length ?? 0) + BATCH_ROOM > credit && !alone) return null;
    const room = Math.min(LIMITS.batchBytes, credit - BATCH_ROOM);
    let taken = 0;
    let count = 0;
    let length = 0;
    for (const piece of queue) {
      if (taken > 0 && (count + piece.count > LIMITS.batchRecords || length + piece.records.length > room))
        break;
      taken++;
      count += piece.count;
      length += piece.records.length;
    }
    const pieces = queue.splice(0, taken);
    const places = numberPlaces(pieces);
    const parts = pieces.map((piece) => piece.records);
    const inPlace = taken === 1 && first!.room === BATCH_ROOM;
    if (queue === this.endings) this.endingsBytes -= length;
    else this.waitingBytes -= length;
    const losses = [...this.losses].slice(0, LOSSES_PER_BATCH);
    for (const [key] of losses) this.losses.delete(key);
    const bytes = encodeBatch(
      {
        number: ++this.lastNumber,
        count,
        records: inPlace ? parts[0]! : joinRecords(parts),
        places,
        losses: losses.map(([, loss]) => loss),
      },
      BATCH_ROOM,
    );
    const batch = { number: this.lastNumber, bytes };
    this.sent.push(batch);
    this.sentBytes += bytes.length;
    return batch;
  }

  /** Everything up to `number` is stored by the hub. */
  acknowledge(number: number): void {
    const [oldest] = this.sent;
    if (!oldest || number < oldest.number) return;
    for (const { bytes } of this.sent.splice(0, number - oldest.number + 1)) this.sentBytes -= bytes.length;
  }

  /** The batch after `number` among those that were sent and are not acknowledged, to be sent again after a reconnect. */
  sentAfter(number: number): Sent | undefined {
    const [oldest] = this.sent;
    return oldest && this.sent[Math.max(0, number + 1 - oldest.number)];
  }

  private count(step: Exclude<keyof Spool['counters'], 'cap_spoolBytes'>, records: number): void {
    this.counters.cap_spoolBytes += records;
    this.counters[step] += records;
  }

  private dropOldest(): void {
    const oldest = this.waiting.shift()!;
    this.waitingBytes -= oldest.records.length;
    const room = this.endingsBytes < this.limit * ENDINGS;
    const kept = this.pick(oldest.records, 'spool_full', (view) => room && isEnding(view));
    this.count('spool_dropped', kept.left);
    for (const piece of pieces(this.withoutBodies(kept.records), oldest.places, 0)) {
      this.endings.push(piece);
      this.endingsBytes += piece.records.length;
    }
  }

  /** Records that are `wanted`; of those left out the entries that ended are told as a loss. */
  private pick(
    records: Buffer,
    cause: Loss['cause'],
    wanted: (view: RecordView) => boolean,
  ): { records: Buffer; left: number } {
    const { view } = this;
    const kept: Buffer[] = [];
    let left = 0;
    for (const at of recordOffsets(records)) {
      view.at(records, at);
      if (wanted(view)) kept.push(records.subarray(at, at + view.length));
      else {
        left++;
        // An open entry is told again when it ends.
        if (view.state === 'closed') this.noteLoss(cause, view.timestamp, 1);
      }
    }
    return { records: left === 0 ? records : Buffer.concat(kept), left };
  }

  private withoutBodies(records: Buffer): Buffer {
    const { view } = this;
    const parts: Buffer[] = [];
    for (const at of recordOffsets(records)) {
      view.at(records, at);
      const bodies = view.sectionLength(Section.requestBody) + view.sectionLength(Section.responseBody);
      if (bodies === 0) {
        parts.push(records.subarray(at, at + view.length));
        continue;
      }
      this.count('spool_bodies_left_out', 1);
      if (view.state === 'closed') this.noteLoss('bodies_left_out', view.timestamp, 1);
      const head = Buffer.from(records.subarray(at, at + Head.size));
      head.writeUInt32LE(view.length - bodies, Head.length);
      head.writeUInt32LE(view.flags | Flag.bodiesLeftOut, Head.flags);
      head.writeUInt32LE(0, Head.sections + Section.requestBody * 4);
      head.writeUInt32LE(0, Head.sections + Section.responseBody * 4);
      parts.push(head);
      for (const section of [
        Section.requestHead,
        Section.requestTail,
        Section.responseHead,
        Section.responseTail,
        Section.extra,
        Section.redactions,
      ])
        parts.push(view.sectionBytes(section));
    }
    return Buffer.concat(parts);
  }
}

/** A batch names the places of its own records only: a node has hundreds. Numbers the records anew. */
function numberPlaces(some: readonly Waiting[]): Place[] {
  const numbers = new Map<Place, number>();
  for (const { records, places } of some)
    for (const at of recordOffsets(records)) {
      const place = places[records.readUInt16LE(at + Head.place)]!;
      let number = numbers.get(place);
      if (number === undefined) numbers.set(place, (number = numbers.size));
      records.writeUInt16LE(number, at + Head.place);
    }
  return [...numbers.keys()];
}

/** The last state of an entry that was told before. */
function isEnding(view: RecordView): boolean {
  return view.state === 'closed' && view.revision > 0;
}

/**
 * Cuts at the limits of a batch. The end of a connection writes all its entries at once, more than a hub takes in one message;
 * a record larger than a batch travels alone. What is before a later piece is another one.
 */
function* pieces(records: Buffer, places: readonly Place[], room: number): Generator<Waiting> {
  let start = 0;
  let count = 0;
  for (const at of recordOffsets(records)) {
    const end = at + records.readUInt32LE(at + Head.length);
    if (count > 0 && (count === LIMITS.batchRecords || end - start > LIMITS.batchBytes)) {
      yield { records: records.subarray(start, at), count, places, room: start === 0 ? room : 0 };
      start = at;
      count = 0;
    }
    count++;
  }
  if (count > 0) yield { records: records.subarray(start), count, places, room: start === 0 ? room : 0 };
}
