/**
 * The counter of changes: one number for each new row and each new state of a row. Numbers are handed out only below a
 * reservation that is durable, so that a hub that was killed goes on above everything any viewer has seen.
 */
const BLOCK = 1_000_000;

export class Sequence {
  private next: number;
  private reserved: number;

  /** `reserved`: what the store has; `reserve()` must be committed before the first number is taken. */
  constructor(reserved: number) {
    this.next = reserved + 1;
    this.reserved = reserved;
  }

  /** Highest number given out. */
  get last(): number {
    return this.next - 1;
  }

  /** Whether `count` numbers can be given out before the next commit. */
  has(count: number): boolean {
    return this.next + count - 1 <= this.reserved;
  }

  take(): number {
    if (this.next > this.reserved) throw new RangeError('no change number is reserved');
    return this.next++;
  }

  /** What the next commit has to reserve. */
  wanted(): number {
    return this.reserved - this.next < BLOCK / 2 ? this.next + BLOCK : this.reserved;
  }

  committed(reserved: number): void {
    this.reserved = Math.max(this.reserved, reserved);
  }
}
