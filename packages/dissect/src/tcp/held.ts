/** A stretch of a stream that waits for the bytes before it. */
export interface HeldSegment {
  /** Sequence number of its first byte, as int32. */
  seq: number;
  /** Bytes of the stream it stands for; more than were captured when the snap length cut it. */
  length: number;
  bytes: Buffer;
}

/** Memory of a segment beside its bytes: it keeps one-byte segments from costing more than the cap says. */
const OVERHEAD = 256;

/** The out-of-order bytes of one direction: disjoint segments in order of sequence. First received wins. */
export class HeldSegments {
  private readonly segments: HeldSegment[] = [];
  private start = 0;
  /** What it costs, for the caps. */
  cost = 0;

  get first(): HeldSegment | undefined {
    return this.segments[this.start];
  }

  /** Sequence number after the last byte held. */
  get end(): number {
    const last = this.segments.at(-1);
    return last === undefined ? 0 : (last.seq + last.length) | 0;
  }

  /** Copies what is not held yet of `length` bytes at `seq`, of which `bytes[start, end)` were captured. Returns how many that are. */
  add(seq: number, length: number, bytes: Buffer, start: number, end: number): number {
    let added = 0;
    let at = this.search(seq);
    let from = 0;
    const before = this.segments[at - 1];
    if (before !== undefined && at > this.start) from = Math.max(0, (before.seq + before.length - seq) | 0);
    while (from < length) {
      const next = this.segments[at];
      const until = next === undefined ? length : Math.min(length, (next.seq - seq) | 0);
      if (until > from) {
        const copyStart = Math.min(start + from, end);
        const copyEnd = Math.min(start + until, end);
        const copy = Buffer.allocUnsafe(copyEnd - copyStart);
        bytes.copy(copy, 0, copyStart, copyEnd);
        this.segments.splice(at, 0, { seq: (seq + from) | 0, length: until - from, bytes: copy });
        this.cost += copy.length + OVERHEAD;
        added += until - from;
        at++;
      }
      if (next === undefined) return added;
      from = Math.max(from, (next.seq + next.length - seq) | 0);
      at++;
    }
    return added;
  }

  shift(): HeldSegment {
    const segment = this.segments[this.start]!;
    this.cost -= segment.bytes.length + OVERHEAD;
    this.start++;
    // Taken off in bulk: shifting one by one would move the whole array each time.
    if (this.start === this.segments.length || this.start >= 1_024) {
      this.segments.splice(0, this.start);
      this.start = 0;
    }
    return segment;
  }

  /** Index of the first segment that starts at `seq` or after. */
  private search(seq: number): number {
    let low = this.start;
    let high = this.segments.length;
    while (low < high) {
      const middle = (low + high) >> 1;
      if (((this.segments[middle]!.seq - seq) | 0) < 0) low = middle + 1;
      else high = middle;
    }
    return low;
  }
}
