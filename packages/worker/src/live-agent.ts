/** Live capture in a thread of its own, for a hub or for a terminal. */
import { closeSync } from 'node:fs';
import { cpuUsage } from 'node:process';
import { Worker } from 'node:worker_threads';
import { wake } from '@kubeshark/capture';
import type { NodeFacts, Place, WorkerStatus } from '@kubeshark/model';
import { newBoot } from './boot.ts';
import type { CaptureObstacle, CaptureSettings, FromCapture, ToCapture } from './capture-messages.ts';
import type { TargetCaptures } from './cluster/target-captures.ts';
import type { LinkState } from './hub-link.ts';
import { HubLink } from './hub-link.ts';
import { Spool } from './spool.ts';

export class CaptureFailed extends Error {
  override readonly name = 'CaptureFailed';
  readonly why: CaptureObstacle;
  constructor(message: string, why: CaptureObstacle) {
    super(message);
    this.why = why;
  }
}

export interface CaptureHandlers {
  onBatch: (records: Buffer, count: number) => void;
  onPlaces: (places: Place[]) => void;
  onLoss: (loss: Extract<FromCapture, { type: 'loss' }>) => void;
  onStatus: (status: Extract<FromCapture, { type: 'status' }>) => void;
  /** What became of an `open`. */
  onPod?: (message: Extract<FromCapture, { type: 'opened' | 'notOpened' }>) => void;
  /** The capture ended by itself. */
  onFailed: (error: CaptureFailed) => void;
}

/** The capture thread, seen from outside. */
export class CaptureThread {
  private readonly thread: Worker;
  private readonly exited: Promise<void>;
  private wakeFd = -1;
  private places: Place[] = [];

  private constructor(thread: Worker) {
    this.thread = thread;
    this.exited = new Promise((resolve) => {
      thread.once('exit', () => {
        if (this.wakeFd >= 0) closeSync(this.wakeFd);
        this.wakeFd = -1;
        resolve();
      });
    });
  }

  /** Resolves when packets are being captured. Rejects with `CaptureFailed`. */
  static async start(
    settings: CaptureSettings,
    handlers: CaptureHandlers,
  ): Promise<{ capture: CaptureThread; interfaces: string[] }> {
    const thread = new Worker(new URL('./capture-thread.ts', import.meta.url), { workerData: settings });
    const capture = new CaptureThread(thread);
    const interfaces = await new Promise<string[]>((resolve, reject) => {
      const fail = (error: CaptureFailed) => {
        reject(error);
        handlers.onFailed(error);
      };
      thread.on('error', (error) =>
        fail(new CaptureFailed(`the capture thread failed: ${String(error)}`, 'other')),
      );
      thread.on('message', (message: FromCapture) => {
        switch (message.type) {
          case 'ready':
            capture.wakeFd = message.wake;
            resolve(message.interfaces);
            break;
          case 'failed':
            fail(new CaptureFailed(message.message, message.why));
            break;
          case 'batch': {
            const { buffer, byteOffset, byteLength } = message.records;
            handlers.onBatch(Buffer.from(buffer as ArrayBuffer, byteOffset, byteLength), message.count);
            break;
          }
          case 'places':
            capture.places = capture.places.slice();
            for (const [index, place] of message.places) capture.places[index] = place;
            handlers.onPlaces(capture.places);
            break;
          case 'loss':
            handlers.onLoss(message);
            break;
          case 'status':
            handlers.onStatus(message);
            break;
          case 'opened':
          case 'notOpened':
            handlers.onPod?.(message);
            break;
        }
      });
    });
    return { capture, interfaces };
  }

  tell(message: ToCapture): void {
    this.thread.postMessage(message);
    if (this.wakeFd >= 0) wake(this.wakeFd);
  }

  /** Writes what is pending and ends the thread. */
  async stop(): Promise<void> {
    this.tell({ type: 'stop' });
    await Promise.race([this.exited, new Promise((resolve) => setTimeout(resolve, 2_000).unref())]);
    await this.thread.terminate();
  }
}

export interface LiveAgentOptions {
  capture: CaptureSettings;
  hub: string;
  /** As in `HubLinkOptions`. */
  token: () => string;
  version: string;
  /** What is kept for the hub until it is stored, at most; `LIMITS.spoolBytes` when left out. */
  spoolBytes?: number | undefined;
  /** In a cluster: what is captured is what the hub names. */
  targets?: TargetCaptures | undefined;
  node?: NodeFacts | undefined;
  /** As in `HubLinkOptions`. */
  insist?: boolean | undefined;
  onState?: (state: LinkState) => void;
  onFailed?: (error: CaptureFailed) => void;
}

/** A live capture as an agent of a hub. */
export class LiveAgent {
  readonly spool: Spool;
  private readonly link: HubLink;
  private readonly capture: CaptureThread;

  private constructor(spool: Spool, link: HubLink, capture: CaptureThread) {
    this.spool = spool;
    this.link = link;
    this.capture = capture;
  }

  /** Starts capturing, or in a cluster to wait for its targets, and dials the hub. Rejects with `CaptureFailed`. */
  static async start(options: LiveAgentOptions): Promise<{ agent: LiveAgent; interfaces: string[] }> {
    const { targets, node } = options;
    const spool = new Spool(options.capture.worker, options.spoolBytes);
    let places: Place[] = [];
    const status: WorkerStatus = { capturing: [], flows: 0, spoolBytes: 0, memoryBytes: 0, counters: {} };
    const link = new HubLink({
      hub: options.hub,
      token: options.token,
      boot: newBoot(),
      worker: options.capture.worker,
      version: options.version,
      source: 'live',
      spool,
      insist: options.insist,
      onTargets: (pods) => targets?.want(pods),
      status: () => ({
        ...status,
        ...(targets ? { pods: targets.pods } : {}),
        ...(node ? { node } : {}),
        spoolBytes: spool.bytes,
        memoryBytes: process.memoryUsage.rss(),
        counters: {
          ...status.counters,
          ...spool.counters,
          ...targets?.counters,
          cpuMicros: cpuUsage().user + cpuUsage().system,
        },
      }),
      onState: options.onState,
    });
    const { capture, interfaces } = await CaptureThread.start(options.capture, {
      onBatch: (records) => {
        spool.add(records, places);
        link.pump();
      },
      onPlaces: (all) => {
        places = all;
      },
      onLoss: (loss) => {
        spool.noteLoss(loss.cause, loss.time, loss.count, loss.place);
      },
      onStatus: ({ capturing, gone, flows, counters, pods }) => {
        Object.assign(status, { capturing, gone, flows, counters });
        targets?.count(pods);
      },
      onPod: (message) => targets?.heard(message),
      onFailed: (error) => {
        status.problem = error.message;
        options.onFailed?.(error);
      },
    });
    targets?.start((message) => capture.tell(message));
    link.open();
    return { agent: new LiveAgent(spool, link, capture), interfaces };
  }

  /** Stops capturing and gives the hub a moment to store what is left. True when it did. */
  async stop(): Promise<boolean> {
    await this.capture.stop();
    return await this.link.close(3_000);
  }
}
