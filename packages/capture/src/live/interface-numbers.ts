/** Numbers of interfaces in a capture: 16 bits of a record, while pods come and go for months. */

/** A number is given again this long after its interface went: later than any flow of it is over (`LIMITS.tcpIdle`). */
const REST_MS = 900_000;
const MOST = 65_536;

export class InterfaceNumbers {
  private next = 0;
  /** Oldest first. */
  private readonly resting: { number: number; since: number }[] = [];

  /** undefined: all are taken. */
  take(now: number): number | undefined {
    const [oldest] = this.resting;
    if (oldest && now - oldest.since >= REST_MS) return this.resting.shift()!.number;
    return this.next < MOST ? this.next++ : undefined;
  }

  release(number: number, now: number): void {
    this.resting.push({ number, since: now });
  }
}
