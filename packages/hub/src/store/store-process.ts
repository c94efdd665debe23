/** The hub's end of the store's process: starts it, speaks with it, starts it again when it dies. */
import { type ChildProcess, spawn } from 'node:child_process';
import type { Socket } from 'node:net';
import { fileURLToPath } from 'node:url';
import { Frame, type FrameType, readFrames, sendFrame, sendJson } from './frames.ts';
import type { StoreOptions } from './options.ts';
import { StoreQueryError, type StoreStatus, StoreUnavailable } from './store.ts';

const ENTRY = fileURLToPath(new URL('./child.ts', import.meta.url));

/** Where the answers to one request go. `lost`: the process died; nothing more will come. */
export interface Request {
  rows(payload: Buffer): void;
  event(json: unknown): void;
  done(json: unknown): void;
  failed(error: Error): void;
  lost(): void;
}

export interface ProcessEvents {
  log: (level: 'info' | 'warn' | 'error', message: string) => void;
}

/** Between deaths, ms: doubled each time, back to the first after a minute of life. */
const BACKOFF_MS = { first: 100, last: 5_000, steady: 60_000 };

/** Before a store that dies at its start is given up. */
const START_TRIES = 3;

class DiedAtStart extends Error {}

export class StoreProcess {
  status: StoreStatus;
  restarts = 0;
  private readonly options: StoreOptions;
  private readonly events: ProcessEvents;
  private child: ChildProcess | null = null;
  private socket: Socket | null = null;
  private nextRequest = 1;
  private readonly requests = new Map<number, Request>();
  private backoff = BACKOFF_MS.first;
  private closing = false;
  private started = 0;
  /** Resolves when the process is ready to be asked. */
  private ready: PromiseWithResolvers<void> = Promise.withResolvers();

  constructor(options: StoreOptions, events: ProcessEvents) {
    this.options = options;
    this.events = events;
    this.status = {
      entries: 0,
      bytes: 0,
      maxBytes: options.maxBytes,
      oldest: null,
      state: 'restarting',
      counters: {},
    };
  }

  get up(): boolean {
    return this.socket !== null && this.status.state !== 'restarting';
  }

  get pid(): number | undefined {
    return this.child?.pid;
  }

  /** Rejects when the store cannot be opened at all. A process that dies before it could say so is tried again. */
  async start(): Promise<void> {
    for (let tries = 1; ; tries++)
      try {
        await new Promise<void>((resolve, reject) => this.launch(resolve, reject));
        return;
      } catch (error) {
        if (!(error instanceof DiedAtStart) || tries === START_TRIES) throw error;
        this.events.log('error', error.message);
      }
  }

  private launch(opened: () => void, refused: (error: Error) => void): void {
    this.started = performance.now();
    const child = spawn(process.execPath, ['--disable-warning=ExperimentalWarning', ENTRY], {
      stdio: ['ignore', 'inherit', 'inherit', 'pipe'],
      env: {
        ...process.env,
        // Fewer arenas keep less memory that nobody uses; measured: one costs ingest a third of its speed.
        MALLOC_ARENA_MAX: '2',
        // Each running query holds a thread of this pool, and so does a commit: it must never wait for them.
        UV_THREADPOOL_SIZE: '16',
      },
    });
    const socket = child.stdio[3] as Socket;
    this.child = child;
    this.socket = socket;
    let refusal: Error | null = null;
    socket.on('error', () => {});
    readFrames(socket, (type, request, payload) => {
      const json = () => JSON.parse(payload.toString()) as unknown;
      if (type === Frame.ready) {
        this.status = json() as StoreStatus;
        this.ready.resolve();
        opened();
      } else if (type === Frame.failed && request === 0) refusal = errorFrom(json());
      else if (type === Frame.status) this.status = json() as StoreStatus;
      else if (type === Frame.log) {
        const { level, message } = json() as { level: 'info' | 'warn' | 'error'; message: string };
        this.events.log(level, message);
      } else this.answer(type, request, payload, json);
    });
    child.on('error', (error) => {
      refusal = error;
    });
    let ended = false;
    const exit = (code: number | null, signal: NodeJS.Signals | null) => {
      if (ended) return;
      ended = true;
      this.died(refusal?.message ?? `exit ${signal ?? code}`);
      refused(refusal ?? new DiedAtStart(`The store's process ended at its start (${signal ?? code}).`));
    };
    child.on('close', exit);
    sendJson(socket, Frame.open, 0, this.options);
  }

  private answer(type: number, request: number, payload: Buffer, json: () => unknown): void {
    const waiting = this.requests.get(request);
    if (!waiting) return;
    if (type === Frame.rows) waiting.rows(payload);
    else if (type === Frame.event) waiting.event(json());
    else {
      this.requests.delete(request);
      if (type === Frame.done) waiting.done(json());
      else waiting.failed(errorFrom(json()));
    }
  }

  private died(why: string): void {
    const wasUp = this.up;
    this.socket = null;
    this.child = null;
    this.status = { ...this.status, state: 'restarting' };
    if (wasUp) this.ready = Promise.withResolvers();
    const lost = [...this.requests.values()];
    this.requests.clear();
    for (const request of lost) request.lost();
    if (this.closing) return;
    if (!wasUp && this.restarts === 0) return;
    this.events.log('error', `The store's process has ended (${why}); it is started again.`);
    this.restart();
  }

  private restart(): void {
    this.restarts++;
    if (performance.now() - this.started > BACKOFF_MS.steady) this.backoff = BACKOFF_MS.first;
    setTimeout(() => {
      if (this.closing) return;
      this.launch(
        () => {},
        () => {},
      );
    }, this.backoff);
    this.backoff = Math.min(BACKOFF_MS.last, this.backoff * 2);
  }

  /** Resolves when the process can be asked; rejects when that takes too long. */
  async available(patienceMs: number): Promise<void> {
    if (this.up) return;
    let timer: NodeJS.Timeout | undefined;
    const late = new Promise<never>((_, reject) => {
      timer = setTimeout(
        () => reject(new StoreUnavailable('The store is starting again; try in a moment.')),
        patienceMs,
      );
    });
    try {
      await Promise.race([this.ready.promise, late]);
    } finally {
      clearTimeout(timer);
    }
  }

  /** Returns the request's number. */
  send(type: FrameType, payload: readonly Buffer[], request: Request): number {
    const number = this.nextRequest;
    this.nextRequest = (number % 0xffff_ffff) + 1;
    if (!this.socket) {
      request.lost();
      return number;
    }
    this.requests.set(number, request);
    sendFrame(this.socket, type, number, ...payload);
    return number;
  }

  /** Nothing more of this request is wanted. */
  cancel(number: number): void {
    if (this.requests.delete(number) && this.socket) sendJson(this.socket, Frame.cancel, number, null);
  }

  async close(): Promise<void> {
    this.closing = true;
    const { child, socket } = this;
    if (!child || !socket) return;
    const gone = new Promise<void>((resolve) => child.once('close', () => resolve()));
    sendJson(socket, Frame.close, 0, null);
    const timer = setTimeout(() => child.kill('SIGKILL'), CLOSE_MS);
    await gone;
    clearTimeout(timer);
  }
}

/** For the last checkpoint; after a kill the log is read at the next start instead. */
const CLOSE_MS = 20_000;

function errorFrom(json: unknown): Error {
  const { name, message } = json as { name: string; message: string };
  if (name === 'StoreQueryError') return new StoreQueryError(message);
  if (name === 'FolderInUse') return new Error(message);
  return new StoreUnavailable(message);
}
