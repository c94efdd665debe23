/** A warning that anybody can cause, as often as they like: each cause is logged once a minute, with how often it was there meanwhile. */
import type { Logger } from 'pino';

const AGAIN_MS = 60_000;
/** Causes kept apart. Policy: the oldest may be logged again. */
const CAUSES = 100;

export class Seldom {
  private readonly log: Logger;
  private readonly causes = new Map<string, { until: number; unsaid: number }>();

  constructor(log: Logger) {
    this.log = log;
  }

  warn(cause: string, message: string): void {
    const key = `${message} ${cause}`;
    const known = this.causes.get(key);
    const now = performance.now();
    if (known && now < known.until) {
      known.unsaid++;
      return;
    }
    this.causes.delete(key);
    this.causes.set(key, { until: now + AGAIN_MS, unsaid: 0 });
    if (this.causes.size > CAUSES) this.causes.delete(this.causes.keys().next().value!);
    this.log.warn({ cause, ...(known && known.unsaid > 0 ? { alsoBefore: known.unsaid } : {}) }, message);
  }
}
