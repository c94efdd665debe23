import { LIMITS } from './limits.ts';
import type { SectionNumber } from './record.ts';
import { Head, SECTION_COUNT } from './record.ts';

/**
 * Called when a record is complete and still last in the buffer (`bytes`, from `start`, its length written): may overwrite
 * its bytes and append the redactions section. False leaves the record out.
 */
export type BeforeCommit = (writer: RecordWriter) => boolean;

/**
 * Free bytes before a writer's records: `encodeBatch` writes the batch's head there, with the places and losses of all but
 * the largest workers, and the records need not be copied into other memory. Of reading a file the kernel's clearing of that
 * memory alone took up to 7 %.
 */
export const BATCH_ROOM = 4_096;

/** Bytes of the request that the call key's hash covers. */
const HASHED = 256;

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
  /** The same bytes: V8 makes one instruction of what it writes, where a Buffer's methods are calls that check and loop. */
  private view: DataView;
  /** Start of the record being written. */
  start: number = BATCH_ROOM;
  /** End of what is written. */
  end: number = BATCH_ROOM;
  /** Complete records in the buffer. */
  count = 0;
  beforeCommit: BeforeCommit | null = null;
  private section = 0;

  constructor(capacity: number = LIMITS.batchBytes * 2) {
    this.bytes = Buffer.allocUnsafeSlow(BATCH_ROOM + capacity);
    this.view = viewOf(this.bytes);
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
    this.view.setUint16(this.start + field, value, true);
  }
  u32(field: number, value: number): void {
    this.view.setUint32(this.start + field, value, true);
  }
  f64(field: number, value: number): void {
    this.view.setFloat64(this.start + field, value, true);
  }

  append(section: SectionNumber, bytes: Buffer, start = 0, end = bytes.length): void {
    this.lengthen(section, end - start);
    this.copy(bytes, start, end);
  }

  /**
   * Three sections, `section` and the two behind it, that lie one behind the other in `bytes`: in one copy, which costs
   * more to begin than to do.
   */
  appendParts(
    section: SectionNumber,
    bytes: Buffer,
    start: number,
    second: number,
    third: number,
    end: number,
  ): void {
    this.lengthen(section, second - start);
    this.lengthen((section + 1) as SectionNumber, third - second);
    this.lengthen((section + 2) as SectionNumber, end - third);
    this.copy(bytes, start, end);
  }

  private lengthen(section: SectionNumber, length: number): void {
    if (section < this.section || section >= SECTION_COUNT)
      throw new RangeError(`section ${section} after ${this.section}`);
    this.section = section;
    if (length <= 0) return;
    const at = this.start + Head.sections + section * 4;
    this.view.setUint32(at, this.view.getUint32(at, true) + length, true);
  }

  private copy(bytes: Buffer, start: number, end: number): void {
    const length = end - start;
    if (length <= 0) return;
    this.reserve(length);
    // Beats `set(subarray)`: no view object.
    bytes.copy(this.bytes, this.end, start, end);
    this.end += length;
  }

  /**
   * Writes the call key's hash of the first `length` bytes of the sections, of which at most 256 count. cyrb53's mixing, four
   * bytes at a time; not cryptographic.
   */
  hash(length: number): void {
    const { view } = this;
    const start = this.start + Head.size;
    const stop = Math.min(start + Math.min(length, HASHED), this.end);
    let a = 0xdeadbeef ^ (stop - start);
    let b = 0x41c6ce57;
    let i = start;
    for (; i + 4 <= stop; i += 4) {
      const word = view.getInt32(i, true);
      a = Math.imul(a ^ word, 2654435761);
      a ^= a >>> 15;
      b = Math.imul(b ^ word, 1597334677);
      b ^= b >>> 13;
    }
    for (; i < stop; i++) {
      const byte = view.getUint8(i);
      a = Math.imul(a ^ byte, 2654435761);
      b = Math.imul(b ^ byte, 1597334677);
    }
    a = Math.imul(a ^ (a >>> 16), 2246822507) ^ Math.imul(b ^ (b >>> 13), 3266489909);
    b = Math.imul(b ^ (b >>> 16), 2246822507) ^ Math.imul(a ^ (a >>> 13), 3266489909);
    this.u32(Head.hashLow, a);
    this.u32(Head.hashHigh, b);
  }

  commit(): void {
    this.u32(Head.length, this.end - this.start);
    if (this.beforeCommit !== null) {
      if (!this.beforeCommit(this)) {
        this.abandon();
        return;
      }
      this.u32(Head.length, this.end - this.start);
    }
    this.count++;
    this.start = this.end;
  }

  /** Forgets a record begun and not committed. */
  abandon(): void {
    this.end = this.start;
  }

  get full(): boolean {
    return this.count >= LIMITS.batchRecords || this.end - BATCH_ROOM >= LIMITS.batchBytes;
  }

  /** The complete records, in the writer's own memory: valid until `clear`, as are the `BATCH_ROOM` bytes before them. */
  get records(): Buffer {
    return this.bytes.subarray(BATCH_ROOM, this.start);
  }

  /** An empty writer. Never inside begin … commit. */
  clear(): void {
    this.start = this.end = BATCH_ROOM;
    this.count = 0;
  }

  private reserve(length: number): void {
    const need = this.end + length;
    if (need <= this.bytes.length) return;
    const larger = Buffer.allocUnsafeSlow(Math.max(need, this.bytes.length * 2));
    this.bytes.copy(larger, 0, 0, this.end);
    this.bytes = larger;
    this.view = viewOf(larger);
  }
}

/** Records behind one another in memory of their own, with `BATCH_ROOM` bytes before them. */
export function joinRecords(parts: readonly Buffer[]): Buffer {
  let end = BATCH_ROOM;
  for (const part of parts) end += part.length;
  const bytes = Buffer.allocUnsafeSlow(end);
  end = BATCH_ROOM;
  for (const part of parts) end += part.copy(bytes, end);
  return bytes.subarray(BATCH_ROOM);
}

function viewOf(bytes: Buffer): DataView {
  return new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
}
