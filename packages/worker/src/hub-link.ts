/**
 * The worker's side of the connection to its hub: dials, resends what is not stored, stays within its credit, and goes on
 * by itself when the hub comes back.
 */

import { constants, zstdCompressSync } from 'node:zlib';
import type { TargetPod, WorkerMessage, WorkerStatus } from '@kubeshark/model';
import { CODEC_VERSION, WORKER_PATH, wallClock } from '@kubeshark/model';
import { HubMessage } from '@kubeshark/model/schemas';
import { WebSocket } from 'ws';
import { dialProblem, statusProblem } from './dial-problem.ts';
import type { Sent, Spool } from './spool.ts';

export interface HubLinkOptions {
  /** `http://host:port`. */
  hub: string;
  /** Asked before each dial: a token in a file may be replaced while the worker runs. May throw. */
  token: () => string;
  boot: string;
  worker: string;
  version: string;
  source: 'live' | 'file';
  files?: string[] | undefined;
  spool: Spool;
  status: () => WorkerStatus;
  /** A token that this hub has never accepted may be in time: it is offered for ever. */
  insist?: boolean | undefined;
  /** In a cluster: the pods to be captured from now on. */
  onTargets?: ((pods: TargetPod[]) => void) | undefined;
  /** State changes, for the user. */
  onState?: ((state: LinkState) => void) | undefined;
}

export type LinkState =
  | { state: 'connected'; hub: string }
  | { state: 'waiting'; reason: string; retryMs: number }
  /** For good. `token`: for the token, which this hub has never accepted. */
  | { state: 'refused'; reason: string; token: boolean };

const RETRY_FIRST_MS = 250;
const RETRY_MOST_MS = 5_000;
const STATUS_EVERY_MS = 1_000;
/**
 * Bytes of a batch that is compressed. Making what compresses it takes 27 µs, and 16 in the hub, which gets such batches from a
 * thousand workers; less than this would save 2.5 kB.
 */
const COMPRESSED_FROM = 4_096;
/** Nothing heard for this long: the connection is dead. The hub pings more often. */
const SILENCE_MS = 15_000;

export class HubLink {
  private readonly options: HubLinkOptions;
  private socket: WebSocket | null = null;
  private ready = false;
  private credit = 0;
  private fullCredit = 0;
  /** Sent on this connection, up to this number. */
  private sentNumber = 0;
  private retryMs = RETRY_FIRST_MS;
  private retryTimer: NodeJS.Timeout | undefined;
  private statusTimer: NodeJS.Timeout | undefined;
  private lastHeard = 0;
  private closed = false;
  /** This hub has had this worker before: what it says against it now may pass. */
  private welcomed = false;
  /** The socket that batches are being sent on: each has a loop of its own, which ends with it. */
  private pumping: WebSocket | null = null;
  /** The hub is on another machine. */
  private readonly compresses: boolean;

  constructor(options: HubLinkOptions) {
    this.options = options;
    const host = new URL(options.hub).hostname;
    this.compresses = !['localhost', '127.0.0.1', '[::1]'].includes(host);
  }

  open(): void {
    const url = new URL(WORKER_PATH, this.options.hub);
    url.protocol = url.protocol === 'https:' ? 'wss:' : 'ws:';
    let token: string;
    try {
      token = this.options.token();
    } catch (error) {
      this.lost((error as Error).message);
      return;
    }
    const socket = new WebSocket(url, {
      headers: { authorization: `Bearer ${token}` },
      perMessageDeflate: false,
      handshakeTimeout: 10_000,
      maxPayload: 1_000_000,
    });
    this.socket = socket;
    let reason = 'the connection closed';
    /** An answer that was no upgrade says more than the error which ending it makes. */
    let answered = false;
    socket.on('open', () => this.hello());
    socket.on('message', (data, binary) => {
      this.lastHeard = performance.now();
      if (!binary) reason = this.hear((data as Buffer).toString()) ?? reason;
    });
    socket.on('unexpected-response', (_request, { statusCode = 0 }) => {
      answered = true;
      if (statusCode === 401) reason = this.tokenRefused();
      else reason = statusProblem(statusCode);
      socket.terminate();
    });
    socket.on('error', (error) => {
      if (!answered) reason = dialProblem(error);
    });
    socket.on('close', () => this.lost(reason));
  }

  /** Something new is in the spool. */
  pump(): void {
    const { socket } = this;
    if (!this.ready || socket === null || this.pumping === socket) return;
    this.pumping = socket;
    void this.send(socket).finally(() => {
      if (this.pumping === socket) this.pumping = null;
    });
  }

  tell(message: WorkerMessage): void {
    if (this.ready) this.socket?.send(JSON.stringify(message));
  }

  /** Waits until everything is acknowledged (at most `ms`), then closes. True when all was. */
  async close(ms: number): Promise<boolean> {
    const end = performance.now() + ms;
    this.pump();
    while (!this.options.spool.empty && !this.closed && performance.now() < end) {
      await new Promise((resolve) => setTimeout(resolve, 20));
      this.pump();
    }
    this.closed = true;
    clearTimeout(this.retryTimer);
    clearInterval(this.statusTimer);
    this.socket?.close();
    return this.options.spool.empty;
  }

  private hello(): void {
    const { boot, worker, version, source, files } = this.options;
    const hello: WorkerMessage = {
      type: 'hello',
      boot,
      worker,
      version,
      codec: CODEC_VERSION,
      source,
      ...(files ? { files } : {}),
    };
    this.socket?.send(JSON.stringify(hello));
    this.lastHeard = performance.now();
  }

  /** Handles a control message; a text is the reason for the hub's refusal. */
  private hear(text: string): string | undefined {
    let json: unknown;
    try {
      json = JSON.parse(text);
    } catch {
      return 'the hub sent what is no JSON';
    }
    const parsed = HubMessage.safeParse(json);
    // A newer hub may say more than this worker knows.
    if (!parsed.success) return undefined;
    const message = parsed.data;
    switch (message.type) {
      case 'welcome':
        this.welcome(message.acknowledged, message.credit);
        return undefined;
      case 'ack':
        this.options.spool.acknowledge(message.number);
        this.credit += message.credit;
        this.pump();
        return undefined;
      case 'ping':
        this.tell({
          type: 'pong',
          id: message.id,
          time: wallClock(),
        });
        return undefined;
      case 'targets':
        this.options.onTargets?.(message.pods);
        return undefined;
      case 'refused':
        if (message.fatal) this.refused(message.reason, false);
        return message.reason;
    }
  }

  /**
   * A token that was never accepted is a mistake, and trying again would hide it. A hub that accepted it and does not any
   * more was started with another: what the spool keeps for it waits for the new token.
   */
  private tokenRefused(): string {
    if (this.welcomed) return 'it does not accept this token any more: give this worker its new one';
    const reason = 'it does not accept this token';
    if (!this.options.insist) this.refused(reason, true);
    return reason;
  }

  private refused(reason: string, token: boolean): void {
    this.closed = true;
    this.options.onState?.({ state: 'refused', reason, token });
  }

  private welcome(acknowledged: number, credit: number): void {
    const { spool } = this.options;
    spool.acknowledge(acknowledged);
    this.credit = this.fullCredit = credit;
    this.sentNumber = acknowledged;
    this.retryMs = RETRY_FIRST_MS;
    this.ready = this.welcomed = true;
    this.options.onState?.({ state: 'connected', hub: this.options.hub });
    this.tell({ type: 'status', status: this.options.status() });
    clearInterval(this.statusTimer);
    this.statusTimer = setInterval(() => this.tick(), STATUS_EVERY_MS);
    this.pump();
  }

  private tick(): void {
    if (performance.now() - this.lastHeard > SILENCE_MS) {
      this.socket?.terminate();
      return;
    }
    this.tell({ type: 'status', status: this.options.status() });
    this.pump();
  }

  private async send(socket: WebSocket): Promise<void> {
    const { spool } = this.options;
    while (this.ready && socket === this.socket) {
      const again = spool.sentAfter(this.sentNumber);
      const inFlight = this.credit < this.fullCredit;
      if (again && inFlight && again.bytes.length > this.credit) return;
      const batch = again ?? spool.next(this.credit, !inFlight);
      if (!batch) return;
      this.sentNumber = batch.number;
      this.credit -= batch.bytes.length;
      const frame = this.encode(batch);
      // One at a time: what the socket has not taken stays in the spool.
      await new Promise<void>((resolve) => {
        socket.send(frame, { binary: true }, () => resolve());
      });
    }
  }

  /** Here: in another thread a batch costs two to five times as much processor time. */
  private encode({ bytes }: Sent): Buffer {
    if (!this.compresses || bytes.length < COMPRESSED_FROM) return bytes;
    return zstdCompressSync(bytes, { params: { [constants.ZSTD_c_compressionLevel]: 1 } });
  }

  private lost(reason: string): void {
    this.ready = false;
    this.socket = null;
    clearInterval(this.statusTimer);
    if (this.closed) return;
    // Jitter, so that a thousand workers do not come back at the same moment.
    const wait = Math.round(this.retryMs * (0.5 + Math.random()));
    this.retryMs = Math.min(this.retryMs * 2, RETRY_MOST_MS);
    this.options.onState?.({ state: 'waiting', reason, retryMs: wait });
    this.retryTimer = setTimeout(() => this.open(), wait);
  }
}
