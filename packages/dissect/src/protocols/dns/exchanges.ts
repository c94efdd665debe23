/** Queries of one flow that wait for their answers, and the records written of both. */
import type { Outcome } from '@kubeshark/model';
import {
  Flag,
  Head,
  KindNumber,
  OutcomeNumber,
  ProtocolNumber,
  Section,
  StateNumber,
} from '@kubeshark/model';
import type { FlowContext, Side } from '../../protocol.ts';
import { HEADER, messageId, questionEnd, questionType, rcodeOf } from './message.ts';
import { Rcode, Type } from './numbers.ts';

/** One message on the wire. Views are valid during the call only. */
export interface Message {
  bytes: Buffer;
  start: number;
  end: number;
  /** Bytes of it that were not captured. */
  missing: number;
  /** Bytes on the wire, framing included. */
  size: number;
  /** Stamps of its first and last byte. */
  first: number;
  last: number;
  /** TCP sequence number of its first byte, 0 for UDP. */
  seq: number;
}

interface Query extends Message {
  from: Side;
  /** Of its record, 0 until something is written. */
  index: number;
  repeated: boolean;
}

/** Zone transfers under way that are remembered for each flow. */
const TRANSFERS = 16;

/** Answers that came too late name their query; so many are remembered for each flow. */
const REMEMBERED = 16;

export class Exchanges {
  private readonly flow: FlowContext;
  private readonly timeout: 'callTimeout' | 'datagramCallTimeout';
  /** Oldest first; a message id is used once at a time in each direction, so a map of 2 × 65,536 keys at most. */
  private readonly pending = new Map<number, Query>();
  /** Index of the record of a query that timed out, by key. */
  private readonly timedOut = new Map<number, number>();
  /** Keys of zone transfers that have begun: their answer is any number of messages (RFC 5936 section 2.2, RFC 1995). */
  private readonly transfers = new Set<number>();
  private swapped: Uint8Array | null = null;

  constructor(flow: FlowContext, timeout: Exchanges['timeout']) {
    this.flow = flow;
    this.timeout = timeout;
  }

  get idle(): boolean {
    return this.pending.size === 0;
  }

  query(from: Side, message: Message): void {
    const { pending, flow } = this;
    const key = keyOf(from, message);
    const before = pending.get(key);
    if (before !== undefined) {
      if (sameQuestion(before, message)) {
        before.repeated = true;
        return;
      }
      // The id is used for something else: nobody waits for the first answer any more.
      this.close(key, before, null, 'no_response');
    }
    if (pending.size >= flow.limits.pendingCalls) {
      flow.anomaly('cap_pendingCalls');
      const [oldest, query] = pending.entries().next().value!;
      this.close(oldest, query, null, 'no_response');
    }
    this.transfers.delete(key);
    const length = message.end - message.start;
    const kept = flow.budget.take(length);
    const bytes = kept ? Buffer.from(message.bytes.subarray(message.start, message.end)) : message.bytes;
    const query: Query = { ...message, from, index: 0, repeated: false };
    if (!kept) {
      this.write(from, query, null, 'incomplete', false);
      return;
    }
    query.bytes = bytes;
    query.start = 0;
    query.end = length;
    pending.set(key, query);
  }

  /** `announcement`: nobody need have asked (multicast), so that one without a query is a message. */
  response(from: Side, message: Message, announcement: boolean): void {
    const asker: Side = from === 0 ? 1 : 0;
    const key = keyOf(asker, message);
    const query = this.pending.get(key);
    if (query !== undefined && sameQuestion(query, message)) {
      if (isTransfer(query)) this.transferBegins(key);
      this.close(key, query, message, outcomeOf(message));
      return;
    }
    if (announcement || this.transfers.has(key)) {
      this.message(from, message);
      return;
    }
    const lateFor = this.timedOut.get(key);
    this.timedOut.delete(key);
    this.write(asker, null, message, 'no_request', false, lateFor);
  }

  /** Asked of a group, or told to it: no answer belongs to it. */
  message(from: Side, message: Message): void {
    const query: Query = { ...message, from, index: 0, repeated: false };
    const isAnswer = (message.bytes[message.start + 2]! & 0x80) !== 0;
    this.write(from, isAnswer ? null : query, isAnswer ? message : null, 'ok', false, undefined, true);
  }

  advance(time: number): void {
    const { limits } = this.flow;
    const timeout = limits[this.timeout];
    for (const [key, query] of this.pending) {
      const open = time - query.first;
      if (open >= timeout) {
        this.flow.anomaly(`cap_${this.timeout}`);
        this.close(key, query, null, 'no_response');
        this.remember(key, query.index);
      } else if (open < limits.announceAfter) break;
      else if (query.index === 0) this.write(query.from, query, null, 'ok', true);
    }
  }

  /** Nothing is answered any more. */
  end(time: number, outcome: Outcome): void {
    const timeout = this.flow.limits[this.timeout];
    for (const [key, query] of this.pending)
      this.close(key, query, null, time - query.first >= timeout ? 'no_response' : outcome);
  }

  private transferBegins(key: number): void {
    this.transfers.add(key);
    if (this.transfers.size > TRANSFERS) this.transfers.delete(this.transfers.values().next().value!);
  }

  private remember(key: number, index: number): void {
    this.timedOut.set(key, index);
    if (this.timedOut.size > REMEMBERED) this.timedOut.delete(this.timedOut.keys().next().value!);
  }

  private close(key: number, query: Query, answer: Message | null, outcome: Outcome): void {
    this.pending.delete(key);
    this.write(query.from, query, answer, outcome, false);
    this.flow.budget.give(query.end - query.start);
  }

  private write(
    client: Side,
    query: Query | null,
    answer: Message | null,
    outcome: Outcome,
    open: boolean,
    lateFor?: number,
    oneWay = false,
  ): void {
    const { flow } = this;
    const { out } = flow;
    const first = (query ?? answer)!;
    const announced = query !== null && query.index !== 0;
    const index = announced ? query.index : flow.nextIndex();
    if (query !== null) query.index = index;
    const missing = (query?.missing ?? 0) + (answer?.missing ?? 0);
    out.begin(client === 0 ? flow.template : this.reversed());
    out.u8(Head.kind, oneWay ? KindNumber.message : KindNumber.call);
    out.u8(Head.state, open ? StateNumber.open : StateNumber.closed);
    out.u8(Head.protocol, ProtocolNumber.dns);
    out.u8(Head.outcome, OutcomeNumber[outcome]);
    out.u32(Head.revision, announced ? 1 : 0);
    out.u32(
      Head.flags,
      (missing > 0 && flow.snapped ? Flag.snapped : 0) |
        (flow.midstream ? Flag.midstream : 0) |
        (flow.clientGuessed ? Flag.clientGuessed : 0) |
        (query?.repeated ? Flag.retransmitted : 0),
    );
    out.u32(Head.index, index);
    out.f64(Head.timestamp, first.first);
    out.f64(Head.missing, missing);
    out.u32(Head.stream, messageId(first));
    if (query !== null) {
      out.u32(Head.requestSeq, query.seq);
      out.f64(Head.requestSize, query.size);
      out.f64(Head.requestEnd, query.last - first.first);
      out.append(Section.requestHead, query.bytes, query.start, query.end);
    }
    if (answer !== null) {
      out.u32(Head.responseSeq, answer.seq);
      out.f64(Head.responseSize, answer.size);
      out.f64(Head.responseStart, answer.first - first.first);
      out.f64(Head.elapsed, answer.last - first.first);
      out.append(Section.responseHead, answer.bytes, answer.start, answer.end);
    }
    out.hash(first.end - first.start);
    if (lateFor !== undefined) out.append(Section.extra, Buffer.from(JSON.stringify({ lateFor })));
    out.commit();
  }

  /** The head for calls that the flow's server makes. */
  private reversed(): Uint8Array {
    if (this.swapped !== null) return this.swapped;
    const from = this.flow.template;
    const to = from.slice();
    to.set(from.subarray(Head.srcIp, Head.srcIp + 16), Head.dstIp);
    to.set(from.subarray(Head.dstIp, Head.dstIp + 16), Head.srcIp);
    to.set(from.subarray(Head.srcPort, Head.srcPort + 2), Head.dstPort);
    to.set(from.subarray(Head.dstPort, Head.dstPort + 2), Head.srcPort);
    this.swapped = to;
    return to;
  }
}

function keyOf(asker: Side, message: Message): number {
  return (asker << 16) | messageId(message);
}

/** The first questions are equal, letters in any case (RFC 4343); one without a question (errors, multicast, cut) matches by id. */
function sameQuestion(a: Message, b: Message): boolean {
  const endA = questionEnd(a);
  const endB = questionEnd(b);
  if (endA < 0 || endB < 0) return true;
  if (endA - a.start !== endB - b.start) return false;
  for (let i = HEADER; i < endA - a.start; i++) {
    const x = a.bytes[a.start + i]!;
    const y = b.bytes[b.start + i]!;
    if (x !== y && !((x ^ y) === 0x20 && (x | 0x20) >= 0x61 && (x | 0x20) <= 0x7a)) return false;
  }
  return true;
}

function isTransfer(query: Message): boolean {
  const type = questionType(query);
  return type === Type.AXFR || type === Type.IXFR;
}

/** NXDOMAIN is to DNS what 404 is to HTTP: the asker's business. */
function outcomeOf(answer: Message): Outcome {
  switch (rcodeOf(answer)) {
    case Rcode.NOERROR:
      return 'ok';
    case Rcode.SERVFAIL:
    case Rcode.NOTIMP:
    case Rcode.DSOTYPENI:
      return 'server_error';
    default:
      return 'client_error';
  }
}
