/**
 * What a worker has for its hub and is not acknowledged, bounded. Batches get their number when they are first sent, so
 * leaving out what was never sent makes no hole in the numbers, and what is sent again is the same bytes.
 */

import type { Loss, Place } from '@kubeshark/model';
import { encodeBatch, Flag, Head, LIMITS, RecordView, recordOffsets, Section } from '@kubeshark/model';

export interface Sent {
  number: number;
  bytes: Buffer;
}

interface Waiting {
  records: Buffer;
  count: number;
}

/** What is given up as the spool fills, in this order. Thresholds are shares of the limit. */
const LEAVE_OUT_BODIES = 0.5;
const SAMPLE_FLOWS = 0.75;
/** While sampling, one flow in this many is kept whole. */
const SAMPLED_ONE_IN = 4;

export class Spool {
  readonly counters = { recordsWithoutBodies: 0, recordsSampledOut: 0, recordsDropped: 0 };
  private readonly sent: Sent[] = [];
  private readonly waiting: Waiting[] = [];
  private sentBytes = 0;
  private waitingBytes = 0;
  private lastNumber = 0;
  private losses = new Map<Loss['cause'], Loss>();
  private readonly worker: string;
  private readonly limit: number;

  constructor(worker: string, limit: number = LIMITS.spoolBytes) {
    this.worker = worker;
    this.limit = limit;
  }

  get bytes(): number {
    return this.sentBytes + this.waitingBytes;
  }
  /** Nothing waits, neither to be sent nor to be acknowledged. */
  get empty(): boolean {
    return this.sent.length === 0 && this.waiting.length === 0 && this.losses.size === 0;
  }

  add(records: Buffer, count: number): void {
    const fill = this.bytes / this.limit;
    if (fill > SAMPLE_FLOWS) [records, count] = this.sampleFlows(records, count);
    if (fill > LEAVE_OUT_BODIES) records = this.withoutBodies(records);
    if (count > 0) {
      this.waiting.push({ records, count });
      this.waitingBytes += records.length;
    }
    while (this.bytes > this.limit && this.waiting.length > 0) {
      const oldest = this.waiting.shift()!;
      this.waitingBytes -= oldest.records.length;
      this.counters.recordsDropped += oldest.count;
      const view = new RecordView();
      for (const at of recordOffsets(oldest.records))
        this.noteLoss('spool_full', view.at(oldest.records, at).timestamp, 1);
    }
  }

  /** Tells the hub of entries or packets that are missing; travels with the next batch. */
  noteLoss(cause: Loss['cause'], time: number, count: number, place = ''): void {
    const loss = this.losses.get(cause);
    if (!loss) this.losses.set(cause, { from: time, to: time, worker: this.worker, place, cause, count });
    else {
      loss.from = Math.min(loss.from, time);
      loss.to = Math.max(loss.to, time);
      loss.count += count;
    }
  }

  /** Numbers and encodes the next batch, when there is one that fits in `credit`; a batch larger than any credit goes when `alone`. */
  next(places: readonly Place[], credit: number, alone: boolean): Sent | null {
    const first = this.waiting[0];
    if (!first && this.losses.size === 0) return null;
    if (first && first.records.length + 4096 > credit && !alone) return null;
    if (first) {
      this.waiting.shift();
      this.waitingBytes -= first.records.length;
    }
    const bytes = encodeBatch({
      number: ++this.lastNumber,
      count: first?.count ?? 0,
      records: first?.records ?? Buffer.alloc(0),
      places: [...places],
      losses: [...this.losses.values()],
    });
    this.losses = new Map();
    const batch = { number: this.lastNumber, bytes };
    this.sent.push(batch);
    this.sentBytes += bytes.length;
    return batch;
  }

  /** Everything up to `number` is stored by the hub. */
  acknowledge(number: number): void {
    while (this.sent.length > 0 && this.sent[0]!.number <= number)
      this.sentBytes -= this.sent.shift()!.bytes.length;
  }

  /** Sent and not acknowledged, to be sent again after a reconnect. */
  unacknowledged(): readonly Sent[] {
    return this.sent;
  }

  private sampleFlows(records: Buffer, count: number): [Buffer, number] {
    const view = new RecordView();
    const kept: Buffer[] = [];
    for (const at of recordOffsets(records)) {
      view.at(records, at);
      if (view.flow % SAMPLED_ONE_IN === 0) kept.push(records.subarray(at, at + view.length));
      else this.noteLoss('sampled', view.timestamp, 1);
    }
    this.counters.recordsSampledOut += count - kept.length;
    return [Buffer.concat(kept), kept.length];
  }

  private withoutBodies(records: Buffer): Buffer {
    const view = new RecordView();
    const parts: Buffer[] = [];
    for (const at of recordOffsets(records)) {
      view.at(records, at);
      const bodies = view.sectionLength(Section.requestBody) + view.sectionLength(Section.responseBody);
      if (bodies === 0) {
        parts.push(records.subarray(at, at + view.length));
        continue;
      }
      this.counters.recordsWithoutBodies++;
      this.noteLoss('bodies_left_out', view.timestamp, 1);
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
