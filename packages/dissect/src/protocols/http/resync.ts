/** Finds where the next message begins after bytes were lost or not understood. */
import type { Side } from '../../protocol.ts';
import { CLIENT } from '../../protocol.ts';
import { isDigit, isMethodByte, isVersion } from './head.ts';

/** A request line longer than this is not found. What is carried is no less, so that cuts do not matter. */
const LINE = 8_192;
const CARRY = LINE + 256;
/** `HTTP/1.1 200\r\n`: with so many bytes every marker can be decided. */
const DECIDED = 14;
const METHODS = [
  'GET POST PUT DELETE PATCH HEAD OPTIONS CONNECT TRACE PROPFIND PROPPATCH MKCOL COPY MOVE LOCK UNLOCK REPORT SEARCH',
]
  .flatMap((names) => names.split(' '))
  .map((name) => Buffer.from(name));
const VERSION = Buffer.from('HTTP/1.');

/** Where a message begins: at `at` in the segment, or earlier: then `carried` has its bytes before the segment. */
export interface Found {
  at: number;
  carried: Buffer | null;
  /** Sequence number and time of the first byte of `carried`. */
  seq: number;
  time: number;
}

export class Resync {
  private readonly side: Side;
  private bytes: Buffer = Buffer.allocUnsafe(CARRY * 2);
  private end = 0;
  /** Markers before this offset have been looked at. */
  private searched = 0;
  /** Offset 0 follows the loss directly: a message may begin there whatever stands before. */
  private fresh = true;
  private seq = 0;
  /** Where segments begin in `bytes`, and their times. */
  private marks: { at: number; time: number }[] = [];

  constructor(side: Side) {
    this.side = side;
  }

  /** Sync is lost (again). */
  reset(): void {
    this.end = this.searched = 0;
    this.fresh = true;
    this.marks = [];
  }

  /** Looks at all of the segment, or as far as a message is found. */
  search(bytes: Buffer, start: number, end: number, seq: number, time: number): Found | null {
    for (let at = start; at < end; ) {
      const some = Math.min(end - at, CARRY);
      this.push(bytes, at, at + some, (seq + at - start) | 0, time);
      at += some;
      const found = this.look();
      if (found < 0) continue;
      /** Where the segment's first byte would stand in `this.bytes`. */
      const segment = this.end - (at - start);
      if (found >= segment) return { at: start + found - segment, carried: null, seq: 0, time };
      const mark = this.marks.findLast((m) => m.at <= found);
      return {
        at: start,
        carried: Buffer.from(this.bytes.subarray(found, segment)),
        seq: (this.seq + found) | 0,
        time: mark?.time ?? time,
      };
    }
    return null;
  }

  private push(bytes: Buffer, start: number, end: number, seq: number, time: number): void {
    if (this.end === 0) this.seq = seq;
    const drop = this.end - CARRY;
    if (drop > 0) {
      this.bytes.copyWithin(0, drop, this.end);
      this.end -= drop;
      this.seq = (this.seq + drop) | 0;
      this.searched = Math.max(0, this.searched - drop);
      this.fresh = false;
      const kept = this.marks.findLastIndex((m) => m.at <= drop);
      this.marks = this.marks.slice(Math.max(0, kept)).map((m) => ({ at: m.at - drop, time: m.time }));
    }
    if (this.marks.at(-1)?.time !== time) this.marks.push({ at: this.end, time });
    bytes.copy(this.bytes, this.end, start, end);
    this.end += end - start;
  }

  /** Offset of a message's first byte, −1. */
  private look(): number {
    const { bytes, end } = this;
    for (;;) {
      const at = bytes.indexOf(VERSION, this.searched);
      if (at < 0 || at + VERSION.length > end) {
        this.searched = Math.max(this.searched, end - VERSION.length + 1);
        return -1;
      }
      if (at + DECIDED > end && !(this.side === CLIENT && lineEnds(bytes, at + 8, end) !== 0)) {
        this.searched = at;
        return -1;
      }
      const found = this.side === CLIENT ? this.requestAt(at) : responseAt(bytes, at);
      if (found >= 0) return found;
      this.searched = at + 1;
    }
  }

  /** Start of the request line that ends with the version at `version`; −1. */
  private requestAt(version: number): number {
    const { bytes } = this;
    if (!isVersion(bytes, version) || lineEnds(bytes, version + 8, this.end) !== 1) return -1;
    if (bytes[version - 1] !== 32) return -1;
    const limit = Math.max(0, version - LINE);
    let space = version - 2;
    while (space >= limit && bytes[space]! > 32 && bytes[space] !== 127) space--;
    if (space < limit || bytes[space] !== 32 || space === version - 2) return -1;
    // Where a line begins, or in its middle: then what stands before is the rest of a body.
    for (const method of METHODS) {
      const from = space - method.length;
      if (from >= 0 && method.compare(bytes, from, space) === 0) return from;
    }
    let start = space;
    while (start > limit && space - start < 32 && isMethodByte(bytes[start - 1])) start--;
    if (start < space && (start === 0 ? this.fresh : bytes[start - 1] === 10)) return start;
    return -1;
  }
}

/** 1: a line ends at `at`; 0: cannot say yet; −1: no. */
function lineEnds(bytes: Buffer, at: number, end: number): 1 | 0 | -1 {
  if (at >= end) return 0;
  if (bytes[at] === 10) return 1;
  if (bytes[at] !== 13) return -1;
  return at + 1 >= end ? 0 : bytes[at + 1] === 10 ? 1 : -1;
}

function responseAt(bytes: Buffer, at: number): number {
  return isVersion(bytes, at) &&
    bytes[at + 8] === 32 &&
    isDigit(bytes[at + 9]) &&
    bytes[at + 9] !== 48 &&
    isDigit(bytes[at + 10]) &&
    isDigit(bytes[at + 11]) &&
    (bytes[at + 12] === 32 || bytes[at + 12] === 10 || (bytes[at + 12] === 13 && bytes[at + 13] === 10))
    ? at
    : -1;
}
