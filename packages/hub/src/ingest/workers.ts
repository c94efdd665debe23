/** All workers: who is connected, what each has sent, who is gone for good. */
import { setTimeout as sleep } from 'node:timers/promises';
import type { Batch, TargetPod, WorkerMessage } from '@kubeshark/model';
import { ACCESS_ALL } from '@kubeshark/model';
import type { Logger } from 'pino';
import type { WebSocket } from 'ws';
import { now } from '../clock.ts';
import type { HubLimits } from '../settings.ts';
import type { Commit, Store } from '../store/store.ts';
import { StoreUnavailable } from '../store/store.ts';
import { Boot } from './boot.ts';
import type { BatchSource } from './captured-record.ts';
import type { Committer } from './committer.ts';
import type { Intake } from './intake.ts';
import type { Sequence } from './sequence.ts';
import { WorkerSession } from './worker-session.ts';

const RETRY_MS = 100;
/**
 * Batches are taken in for so long until commits, pings and requests have their turn. Short: a commit goes to the store in some
 * twenty writes, one a turn; with turns of 20 ms a hub without CPU to spare stored a third of what it does now.
 */
const TURN_MS = 1;
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
  /** In a cluster: the pods that a worker is to capture. */
  targetsOf?: ((worker: string) => TargetPod[]) | undefined;
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
  /** What boots that are not listed any more have counted: sums of all workers never go back. */
  private readonly past = { packets: 0, dropped: 0, counters: new Map<string, number>() };
  /** How often limits have bitten, by their names. */
  readonly caps = {
    /** Workers sent away because enough are connected. */
    workers: 0,
    /** Boots forgotten for newer ones, and those refused because none could be. */
    boots: 0,
    workerSilenceMs: 0,
    helloMs: 0,
    workerMessageBytes: 0,
    /** Connections that sent more than they may: paused, and ended when they go on. */
    workerCreditBytes: 0,
    recordBytes: 0,
    /** Connections that had to wait, each time. */
    unstoredBytes: 0,
  };
  /** Of frames that came and that the intake has not got yet. */
  private queuedBytes = 0;
  /** What waits for its turn. */
  private readonly line: (() => void)[] = [];
  /** Not read until there is less that is not stored. */
  private readonly waiting = new Set<WorkerSession>();
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

  /** `name`: the only one that it may use; null: any. */
  accept(socket: WebSocket, name: string | null): void {
    // oxlint-disable-next-line no-new -- it lives as long as its socket
    new WorkerSession(socket, this, name);
  }

  /** A frame came: when too much is not stored, by all workers together, the session has to wait for `goOn`. */
  queued(session: WorkerSession, bytes: number): boolean {
    this.queuedBytes += bytes;
    if (this.unstored <= this.limits.unstoredBytes || this.waiting.has(session)) return true;
    this.caps.unstoredBytes++;
    this.waiting.add(session);
    return false;
  }

  taken(bytes: number): void {
    this.queuedBytes -= bytes;
    this.goOn();
  }

  /**
   * Begins this when it is its turn: a thousand sockets that have something to say would keep all else waiting. The line is served
   * by calling, not by resolving promises: all that wait for those go on at once, before the time is looked at again.
   */
  inTurn(work: () => Promise<void>): Promise<void> {
    const { promise, resolve } = Promise.withResolvers<void>();
    this.line.push(() => resolve(work()));
    if (this.line.length === 1) setImmediate(this.serve);
    return promise;
  }

  private readonly serve = (): void => {
    const end = performance.now() + TURN_MS;
    let served = 0;
    do this.line[served++]!();
    while (served < this.line.length && performance.now() < end);
    this.line.splice(0, served);
    if (this.line.length > 0) setImmediate(this.serve);
  };

  private get unstored(): number {
    return this.options.intake.heldBytes + this.queuedBytes;
  }

  private goOn(): void {
    if (this.waiting.size === 0 || this.unstored > this.limits.heldBatchBytes) return;
    const sessions = [...this.waiting];
    this.waiting.clear();
    for (const session of sessions) session.goOn();
  }

  targetsOf(worker: string): TargetPod[] | null {
    return this.options.targetsOf?.(worker) ?? null;
  }

  /** Other pods are to be captured by these workers now. */
  retarget(workers: ReadonlySet<string>): void {
    for (const boot of this.boots.values()) if (workers.has(boot.worker)) boot.session?.retarget();
  }

  refusal({ boot: name, source }: Hello): string | null {
    if (this.closed) return 'the hub is stopping';
    let connected = 0;
    for (const boot of this.boots.values()) if (boot.session) connected++;
    if (connected >= this.limits.workers) {
      this.caps.workers++;
      return `${connected} workers are connected already`;
    }
    if (!this.boots.has(name) && this.boots.size >= this.limits.boots) {
      this.caps.boots++;
      if (!this.forgetOne()) return 'too many workers have started within a short time';
    }
    return this.options.refusal(source);
  }

  /** The longest gone, when nothing of it is open or waits for the store. */
  private forgetOne(): boolean {
    let gone: Boot | undefined;
    for (const boot of this.boots.values())
      if (boot.over && (gone === undefined || boot.changed < gone.changed)) gone = boot;
    if (gone) this.forget(gone);
    return gone !== undefined;
  }

  private forget(boot: Boot): void {
    this.boots.delete(boot.boot);
    this.past.packets += boot.packets;
    this.past.dropped += boot.dropped;
    addCounters(this.past.counters, boot);
  }

  get packets(): number {
    return [...this.boots.values()].reduce((sum, boot) => sum + boot.packets, this.past.packets);
  }

  get dropped(): number {
    return [...this.boots.values()].reduce((sum, boot) => sum + boot.dropped, this.past.dropped);
  }

  /** What all workers have counted, by name. */
  get counters(): ReadonlyMap<string, number> {
    const sums = new Map(this.past.counters);
    for (const boot of this.boots.values()) addCounters(sums, boot);
    return sums;
  }

  /** Live workers, each by its newest start; of earlier ones those that are still connected. */
  get live(): Boot[] {
    const live = [...this.boots.values()].filter(({ source }) => source === 'live');
    const newest = new Map(live.map((boot) => [boot.worker, boot]));
    return live.filter((boot) => boot.session !== null || newest.get(boot.worker) === boot);
  }

  /** The state of the boot that says hello. Throws `StoreUnavailable`. */
  async boot(hello: Hello): Promise<Boot> {
    const known = this.boots.get(hello.boot);
    if (known) return known;
    const stored = await this.options.store.acknowledged(hello.boot);
    const meanwhile = this.boots.get(hello.boot);
    if (meanwhile) return meanwhile;
    const boot = new Boot(hello.boot, hello.worker, hello.source, hello.files ?? [], hello.version, stored);
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
    this.goOn();
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
      if (boot.source === 'live' && boot.over && time - boot.changed > SHOWN_MS) this.forget(boot);
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

function addCounters(sums: Map<string, number>, { status }: Boot): void {
  for (const [name, n] of Object.entries(status?.counters ?? {})) sums.set(name, (sums.get(name) ?? 0) + n);
}
