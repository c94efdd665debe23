/** Something that another server publishes and may change, such as its keys: kept for a while, and read once at a time. */
export class Published<T> {
  private readonly read: () => Promise<T>;
  private readonly lifeMs: number;
  private readonly restMs: number;
  private kept: { value: T; since: number } | null = null;
  private last: Promise<T> | null = null;
  private begun = Number.NEGATIVE_INFINITY;
  private reading = false;

  /** `lifeMs`: what was taken back counts no longer than this. `restMs`: between two readings that somebody asks for who misses something. */
  constructor(read: () => Promise<T>, lifeMs: number, restMs: number) {
    this.read = read;
    this.lifeMs = lifeMs;
    this.restMs = restMs;
  }

  /** Rejects as `read` does; then the next one has it read again. */
  async get(): Promise<T> {
    if (this.kept && performance.now() - this.kept.since < this.lifeMs) return this.kept.value;
    return await (this.last && this.reading ? this.last : this.renew());
  }

  /**
   * For who misses something in it, which anybody may say: what the last reading gave, also a failure, when it was a moment ago.
   * What was known counts for its time all the same.
   */
  async newer(): Promise<T> {
    return await (this.last && performance.now() - this.begun < this.restMs ? this.last : this.renew());
  }

  private async renew(): Promise<T> {
    this.begun = performance.now();
    this.reading = true;
    this.last = this.read();
    try {
      const value = await this.last;
      this.kept = { value, since: performance.now() };
      return value;
    } finally {
      this.reading = false;
    }
  }
}
