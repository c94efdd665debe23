import { count } from '../core.ts';
import type { End } from '../flow.ts';
import type { Protocol, StreamEnd, StreamFollower } from '../protocol.ts';
import type { Candidate } from '../registry.ts';
import type { TcpFlow } from './tcp-flow.ts';

/** Bytes of one side that came while it was not known what they are. */
interface Chunk {
  from: End;
  seq: number;
  bytes: Buffer;
  length: number;
}

/** Turns in which nothing was recognised. */
const MAX_CHUNKS = 64;
/** A stream joined in the middle is looked at again when the other side speaks: that is where messages begin. */
const MAX_ATTEMPTS = 32;
/** Protocols a flow may go through (CONNECT, then TLS, then …). */
const MAX_HAND_OVERS = 16;

const NONE = -1;
const ANY = 0;

/** Who reads a flow's streams: finds the protocol, gives it the bytes, hands over to another. */
export class Following {
  private readonly flow: TcpFlow;
  private follower: StreamFollower | null = null;
  private detecting = true;
  private chunks: Chunk[] = [];
  /** Bytes in `chunks`, by end; all of them are taken from the flow's budget. */
  private readonly waiting: [number, number] = [0, 0];
  /** Protocols that said no, by end. */
  private readonly ruledOut: [number, number] = [0, 0];
  private attempts = 0;
  private handOvers = 0;
  private lastFrom: End | -1 = -1;
  private gapped = false;
  private failed = false;
  private finished = 0;
  private handing = NONE;
  sequence = 0;

  constructor(flow: TcpFlow) {
    this.flow = flow;
  }

  handOver(protocol: number | null): void {
    this.handing = protocol ?? ANY;
  }

  bytes(from: End, seq: number, bytes: Buffer, start: number, end: number): void {
    if (this.follower !== null) this.feed(from, seq, bytes, start, end);
    else if (this.detecting) this.detect(from, seq, bytes, start, end);
    else if (from !== this.lastFrom && this.mayDetectAgain()) {
      this.detectAnew();
      this.detect(from, seq, bytes, start, end);
    }
    this.lastFrom = from;
  }

  gap(from: End, size: number): void {
    this.gapped = true;
    if (this.follower !== null) {
      try {
        this.follower.gap(this.flow.side(from), size, this.flow.clock);
      } catch {
        this.fail();
      }
      if (this.handing !== NONE) this.change();
      this.watch();
    } else if (this.detecting) this.forgetChunks(from);
    else if (this.mayDetectAgain()) this.detectAnew();
  }

  fin(from: End): void {
    this.finished |= 1 << from;
    this.tellEnd(from, 'fin');
  }

  /** Time passes. True when there is more to wait for. */
  tick(): boolean {
    if (this.follower === null) return false;
    try {
      this.follower.advance(this.flow.core.now);
    } catch {
      this.fail();
    }
    return this.busy;
  }

  /** The flow is over. `resetBy`: who sent the RST, −1 nobody. */
  close(how: StreamEnd, resetBy: End | -1): void {
    this.forgetAllChunks();
    this.detecting = false;
    this.failed = true;
    if (this.follower === null) return;
    if (resetBy !== -1) this.tellEnd(resetBy, 'reset');
    else for (const end of [0, 1] as const) if ((this.finished & (1 << end)) === 0) this.tellEnd(end, how);
    this.closeFollower();
  }

  private get busy(): boolean {
    return this.follower !== null && this.follower.idle !== true;
  }

  /** Calls `advance` from now on when the follower has something pending. */
  private watch(): void {
    if (this.flow.activeAt < 0 && this.busy) this.flow.activate();
  }

  private tellEnd(end: End, how: StreamEnd): void {
    if (this.follower === null) return;
    try {
      this.follower.end(this.flow.side(end), how, this.flow.clock);
    } catch {
      this.fail();
    }
    this.watch();
  }

  private feed(from: End, firstSeq: number, bytes: Buffer, first: number, end: number): void {
    let start = first;
    let seq = firstSeq;
    while (this.follower !== null) {
      this.sequence = seq;
      let taken: number;
      try {
        taken = this.follower.data(this.flow.side(from), bytes, start, end, this.flow.clock);
      } catch {
        this.fail();
        return;
      }
      if (this.handing === NONE) break;
      const rest = Math.min(Math.max(taken, 0), end - start);
      start += rest;
      seq = (seq + rest) | 0;
      this.change();
      if (start >= end) break;
      if (this.follower === null) {
        this.bytes(from, seq, bytes, start, end);
        return;
      }
    }
    this.watch();
  }

  /** Another protocol, or detection, takes the place of the follower. */
  private change(): void {
    const to = this.handing;
    this.handing = NONE;
    this.closeFollower();
    if (++this.handOvers > MAX_HAND_OVERS) {
      this.detecting = false;
      this.failed = true;
      return;
    }
    const protocol = to === ANY ? undefined : this.flow.core.registry.byNumber(to);
    if (protocol?.tcp !== undefined) this.follow(protocol);
    else if (to === ANY) this.detectAnew();
    else this.detecting = false;
  }

  private closeFollower(): void {
    const { follower } = this;
    this.follower = null;
    try {
      follower?.close(this.flow.clock);
    } catch {
      this.fail();
    }
    this.handing = NONE;
  }

  /** Hostile bytes found a mistake of ours: the flow is a plain one from here on, the worker goes on. */
  private fail(): void {
    count(this.flow.core, 'follower_failed');
    this.flow.core.out.abandon();
    this.flow.giveBack();
    this.follower = null;
    this.handing = NONE;
    this.detecting = false;
    this.failed = true;
  }

  // --- detection

  private mayDetectAgain(): boolean {
    return !this.failed && (this.flow.midstream || this.gapped) && this.attempts < MAX_ATTEMPTS;
  }

  private detectAnew(): void {
    this.attempts++;
    this.detecting = true;
    this.forgetAllChunks();
    this.ruledOut[0] = this.ruledOut[1] = 0;
  }

  private candidates(): readonly Candidate[] {
    const { flow } = this;
    const { registry } = flow.core;
    return flow.swappable
      ? registry.candidates('tcp', flow.portOf(1), flow.portOf(0))
      : registry.candidates('tcp', flow.portOf(flow.client === 0 ? 1 : 0));
  }

  private detect(from: End, seq: number, bytes: Buffer, start: number, end: number): void {
    const candidates = this.candidates();
    let head = bytes;
    let headStart = start;
    let headEnd = end;
    if (this.waiting[from] > 0) {
      head = this.joined(from, bytes, start, end);
      headStart = 0;
      headEnd = head.length;
    }
    let left = false;
    for (const candidate of candidates) {
      const { protocol, bit } = candidate;
      if ((this.ruledOut[from] & bit) === 0) {
        const client = this.probe(candidate, from, head, headStart, headEnd);
        if (client === 0 || client === 1) {
          if (!this.flow.oriented || this.flow.clientGuessed) this.flow.orient(client, false);
          this.recognised(protocol, bit, from, seq, bytes, start, end);
          return;
        }
        if (client === 'no') this.ruledOut[from] |= bit;
      }
      left ||= (this.ruledOut[0] & this.ruledOut[1] & bit) === 0;
    }
    if (!left || !this.keep(from, seq, bytes, start, end)) {
      this.detecting = false;
      this.forgetAllChunks();
    }
  }

  /** Which end is the client when the protocol knows the bytes, else what it says. */
  private probe(
    candidate: Candidate,
    from: End,
    bytes: Buffer,
    start: number,
    end: number,
  ): End | 'more' | 'no' {
    let verdict: ReturnType<NonNullable<Protocol['tcp']>['probe']>;
    try {
      verdict = candidate.protocol.tcp!.probe(bytes, start, end, candidate.hinted);
    } catch {
      count(this.flow.core, 'follower_failed');
      return 'no';
    }
    if (verdict === 'more' || verdict === 'no') return verdict;
    const client = verdict === 'request' ? from : from === 0 ? 1 : 0;
    // A handshake that was seen tells who the client is.
    return this.flow.swappable || client === this.flow.client ? client : 'no';
  }

  private recognised(
    protocol: Protocol,
    bit: number,
    from: End,
    seq: number,
    bytes: Buffer,
    start: number,
    end: number,
  ): void {
    const earlier = this.chunks;
    this.chunks = [];
    this.releaseWaiting();
    this.follow(protocol);
    const tails = [0, 1].map((end) => this.flow.midstream && (this.ruledOut[end as End] & bit) !== 0);
    for (const chunk of earlier) {
      // The protocol has said that this is nothing to begin with: the tail of a message whose start was not captured.
      // Whole ones may follow it.
      if (tails[chunk.from]) this.gap(chunk.from, 0);
      tails[chunk.from] = false;
      this.bytes(chunk.from, chunk.seq, chunk.bytes, 0, chunk.length);
    }
    this.bytes(from, seq, bytes, start, end);
    for (const side of [0, 1] as const) if ((this.finished & (1 << side)) !== 0) this.tellEnd(side, 'fin');
  }

  private follow(protocol: Protocol): void {
    this.detecting = false;
    this.flow.protocol = protocol.number;
    try {
      this.follower = protocol.tcp!.follow(this.flow);
    } catch {
      this.fail();
    }
  }

  /** Copies bytes until it is known whose they are. False when there are too many. */
  private keep(from: End, seq: number, bytes: Buffer, start: number, end: number): boolean {
    const length = end - start;
    if (this.waiting[from] + length > this.flow.core.limits.detectBytes) {
      count(this.flow.core, 'cap_detectBytes');
      return false;
    }
    let chunk = this.chunks.at(-1);
    if (chunk?.from !== from || ((chunk.seq + chunk.length) | 0) !== seq) {
      if (this.chunks.length >= MAX_CHUNKS) return false;
      chunk = { from, seq, bytes: Buffer.allocUnsafe(length), length: 0 };
      this.chunks.push(chunk);
    }
    if (!this.flow.take(length)) return false;
    if (chunk.length + length > chunk.bytes.length) {
      const larger = Buffer.allocUnsafe((chunk.length + length) * 2);
      chunk.bytes.copy(larger, 0, 0, chunk.length);
      chunk.bytes = larger;
    }
    bytes.copy(chunk.bytes, chunk.length, start, end);
    chunk.length += length;
    this.waiting[from] += length;
    return true;
  }

  /** What was kept of an end, and the new bytes, in one buffer. */
  private joined(from: End, bytes: Buffer, start: number, end: number): Buffer {
    const parts = this.chunks.filter((c) => c.from === from).map((c) => c.bytes.subarray(0, c.length));
    return Buffer.concat([...parts, bytes.subarray(start, end)]);
  }

  private forgetChunks(from: End): void {
    this.chunks = this.chunks.filter((c) => c.from !== from);
    this.flow.give(this.waiting[from]);
    this.waiting[from] = 0;
    this.ruledOut[from] = 0;
  }

  private forgetAllChunks(): void {
    this.chunks = [];
    this.releaseWaiting();
  }

  private releaseWaiting(): void {
    this.flow.give(this.waiting[0] + this.waiting[1]);
    this.waiting[0] = this.waiting[1] = 0;
  }
}
