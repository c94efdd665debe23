/** Takes held batches to the store when they are due, oldest first and whole, and says which are stored. */
import { setTimeout as sleep } from 'node:timers/promises';
import type { HubLimits } from '../settings.ts';
import type { Commit, Store } from '../store/store.ts';
import type { HeldBatch } from './held-batches.ts';
import type { HeldRow } from './held-row.ts';
import type { Intake } from './intake.ts';
import type { Sequence } from './sequence.ts';

const RETRY_FIRST_MS = 100;
const RETRY_MOST_MS = 5_000;

export interface CommitterOptions {
  intake: Intake;
  sequence: Sequence;
  store: Store;
  limits: HubLimits;
  /** How long batches wait for sightings at other places; asked before each commit. */
  holdMs: () => number;
  /** Hub's clock, µs. */
  now: () => number;
  onStored: (acknowledged: Commit['acknowledged']) => void;
  onProblem: (error: unknown, retryMs: number) => void;
}

export class Committer {
  commits = 0;
  retries = 0;
  /** Every row with a `seq` up to this is stored, and none above. */
  storedSeq: number;
  private readonly options: CommitterOptions;
  private timer: NodeJS.Timeout | undefined;
  private running: Promise<void> | null = null;
  /** By `performance.now()`. */
  private lastCommit = Number.NEGATIVE_INFINITY;
  private closing = false;
  private readonly stopped = new AbortController();

  constructor(options: CommitterOptions) {
    this.options = options;
    this.storedSeq = options.sequence.last;
  }

  /** Makes the first block of numbers durable. Before the first batch. */
  async start(): Promise<void> {
    const reserved = this.options.sequence.wanted();
    await this.options.store.append({ rows: [], sightings: [], losses: [], acknowledged: [], reserved });
    this.options.sequence.committed(reserved);
  }

  /** Something is held. */
  wake(): void {
    if (this.running || this.timer || this.stopped.signal.aborted) return;
    const wait = this.waitMs();
    if (wait === null) return;
    this.timer = setTimeout(() => {
      this.timer = undefined;
      this.running = this.commit().finally(() => {
        this.running = null;
        this.wake();
      });
    }, wait);
  }

  /** More is held than may be: does not wait for the time. */
  hurry(): void {
    if (!this.timer || this.options.intake.excess() === 0) return;
    clearTimeout(this.timer);
    this.timer = undefined;
    this.wake();
  }

  /** Stores everything held (for at most `ms`), then stops. True when all is stored. */
  async close(ms: number): Promise<boolean> {
    this.closing = true;
    clearTimeout(this.timer);
    this.timer = undefined;
    this.wake();
    const end = performance.now() + ms;
    while (this.options.intake.held.length > 0 && performance.now() < end) await sleep(10);
    this.stopped.abort();
    clearTimeout(this.timer);
    await this.running;
    return this.options.intake.held.length === 0;
  }

  private waitMs(): number | null {
    const { intake, limits, now, holdMs } = this.options;
    const oldest = intake.held[0];
    if (!oldest) return null;
    const time = now();
    if (this.closing || intake.excess() > 0 || this.isFull(time)) return 0;
    const rhythm = this.lastCommit + limits.commitMs - performance.now();
    if (this.due(oldest, time)) return Math.max(0, Math.ceil(rhythm));
    return Math.ceil(Math.max(rhythm, (oldest.arrival - time) / 1000 + holdMs()));
  }

  /** It has been held long enough; also when it comes from the future, since then the clock has been set back. */
  private due({ arrival }: HeldBatch, time: number): boolean {
    return arrival > time || time - arrival >= this.options.holdMs() * 1000;
  }

  /** What is due fills a commit. */
  private isFull(time: number): boolean {
    const { intake, limits } = this.options;
    let rows = 0;
    for (const batch of intake.held) {
      if (!this.due(batch, time)) return false;
      rows += batch.touched.length;
      if (rows >= limits.commitRows) return true;
    }
    return false;
  }

  /**
   * One commit, of all that is due. Batches become due one by one: going on while there is one would make a commit for every few,
   * and one of 350 rows costs the store 1.4 times as much a row as one of 2,000.
   */
  private async commit(): Promise<void> {
    const taken = this.take();
    if (!taken) return;
    this.lastCommit = performance.now();
    if (!(await this.append(taken.commit))) return;
    this.commits++;
    const { intake, sequence, onStored } = this.options;
    sequence.committed(taken.commit.reserved);
    for (const row of taken.rows) if (!row.stored) this.storedSeq = Math.max(this.storedSeq, row.row.seq);
    intake.committed(taken.rows, taken.batches);
    onStored(taken.commit.acknowledged);
  }

  /** The batches that are due, as one transaction. */
  private take(): { commit: Commit; rows: HeldRow[]; batches: number } | null {
    const { intake, sequence, limits, now } = this.options;
    const time = now();
    const rows: HeldRow[] = [];
    const commit: Commit = {
      rows: [],
      sightings: [],
      losses: [],
      acknowledged: [],
      reserved: sequence.wanted(),
    };
    const acknowledged = new Map<string, number>();
    let batches = 0;
    let excess = intake.excess();
    for (const batch of intake.held) {
      const due = this.closing || this.due(batch, time);
      if (!due && excess <= 0) break;
      if (!due) intake.hurried();
      for (const row of batch.touched) {
        if (!row.dirty) continue;
        row.dirty = false;
        row.final = !row.open;
        rows.push(row);
        commit.rows.push(row.row);
      }
      commit.sightings.push(...batch.sightings);
      commit.losses.push(...batch.losses);
      if (batch.boot !== null) acknowledged.set(batch.boot, batch.number);
      batches++;
      excess -= batch.bytes;
      if (rows.length >= limits.commitRows) break;
    }
    if (batches === 0) return null;
    commit.acknowledged = [...acknowledged].map(([boot, number]) => ({ boot, number }));
    return { commit, rows, batches };
  }

  /** Tries until it is stored: what is held stays held, and credit makes the workers wait. False when stopped. */
  private async append(commit: Commit): Promise<boolean> {
    for (let retryMs = RETRY_FIRST_MS; ; retryMs = Math.min(retryMs * 2, RETRY_MOST_MS)) {
      try {
        await this.options.store.append(commit);
        return true;
      } catch (error) {
        if (this.stopped.signal.aborted) return false;
        this.retries++;
        this.options.onProblem(error, retryMs);
        await sleep(retryMs, undefined, { signal: this.stopped.signal }).catch(() => {});
        if (this.stopped.signal.aborted) return false;
      }
    }
  }
}
