/** What the two file formats have in common. */
import type { CaptureInterface, OnPacket } from './source.ts';

export interface FileHandlers {
  onPacket: OnPacket;
  onInterface: (capture: CaptureInterface, index: number) => void;
}

/** One format. Stateful: made for one file. */
export interface FileFormat {
  /** Reads one unit (header, block, packet) that starts at `start`; its length, or the number of bytes needed as a negative. */
  read(bytes: Buffer, start: number, end: number, offset: number): number;
}

/** Larger than any block that makes sense: a frame of BIG TCP with its options. */
export const LARGEST_UNIT = 16_777_216;
