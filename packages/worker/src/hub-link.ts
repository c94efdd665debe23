/**
 * The worker's side of the connection to its hub: dials, resends what is not stored, stays within its credit, and goes on
 * by itself when the hub comes back.
 */

import { promisify } from 'node:util';
import { constants, zstdCompress } from 'node:zlib';
import type { Place, WorkerMessage, WorkerStatus } from '@kubeshark/model';
import { CODEC_VERSION, HubMessage, WORKER_PATH, wallClock } from '@kubeshark/model';
import { WebSocket } from 'ws';
import type { Sent, Spool } from './spool.ts';

const compress = promisify(zstdCompress);

export interface HubLinkOptions {
  /** `http://host:port`. */
  hub: string;
  token: string;
  boot: string;
  worker: string;
  version: string;
  source: 'live' | 'file';
  files?: string[] | undefined;
  spool: Spool;
  places: () => readonly Place[];
  status: () => WorkerStatus;
  /** State changes, for the user. */
  onState?: ((state: LinkState) => void) | undefined;
}

export type LinkState =
  | { state: 'connected'; hub: string }
  | { state: 'waiting'; reason: string; retryMs: number }
  | { state: 'refused'; reason: string };

const RETRY_FIRST_MS = 250;
const RETRY_MOST_MS = 5_000;
const STATUS_EVERY_MS = 1_000;
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
  /** The socket that batches are being sent on: each has a loop of its own, which ends with it. */
  private pumping: WebSocket | null = null;
  private readonly compression: 'none' | 'zstd';

  constructor(options: HubLinkOptions) {
    this.options = options;
    const host = new URL(options.hub).hostname;
    this.compression = ['localhost', '127.0.0.1', '[::1]'].includes(host) ? 'none' : 'zstd';
  }

  open(): void {
    const url = new URL(WORKER_PATH, this.options.hub);
    url.protocol = url.protocol === 'https:' ? 'wss:' : 'ws:';
    const socket = new WebSocket(url, {
      headers: { authorization: `Bearer ${this.options.token}` },
      perMessageDeflate: false,
      handshakeTimeout: 10_000,
      maxPayload: 1_000_000,
    });
    this.socket = socket;
    let reason = 'the connection closed';
    socket.on('open', () => this.hello());
    socket.on('message', (data, binary) => {
      this.lastHeard = performance.now();
      if (!binary) reason = this.hear((data as Buffer).toString()) ?? reason;
    });
    socket.on('unexpected-response', (_request, response) => {
      reason =
        response.statusCode === 401
          ? 'the hub does not accept the token'
          : `the hub answered ${response.statusCode}`;
      socket.terminate();
    });
    socket.on('error', (error) => {
      reason = error.message || String((error as NodeJS.ErrnoException).code);
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
    while (!this.options.spool.empty && performance.now() < end) {
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
      compression: this.compression,
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
      case 'refused':
        if (message.fatal) {
          this.closed = true;
          this.options.onState?.({ state: 'refused', reason: message.reason });
        }
        return message.reason;
    }
  }

  private welcome(acknowledged: number, credit: number): void {
    const { spool } = this.options;
    spool.acknowledge(acknowledged);
    this.credit = this.fullCredit = credit;
    this.sentNumber = acknowledged;
    this.retryMs = RETRY_FIRST_MS;
    this.ready = true;
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
      const batch = again ?? spool.next(this.options.places(), this.credit, !inFlight);
      if (!batch) return;
      this.sentNumber = batch.number;
      this.credit -= batch.bytes.length;
      const frame = await this.encode(batch);
      if (!this.ready || socket !== this.socket) return;
      // One at a time: what the socket has not taken stays in the spool.
      await new Promise<void>((resolve) => {
        socket.send(frame, { binary: true }, () => resolve());
      });
    }
  }

  private async encode(batch: Sent): Promise<Buffer> {
    if (this.compression === 'none') return batch.bytes;
    return compress(batch.bytes, { params: { [constants.ZSTD_c_compressionLevel]: 1 } });
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
