/** DNS over TCP: messages with their length before them (RFC 1035 section 4.2.2, RFC 7766). */
import type { FlowContext, Side, StreamEnd, StreamFollower } from '../../protocol.ts';
import { Exchanges } from './exchanges.ts';
import { HEADER, isResponse, isUnidirectional } from './message.ts';
import { probeDatagram, probeStream } from './probe.ts';

/** One direction. */
interface Half {
  /** The message that has begun, length included; grows with what comes. */
  held: Buffer;
  have: number;
  first: number;
  seq: number;
  /** Bytes still to be left out: the rest of a message that a gap reached into. */
  skip: number;
  /** It is not known where messages begin. */
  lost: boolean;
}

const EMPTY = Buffer.alloc(0);

export class DnsStream implements StreamFollower {
  private readonly flow: FlowContext;
  private readonly exchanges: Exchanges;
  private readonly halves: readonly [Half, Half] = [half(), half()];

  constructor(flow: FlowContext) {
    this.flow = flow;
    this.exchanges = new Exchanges(flow, 'callTimeout');
  }

  get idle(): boolean {
    return this.exchanges.idle;
  }

  data(from: Side, bytes: Buffer, start: number, end: number, time: number): number {
    const half = this.halves[from];
    let at = start;
    while (at < end) {
      if (half.skip > 0) {
        const n = Math.min(half.skip, end - at);
        half.skip -= n;
        at += n;
        continue;
      }
      if (half.lost && !this.found(from, bytes, at, end)) return end - start;
      const seq = (this.flow.sequence() + at - start) >>> 0;
      if (half.have === 0 && end - at >= 2) {
        const next = at + 2 + bytes.readUInt16BE(at);
        if (next <= end) {
          this.message(from, bytes, at, next, 0, time, time, seq);
          at = next;
          continue;
        }
      }
      at = this.hold(from, half, bytes, at, end, time, seq);
    }
    return end - start;
  }

  gap(from: Side, size: number, time: number): void {
    const half = this.halves[from];
    if (half.skip > 0) {
      half.lost = size > half.skip;
      half.skip = Math.max(0, half.skip - size);
      return;
    }
    if (half.have === 0) {
      half.lost = true;
      return;
    }
    const left = half.have < 2 ? 0 : wanted(half) - half.have;
    const { held, have, first, seq } = half;
    this.release(half);
    if (have >= 2 + HEADER) this.message(from, held, 0, have, left, first, time, seq);
    if (size <= left) half.skip = left - size;
    else half.lost = true;
  }

  end(from: Side, how: StreamEnd, time: number): void {
    const half = this.halves[from];
    if (half.have >= 2 + HEADER) {
      const { held, have, first, seq } = half;
      const left = wanted(half) - have;
      this.release(half);
      this.message(from, held, 0, have, left, first, time, seq);
    }
    if (how === 'reset') this.exchanges.end(time, 'reset');
  }

  advance(time: number): void {
    this.exchanges.advance(time);
  }

  close(time: number): void {
    for (const half of this.halves) this.release(half);
    this.exchanges.end(time, 'incomplete');
  }

  /** After a gap messages are looked for where segments begin. */
  private found(from: Side, bytes: Buffer, at: number, end: number): boolean {
    const verdict = probeStream(bytes, at, end, false);
    if (verdict !== (from === 0 ? 'request' : 'response')) return false;
    this.halves[from].lost = false;
    this.flow.anomaly('dns_resynchronised');
    return true;
  }

  /** Keeps bytes of a message that is not whole; returns where the rest begins. */
  private hold(
    from: Side,
    half: Half,
    bytes: Buffer,
    at: number,
    end: number,
    time: number,
    seq: number,
  ): number {
    if (half.have === 0) {
      half.first = time;
      half.seq = seq;
    }
    const size = half.have < 2 ? 2 : wanted(half);
    const n = Math.min(size - half.have, end - at);
    if (half.have + n > half.held.length) {
      // Grows with what comes, not with what is promised.
      const room = Math.max(512, (half.have + n) * 2);
      if (!this.flow.budget.take(room - half.held.length)) {
        half.skip = size - half.have;
        half.lost = half.have < 2;
        this.release(half);
        return at;
      }
      const larger = Buffer.allocUnsafe(room);
      half.held.copy(larger, 0, 0, half.have);
      half.held = larger;
    }
    bytes.copy(half.held, half.have, at, at + n);
    half.have += n;
    if (half.have >= 2 && half.have === wanted(half)) {
      const { held, have, first, seq: firstSeq } = half;
      this.release(half);
      this.message(from, held, 0, have, 0, first, time, firstSeq);
    }
    return at + n;
  }

  private release(half: Half): void {
    this.flow.budget.give(half.held.length);
    half.held = EMPTY;
    half.have = 0;
  }

  private message(
    from: Side,
    bytes: Buffer,
    start: number,
    end: number,
    missing: number,
    first: number,
    last: number,
    seq: number,
  ): void {
    const at = start + 2;
    if (end - at < HEADER || probeDatagram(bytes, at, end, true) === 'no') {
      this.flow.anomaly('dns_malformed');
      this.halves[from].lost = true;
      return;
    }
    const message = { bytes, start: at, end, missing, size: end - start + missing, first, last, seq };
    if (isResponse(message)) this.exchanges.response(from, message, false);
    else if (isUnidirectional(message)) this.exchanges.message(from, message);
    else this.exchanges.query(from, message);
  }
}

function half(): Half {
  return { held: EMPTY, have: 0, first: 0, seq: 0, skip: 0, lost: false };
}

/** Bytes of the message held, length included. */
function wanted(half: Half): number {
  return 2 + half.held.readUInt16BE(0);
}
