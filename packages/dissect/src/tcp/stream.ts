import type { Core } from '../core.ts';
import { count } from '../core.ts';
import type { End } from '../flow.ts';
import { EndCounters } from '../flow.ts';
import { HeldSegments } from './held.ts';

/** What a stream gives: its bytes in order, its gaps, its end. */
export interface StreamSink {
  bytes(from: End, seq: number, bytes: Buffer, start: number, end: number): void;
  gap(from: End, size: number): void;
  fin(from: End): void;
}

/**
 * Packets of the flow that may pass after the receiver acknowledged bytes that were not seen, and nothing more: the
 * acknowledgement and the bytes travel in opposite directions and may be captured in either order.
 */
const GRACE_PACKETS = 16;
/** The same as time. */
const GRACE_TIME = 10_000;
/** Farther ahead than any window (RFC 7323 section 2.3: less than 2^30): not of this stream. */
const MAX_WINDOW = 1 << 30;

/** One direction of a TCP connection, put back in order. All sequence numbers are int32, compared modulo 2^32. */
export class TcpStream extends EndCounters {
  /** A place in the sequence is known. */
  known = false;
  /** Sequence number of the first byte; the initial sequence number is one less. Known for certain when `synSeen`. */
  origin = 0;
  /** Sequence number of the next byte to hand over. */
  next = 0;
  /** Highest acknowledgement of the other side. */
  acked = 0;
  ackedKnown = false;
  /** Highest acknowledgement that came with bytes: those may be an answer, which must not be handed over before what it answers. */
  private ackedByData = 0;
  /** Window this side offers, bytes; its scale. */
  window = 65_535;
  scale = 0;
  /** Sequence number of the FIN, when `fin`. */
  private finAt = 0;
  /** The FIN was handed over. */
  finished = false;

  private held: HeldSegments | null = null;
  /** Core time since which nothing could be handed over, with something waiting. */
  private stalledSince = 0;
  /** Core time and packets since the hole was acknowledged; −1 it is not. */
  private coveredSince = -1;
  private coveredPackets = 0;

  private readonly core: Core;
  readonly end: End;
  /** Set by the flow, which needs its streams before it can be one. */
  sink!: StreamSink;

  constructor(core: Core, end: End) {
    super();
    this.core = core;
    this.end = end;
  }

  begin(seq: number): void {
    this.known = true;
    this.origin = this.next = seq;
  }

  /** Something waits for bytes before it. */
  get waiting(): boolean {
    return this.held !== null || (this.fin && !this.finished);
  }

  /** `length` bytes at `seq`, of which `bytes[start, end)` were captured. */
  segment(seq: number, length: number, bytes: Buffer, start: number, end: number): void {
    if (this.finished) {
      // Beyond the FIN there is nothing; before it, sent again.
      if (((seq - this.next) | 0) >= 0) count(this.core, 'tcp_data_after_fin');
      else this.retransmittedBytes += length;
      return;
    }
    const ahead = (seq - this.next) | 0;
    if (ahead === 0 && this.held === null) {
      this.hand(seq, length, bytes, start, end);
      return;
    }
    this.unordered(ahead, seq, length, bytes, start, end);
  }

  private unordered(
    ahead: number,
    seq: number,
    length: number,
    bytes: Buffer,
    start: number,
    end: number,
  ): void {
    if (ahead + length <= 0) {
      // A keep-alive probe repeats the last byte (RFC 9293 section 3.8.4).
      if (length > 1 || ahead !== -1) this.retransmittedBytes += length;
      return;
    }
    if (ahead >= MAX_WINDOW) {
      count(this.core, 'tcp_out_of_window');
      return;
    }
    if (ahead < 0) {
      this.retransmittedBytes -= ahead;
      this.segment(this.next, length + ahead, bytes, Math.min(start - ahead, end), end);
      return;
    }
    if (this.held === null) {
      this.held = new HeldSegments();
      if (!this.fin) this.stalledSince = this.core.now;
    } else if (((seq - this.held.end) | 0) < 0) this.outOfOrder++;
    const before = this.held.cost;
    this.retransmittedBytes += length - this.held.add(seq, length, bytes, start, end);
    this.core.heldBytes += this.held.cost - before;
    if (ahead === 0) this.drain();
    const { limits } = this.core;
    while (this.held !== null && this.held.cost > limits.heldBytesPerStream)
      this.skip('cap_heldBytesPerStream');
    while (this.held !== null && this.core.heldBytes > limits.heldBytes) this.skip('cap_heldBytes');
  }

  /** `seq` is the FIN's own place in the sequence. */
  finish(seq: number): void {
    if (this.finished) return;
    if (((seq - this.next) | 0) < 0 || ((seq - this.next) | 0) >= MAX_WINDOW) {
      count(this.core, 'tcp_out_of_window');
      return;
    }
    if (!this.waiting) this.stalledSince = this.core.now;
    this.fin = true;
    this.finAt = seq;
    this.tryFinish();
  }

  private tryFinish(): void {
    if (!this.fin || this.finished || this.next !== this.finAt) return;
    // What is held lies beyond the FIN.
    this.dropHeld();
    this.finished = true;
    this.next = (this.next + 1) | 0;
    this.sink.fin(this.end);
  }

  /** The other side acknowledges everything before `ack`. */
  acknowledge(ack: number, hasData: boolean): void {
    if (!this.ackedKnown) this.ackedByData = this.next;
    if (!this.ackedKnown || ((ack - this.acked) | 0) > 0) {
      this.acked = ack;
      this.ackedKnown = true;
    }
    if (!hasData) return;
    if (((ack - this.ackedByData) | 0) > 0) this.ackedByData = ack;
    if (this.waiting) this.settle(false);
  }

  /** A packet of the flow passed, or time did: holes that nothing will fill any more become gaps. */
  settle(isPacket: boolean): void {
    while (this.waiting) {
      const to = this.held?.first?.seq ?? this.finAt;
      const covered = this.ackedKnown && ((this.acked - to) | 0) >= 0;
      if (!covered) this.coveredSince = -1;
      else if (this.coveredSince < 0) {
        this.coveredSince = this.core.now;
        this.coveredPackets = 0;
      } else if (isPacket) this.coveredPackets++;
      if (
        covered &&
        (((this.ackedByData - to) | 0) >= 0 ||
          this.coveredPackets >= GRACE_PACKETS ||
          this.core.now - this.coveredSince >= GRACE_TIME)
      )
        this.skip(null);
      else if (this.core.now - this.stalledSince >= this.core.limits.holeTime) this.skip('cap_holeTime');
      else return;
    }
  }

  /** No more packets: what is held is handed over with its gaps, as are bytes that only the other side's acknowledgements tell of. */
  flush(): void {
    while (this.waiting) this.skip(null);
    if (this.finished || !this.known || !this.ackedKnown) return;
    const unseen = (this.acked - this.next) | 0;
    // One byte too many is a FIN that was not captured.
    if (unseen > 1 && unseen < MAX_WINDOW) this.gap(unseen);
  }

  /** Gives up on what is missing before the first thing that waits. */
  private skip(cause: 'cap_heldBytes' | 'cap_heldBytesPerStream' | 'cap_holeTime' | null): void {
    if (cause !== null) count(this.core, cause);
    const to = this.held?.first?.seq ?? this.finAt;
    // A FIN may stand before bytes that are held: whatever comes first.
    const target = this.fin && !this.finished && ((this.finAt - to) | 0) < 0 ? this.finAt : to;
    const missing = (target - this.next) | 0;
    if (missing > 0) this.gap(missing);
    this.drain();
    this.tryFinish();
    // A FIN that the stream has passed is none.
    if (this.fin && !this.finished && ((this.finAt - this.next) | 0) < 0) this.fin = false;
  }

  private hand(seq: number, length: number, bytes: Buffer, start: number, end: number): void {
    const captured = Math.min(length, end - start);
    if (captured > 0) {
      this.next = (this.next + captured) | 0;
      this.sink.bytes(this.end, seq, bytes, start, start + captured);
    }
    if (length > captured) this.gap(length - captured);
    if (this.fin) {
      this.stalledSince = this.core.now;
      this.tryFinish();
    }
  }

  private gap(size: number): void {
    this.next = (this.next + size) | 0;
    this.gaps++;
    this.gapBytes += size;
    this.core.counters.gaps++;
    this.core.counters.gapBytes += size;
    this.sink.gap(this.end, size);
  }

  private drain(): void {
    const { held } = this;
    if (held === null) return;
    for (;;) {
      const { first } = held;
      if (first === undefined) {
        this.held = null;
        return;
      }
      if (first.seq !== this.next) break;
      const before = held.cost;
      held.shift();
      this.core.heldBytes += held.cost - before;
      this.hand(first.seq, first.length, first.bytes, 0, first.bytes.length);
      if (this.held === null) return;
    }
    this.stalledSince = this.core.now;
    this.coveredSince = -1;
  }

  private dropHeld(): void {
    if (this.held === null) return;
    this.core.heldBytes -= this.held.cost;
    this.held = null;
  }

  /** Gives back what is held, unread. */
  drop(): void {
    this.dropHeld();
    this.fin = false;
  }
}
