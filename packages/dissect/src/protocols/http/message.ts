/** One HTTP/1.x message (RFC 9112) while it is read: its bytes as far as they are kept, and what is known of it. */
import type { Anomaly, ByteBudget } from '../../protocol.ts';

/** A buffer up to this size stays with a message that goes back to the pool. */
const KEPT_BUFFER = 8_192;
const FIRST_BUFFER = 1_024;
const POOL = 2_048;

export const Method = { other: 0, head: 1, connect: 2 } as const;
export type Method = (typeof Method)[keyof typeof Method];

/**
 * Head, body and trailer stand one after another in `bytes`: `[at, headEnd)`, `[headEnd, bodyEnd)`, `[bodyEnd, end)`.
 * As long as a message lies whole in the segment that is being read, `bytes` is that segment and nothing is copied
 * (`borrowed`); it must be owned before the segment goes.
 */
export class HttpMessage {
  bytes: Buffer;
  at = 0;
  headEnd = 0;
  bodyEnd = 0;
  end = 0;
  borrowed = false;
  /** The message's own buffer, kept when it borrows another. */
  private own_: Buffer;
  /** Bytes taken from the budget. */
  private held = 0;

  // What is known of the head; `scanned` and `line` are offsets in `bytes`.
  /** Where the final head begins: behind interim ones. */
  headStart = 0;
  scanned = 0;
  line = 0;
  startLineRead = false;
  method: Method = Method.other;
  status = 0;
  version = 0;
  /** −1: none; −2: several that differ. */
  contentLength = -1;
  transferEncoding = false;
  chunked = false;

  /** µs; −1 not yet. */
  firstTime = -1;
  lastTime = -1;
  /** TCP sequence number of the first byte. */
  seq = 0;
  /** Bytes on the wire. */
  size = 0;
  bodySize = 0;
  missing = 0;
  /** The gravest of what was malformed in it. */
  anomaly: Anomaly | null = null;
  /** Nobody saw what it answers: after its head there may be no body, whatever that says. */
  unasked = false;
  headTruncated = false;
  /** No further body bytes are kept: cap, budget, or a hole before them. */
  bodyTruncated = false;

  constructor() {
    this.own_ = Buffer.allocUnsafeSlow(FIRST_BUFFER);
    this.bytes = this.own_;
  }

  get length(): number {
    return this.end - this.at;
  }

  /** False when the budget does not allow it; then nothing is appended. */
  append(bytes: Buffer, start: number, end: number, budget: ByteBudget): boolean {
    if (this.end === this.at && !this.borrowed && this.held === 0) {
      const moved = start - this.at;
      this.bytes = bytes;
      this.borrowed = true;
      this.at = start;
      this.end = end;
      this.headStart += moved;
      this.scanned += moved;
      this.line += moved;
      this.headEnd += moved;
      this.bodyEnd += moved;
      return true;
    }
    if (this.borrowed) {
      if (bytes === this.bytes && start === this.end) {
        this.end = end;
        return true;
      }
      if (!this.own(budget)) return false;
    }
    const length = end - start;
    if (!budget.take(length)) return false;
    this.held += length;
    this.reserve(this.end + length);
    bytes.copy(this.bytes, this.end, start, end);
    this.end += length;
    return true;
  }

  /** Copies what is borrowed. False when the budget does not allow it: then the message has lost its bytes. */
  own(budget: ByteBudget): boolean {
    if (!this.borrowed) return true;
    this.borrowed = false;
    const { bytes, at, end } = this;
    this.bytes = this.own_;
    this.at = 0;
    this.headStart -= at;
    this.scanned -= at;
    this.line -= at;
    const length = end - at;
    if (!budget.take(length)) {
      this.headEnd = this.bodyEnd = this.end = 0;
      this.headTruncated = this.bodyTruncated = true;
      return false;
    }
    this.held += length;
    this.headEnd -= at;
    this.bodyEnd -= at;
    this.end = 0;
    this.reserve(length);
    bytes.copy(this.bytes, 0, at, end);
    this.end = length;
    return true;
  }

  /** Back to the pool. */
  release(budget: ByteBudget): void {
    if (this.held > 0) budget.give(this.held);
    this.held = 0;
    if (this.own_.length > KEPT_BUFFER) this.own_ = Buffer.allocUnsafeSlow(FIRST_BUFFER);
    this.bytes = this.own_;
    this.borrowed = false;
    if (pool.length < POOL) pool.push(this);
  }

  begin(): this {
    this.at = this.headEnd = this.bodyEnd = this.end = 0;
    this.size = this.bodySize = this.missing = 0;
    this.firstTime = this.lastTime = -1;
    this.anomaly = null;
    this.unasked = false;
    this.headTruncated = this.bodyTruncated = false;
    this.beginHead();
    return this;
  }

  /** Another head follows: the first one, or one behind an interim response. */
  beginHead(): void {
    this.headStart = this.scanned = this.line = this.end;
    this.startLineRead = false;
    this.method = Method.other;
    this.status = 0;
    this.version = 0;
    this.contentLength = -1;
    this.transferEncoding = this.chunked = false;
  }

  private reserve(size: number): void {
    if (size <= this.bytes.length) return;
    const larger = Buffer.allocUnsafeSlow(Math.max(size, this.bytes.length * 2));
    this.bytes.copy(larger, 0, 0, this.end);
    this.own_ = this.bytes = larger;
  }
}

const pool: HttpMessage[] = [];

export function newMessage(): HttpMessage {
  return (pool.pop() ?? new HttpMessage()).begin();
}
