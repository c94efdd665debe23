import { LIMITS } from './limits.ts';
import type { SectionNumber } from './record.ts';
import { Head, SECTION_COUNT } from './record.ts';

/**
 * Called when a record is complete and still last in the buffer (`bytes`, from `start`, its length written): may overwrite
 * its bytes and append the redactions section. False leaves the record out.
 */
export type BeforeCommit = (writer: RecordWriter) => boolean;

/**
 * Writes records one after another into one growing buffer, with no object per record.
 *
 *   writer.begin(template)            // a head with everything that is the same for the flow
 *   writer.u8(Head.outcome, 0) …      // what differs
 *   writer.append(Section.requestHead, bytes, start, end) …   // sections, any number of appends, in ascending order
 *   writer.commit()
 *
 * What is not set keeps the template's bytes. Sections' lengths (zero in the template) and the record's length are the writer's work.
 */
export class RecordWriter {
  bytes: Buffer;
  /** Start of the record being written. */
  start = 0;
  /** End of what is written. */
  end = 0;
  /** Complete records in the buffer. */
  count = 0;
  beforeCommit: BeforeCommit | null = null;
  private section = 0;

  constructor(capacity: number = LIMITS.batchBytes * 2) {
    this.bytes = Buffer.allocUnsafeSlow(capacity);
  }

  begin(template: Uint8Array): void {
    this.start = this.end;
    this.reserve(Head.size);
    this.bytes.set(template, this.start);
    this.end = this.start + Head.size;
    this.section = 0;
  }

  u8(field: number, value: number): void {
    this.bytes[this.start + field] = value;
  }
  u16(field: number, value: number): void {
    this.bytes.writeUInt16LE(value, this.start + field);
  }
  u32(field: number, value: number): void {
    this.bytes.writeUInt32LE(value >>> 0, this.start + field);
  }
  f64(field: number, value: number): void {
    this.bytes.writeDoubleLE(value, this.start + field);
  }

  append(section: SectionNumber, bytes: Uint8Array, start = 0, end = bytes.length): void {
    if (section < this.section || section >= SECTION_COUNT)
      throw new RangeError(`section ${section} after ${this.section}`);
    this.section = section;
    const length = end - start;
    if (length <= 0) return;
    this.reserve(length);
    // `copy` beats `set(subarray)`: no view object.
    if (bytes instanceof Buffer) bytes.copy(this.bytes, this.end, start, end);
    else this.bytes.set(bytes.subarray(start, end), this.end);
    this.end += length;
    const at = this.start + Head.sections + section * 4;
    this.bytes.writeUInt32LE(this.bytes.readUInt32LE(at) + length, at);
  }

  commit(): void {
    this.bytes.writeUInt32LE(this.end - this.start, this.start + Head.length);
    if (this.beforeCommit !== null) {
      if (!this.beforeCommit(this)) {
        this.abandon();
        return;
      }
      this.bytes.writeUInt32LE(this.end - this.start, this.start + Head.length);
    }
    this.count++;
    this.start = this.end;
  }

  /** Forgets a record begun and not committed. */
  abandon(): void {
    this.end = this.start;
  }

  get full(): boolean {
    return this.count >= LIMITS.batchRecords || this.end >= LIMITS.batchBytes;
  }

  /** The complete records, in the writer's own memory: valid until `clear`. */
  get records(): Buffer {
    return this.bytes.subarray(0, this.start);
  }

  /** An empty writer. Never inside begin … commit. */
  clear(): void {
    this.start = this.end = this.count = 0;
  }

  /** The complete records, copied out, and an empty writer. Never inside begin … commit. */
  take(): { count: number; records: Buffer } {
    const records = Buffer.allocUnsafeSlow(this.start);
    this.bytes.copy(records, 0, 0, this.start);
    const count = this.count;
    this.clear();
    return { count, records };
  }

  private reserve(length: number): void {
    const need = this.end + length;
    if (need <= this.bytes.length) return;
    const larger = Buffer.allocUnsafeSlow(Math.max(need, this.bytes.length * 2));
    this.bytes.copy(larger, 0, 0, this.end);
    this.bytes = larger;
  }
}

/**
 * 64-bit hash of at most 256 bytes for the call key, as two u32 in `hash`. cyrb53's mixing, four bytes at a time; not
 * cryptographic.
 */
export function hashCall(bytes: Uint8Array, start: number, end: number, hash: Uint32Array): void {
  const stop = Math.min(end, start + 256);
  let a = 0xdeadbeef ^ (stop - start);
  let b = 0x41c6ce57;
  let i = start;
  for (; i + 4 <= stop; i += 4) {
    const word = bytes[i]! | (bytes[i + 1]! << 8) | (bytes[i + 2]! << 16) | (bytes[i + 3]! << 24);
    a = Math.imul(a ^ word, 2654435761);
    a ^= a >>> 15;
    b = Math.imul(b ^ word, 1597334677);
    b ^= b >>> 13;
  }
  for (; i < stop; i++) {
    a = Math.imul(a ^ bytes[i]!, 2654435761);
    b = Math.imul(b ^ bytes[i]!, 1597334677);
  }
  a = Math.imul(a ^ (a >>> 16), 2246822507) ^ Math.imul(b ^ (b >>> 13), 3266489909);
  b = Math.imul(b ^ (b >>> 16), 2246822507) ^ Math.imul(a ^ (a >>> 13), 3266489909);
  hash[0] = a >>> 0;
  hash[1] = b >>> 0;
}
