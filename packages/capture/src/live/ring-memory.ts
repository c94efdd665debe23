/** What the rings of a capture take together, and what is done when that is all there may be. */
import { LIMITS } from '@kubeshark/model';
import { ringLength } from './packet-ring.ts';

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

  /** False when there is no room for so much. */
  take(bytes: number): boolean {
    if (bytes > this.free) {
      this.caps.cap_ringBytes++;
      return false;
    }
    this.used += bytes;
    return true;
  }

  /** For a ring that is there already: others that come need room too. */
  takeToGrow(bytes: number): boolean {
    if (bytes > this.free / GROWTH_SHARE) {
      this.caps.cap_ringBytes++;
      return false;
    }
    return this.take(bytes);
  }

  /** For a new ring: as much as wanted, else the smallest, else 0. */
  takeAtMost(wanted: number): number {
    if (this.take(wanted)) return wanted;
    return wanted > SMALLEST_RING_BYTES && this.take(SMALLEST_RING_BYTES) ? SMALLEST_RING_BYTES : 0;
  }

  give(bytes: number): void {
    this.used -= bytes;
  }
}
