/** What the two file formats have in common. */
import type { CaptureInterface, OnPacket } from './source.ts';

export interface FileHandlers {
  onPacket: OnPacket;
  onInterface: (capture: CaptureInterface, index: number) => void;
}

/** One format. Stateful: made for one file. */
export interface FileFormat {
  /**
   * Reads whole units (headers, blocks, packets) from `start` on: their length together, or, when not even one is whole, the
   * number of bytes needed as a negative. `offset`: of `start` in the file.
   */
  read(bytes: Buffer, start: number, end: number, offset: number): number;
}

/** What is read of, with numbers in the file's byte order. A DataView reads each with one instruction, a Buffer byte by byte. */
export class FileBytes {
  bytes: Buffer = Buffer.alloc(0);
  little = true;
  private view: DataView = new DataView(new ArrayBuffer(0));

  /** A chunk is asked for thousands of times in a row. */
  of(bytes: Buffer): void {
    if (bytes === this.bytes) return;
    this.bytes = bytes;
    this.view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  }

  u16(at: number): number {
    return this.view.getUint16(at, this.little);
  }

  u32(at: number): number {
    return this.view.getUint32(at, this.little);
  }

  i64(at: number): bigint {
    return this.view.getBigInt64(at, this.little);
  }
}

/** Larger than any block that makes sense: a frame of BIG TCP with its options. */
export const LARGEST_UNIT = 16_777_216;
