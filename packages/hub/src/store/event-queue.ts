/** Events pushed on one side, iterated on the other. */
export class EventQueue<T> implements AsyncIterable<T> {
  private readonly waiting: T[] = [];
  private finished: { error: Error | null } | null = null;
  private wake: (() => void) | null = null;

  push(event: T): void {
    if (this.finished) return;
    this.waiting.push(event);
    this.wake?.();
  }

  end(): void {
    this.finished ??= { error: null };
    this.wake?.();
  }

  /** At once, before what still waits. */
  fail(error: Error): void {
    this.waiting.length = 0;
    this.finished ??= { error };
    this.wake?.();
  }

  async *[Symbol.asyncIterator](): AsyncGenerator<T> {
    for (;;) {
      const event = this.waiting.shift();
      if (event !== undefined) yield event;
      else if (this.finished) {
        if (this.finished.error) throw this.finished.error;
        return;
      } else await new Promise<void>((resolve) => (this.wake = resolve));
    }
  }
}
