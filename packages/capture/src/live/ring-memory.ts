/** What the rings of a capture take together, and what is done when that is all there may be. */
import { LIMITS } from '@kubeshark/model';
import { ringLength } from './packet-ring.ts';

/**
 * Holds an answer of 5 MB, which comes in 4 ms: faster than it is read. A reader that did nothing but give blocks back lost
 * packets of 14 in 15 in a ring of 1 MB; of 4 MB, rings that are read as ever lost some of every second one, of 6 MB none.
 */
export const ANSWER_RING_BYTES = 8_388_608;
export const SMALLEST_RING_BYTES = ringLength(0);

/** Of what is free a ring that grows takes at most one part in this many. */
const GROWTH_SHARE = 4;

/** How often a limit stood in the way of a ring or of a larger one. */
export type RingCaps = Record<'cap_ringBytes' | 'cap_podRingBytes', number>;

export class RingMemory {
  readonly caps: RingCaps = { cap_ringBytes: 0, cap_podRingBytes: 0 };
  used = 0;
  private readonly limit: number;

  constructor(limit: number = LIMITS.ringBytes) {
    this.limit = limit;
  }

  get free(): number {
    return this.limit - this.used;
  }

  /** For a new ring: as much as wanted, else the smallest, else 0. */
  takeAtMost(wanted: number): number {
    return this.take([wanted, SMALLEST_RING_BYTES], this.free);
  }

  /** For a ring that is there already: the first of these sizes that leaves enough to others that come, else 0. */
  takeToGrow(sizes: readonly number[]): number {
    return this.take(sizes, this.free / GROWTH_SHARE);
  }

  /** Counted once, whatever is taken in place of the first. */
  private take(sizes: readonly number[], most: number): number {
    const bytes = sizes.find((size) => size <= most) ?? 0;
    if (bytes !== sizes[0]) this.caps.cap_ringBytes++;
    this.used += bytes;
    return bytes;
  }

  give(bytes: number): void {
    this.used -= bytes;
  }
}
