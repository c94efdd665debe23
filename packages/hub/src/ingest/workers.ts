/** All workers: who is connected, what each has sent, who is gone for good. */
import { setTimeout as sleep } from 'node:timers/promises';
import type { Batch, WorkerMessage } from '@kubeshark/model';
import { ACCESS_ALL } from '@kubeshark/model';
import type { Logger } from 'pino';
import type { WebSocket } from 'ws';
import { now } from '../clock.ts';
import type { HubLimits } from '../settings.ts';
import type { Commit, Store } from '../store/store.ts';
import { StoreUnavailable } from '../store/store.ts';
import { Boot } from './boot.ts';
import type { Committer } from './committer.ts';
import type { BatchSource, Intake } from './intake.ts';
import type { Sequence } from './sequence.ts';
import { WorkerSession } from './worker-session.ts';

const RETRY_MS = 100;
/** A worker gone is shown this long. */
const SHOWN_MS = 600_000;

type Hello = Extract<WorkerMessage, { type: 'hello' }>;

export interface WorkersOptions {
  name: string;
  version: string;
  intake: Intake;
  sequence: Sequence;
  committer: Committer;
  store: Store;
  limits: HubLimits;
  log: Logger;
  /** Reason to send a worker away for now, or null. */
  refusal: (source: 'live' | 'file') => string | null;
}

export class Workers {
  readonly boots = new Map<string, Boot>();
  readonly limits: HubLimits;
  readonly log: Logger;
  readonly name: string;
  readonly version: string;
  batches = 0;
  duplicates = 0;
  missingBatches = 0;
  refusals = 0;
  /** Workers sent away because enough are connected. */
  tooMany = 0;
  /** Boots forgotten for newer ones, and those refused because none could be. */
  bootsCut = 0;
  private readonly options: WorkersOptions;
  private readonly timer: NodeJS.Timeout;
  /** Boots of open rows that the store had at the start, and since when they are waited for (ms). */
  private readonly expected = new Map<string, number>();
  private closed = false;

  constructor(options: WorkersOptions) {
    this.options = options;
    this.limits = options.limits;
    this.log = options.log;
    this.name = options.name;
    this.version = options.version;
    this.timer = setInterval(() => this.sweep(), Math.min(1_000, options.limits.abandonMs));
    this.timer.unref();
  }

  accept(socket: WebSocket): void {
    // oxlint-disable-next-line no-new -- it lives as long as its socket
    new WorkerSession(socket, this);
  }

  refusal({ boot: name, source }: Hello): string | null {
    if (this.closed) return 'the hub is stopping';
    let connected = 0;
    for (const boot of this.boots.values()) if (boot.session) connected++;
    if (connected >= this.limits.workers) {
      this.tooMany++;
      return `${connected} workers are connected already`;
    }
    if (!this.boots.has(name) && this.boots.size >= this.limits.boots) {
      this.bootsCut++;
      if (!this.forgetOne()) return 'too many workers have started within a short time';
    }
    return this.options.refusal(source);
  }

  /** The longest gone, when nothing of it is open or waits for the store. */
  private forgetOne(): boolean {
    let gone: Boot | undefined;
    for (const boot of this.boots.values())
      if (boot.over && (gone === undefined || boot.changed < gone.changed)) gone = boot;
    return gone !== undefined && this.boots.delete(gone.boot);
  }

  /** The state of the boot that says hello. Throws `StoreUnavailable`. */
  async boot(hello: Hello): Promise<Boot> {
    const known = this.boots.get(hello.boot);
    if (known) return known;
    const stored = await this.options.store.acknowledged(hello.boot);
    const meanwhile = this.boots.get(hello.boot);
    if (meanwhile) return meanwhile;
    const boot = new Boot(hello.boot, hello.worker, hello.source, hello.files ?? [], stored);
    this.boots.set(hello.boot, boot);
    return boot;
  }

  connected(boot: Boot, session: WorkerSession): void {
    boot.session = session;
    boot.abandoned = false;
    boot.mark();
    this.log.info({ worker: boot.worker, boot: boot.boot, acknowledged: boot.stored }, 'worker connected');
  }

  disconnected(boot: Boot): void {
    boot.session = null;
    boot.mark();
    boot.packetsPerSecond = 0;
    this.log.info({ worker: boot.worker, boot: boot.boot }, 'worker disconnected');
  }

  /** Gives a batch (`bytes` long as it came) to the intake, unless it is not `wanted` any more once everything that it needs is known. */
  async take(boot: Boot, batch: Batch, bytes: number, wanted: () => boolean): Promise<void> {
    const { intake, sequence, committer, store } = this.options;
    const source: BatchSource = {
      boot: boot.boot,
      worker: boot.worker,
      bytes,
      correction: boot.source === 'file' ? 0 : boot.clock.correction,
    };
    const closed = new Set<string>();
    for (const { id, timestamp } of intake.unknownRevisions(batch, source)) {
      const row = await this.patiently(() => store.get(id, timestamp, ACCESS_ALL), wanted);
      if (row && !intake.remember(row)) closed.add(id);
    }
    while (wanted() && !sequence.has(batch.count)) await sleep(RETRY_MS);
    if (!wanted()) return;
    boot.received = batch.number;
    this.batches++;
    intake.accept(batch, source, now(), closed);
    committer.wake();
    committer.hurry();
  }

  stored(acknowledged: Commit['acknowledged']): void {
    for (const { boot, number } of acknowledged) {
      const state = this.boots.get(boot);
      if (!state) continue;
      state.stored = number;
      state.session?.acknowledge(number);
    }
  }

  /** Rows were open in the store when the hub started, of worker boots that may never come back. */
  expect(boots: Iterable<string>): void {
    for (const boot of boots) if (!this.boots.has(boot)) this.expected.set(boot, performance.now());
  }

  close(): void {
    this.closed = true;
    clearInterval(this.timer);
    for (const boot of this.boots.values()) boot.session?.refuse('the hub is stopping', false);
  }

  private sweep(): void {
    const time = performance.now();
    const { intake, committer } = this.options;
    const { abandonMs } = this.limits;
    // Alive for the rows of others: connected, or expected back.
    const alive = (boot: string) => {
      const state = this.boots.get(boot);
      return state ? !state.abandoned : this.expected.has(boot);
    };
    let abandoned = false;
    const abandon = (boot: string): boolean => {
      abandoned = true;
      return intake.abandon(boot, now(), alive);
    };
    for (const [boot, since] of this.expected) {
      const back = this.boots.has(boot);
      if (!back && time - since < abandonMs) continue;
      this.expected.delete(boot);
      if (!back && !abandon(boot)) this.expected.set(boot, since);
    }
    for (const boot of this.boots.values()) {
      if (boot.session || time - boot.changed < abandonMs) continue;
      if (!boot.abandoned) {
        boot.abandoned = true;
        boot.abandoned = abandon(boot.boot);
      }
      // A file that was read stays listed.
      if (boot.source === 'live' && boot.over && time - boot.changed > SHOWN_MS) this.boots.delete(boot.boot);
    }
    if (abandoned) committer.wake();
  }

  private async patiently<T>(ask: () => Promise<T>, wanted: () => boolean): Promise<T | null> {
    while (wanted())
      try {
        return await ask();
      } catch (error) {
        if (!(error instanceof StoreUnavailable)) throw error;
        await sleep(RETRY_MS);
      }
    return null;
  }
}
