/** The WebSocket to the hub, opened again and again: says when it is there and when the next try is due. */
import type { LiveMessage, LiveRequest } from '@kubeshark/model';
import { retryDelay } from './backoff.ts';

export type ConnectionState =
  | { kind: 'connecting' }
  | { kind: 'connected' }
  /** `next`: when it tries again, ms of `Date.now()`. */
  | { kind: 'waiting'; next: number };

/** What is used of a WebSocket. */
export interface Wire {
  send(text: string): void;
  close(): void;
}

export interface WireEvents {
  opened(): void;
  closed(): void;
  text(text: string): void;
}

export interface LiveSocketHandlers {
  state(state: ConnectionState): void;
  message(message: LiveMessage): void;
}

/** The hub sends its status every second: nothing for this long, and the line is dead though nobody said so. */
const SILENCE_MS = 10_000;

export class LiveSocket {
  private readonly open: (events: WireEvents) => Wire;
  private readonly handlers: LiveSocketHandlers;
  private wire: Wire | null = null;
  private failures = 0;
  private connected = false;
  private stopped = true;
  private timer: ReturnType<typeof setTimeout> | undefined;
  private silence: ReturnType<typeof setTimeout> | undefined;

  constructor(open: (events: WireEvents) => Wire, handlers: LiveSocketHandlers) {
    this.open = open;
    this.handlers = handlers;
  }

  start(): void {
    this.stopped = false;
    this.connect();
  }

  stop(): void {
    this.stopped = true;
    clearTimeout(this.timer);
    this.leave();
  }

  /** At once, instead of when it is due. */
  tryNow(): void {
    if (!this.stopped && !this.wire) this.connect();
  }

  /** Dropped while there is no connection: who sends, sends again when there is. */
  send(request: LiveRequest): void {
    if (this.connected) this.wire?.send(JSON.stringify(request));
  }

  private connect(): void {
    clearTimeout(this.timer);
    this.handlers.state({ kind: 'connecting' });
    // A line that was left may still say something: only the present one is heard.
    const present = () => this.wire === wire;
    const wire = this.open({
      opened: () => {
        if (!present()) return;
        this.connected = true;
        this.failures = 0;
        this.handlers.state({ kind: 'connected' });
      },
      text: (text) => {
        if (!present()) return;
        this.listen();
        this.handlers.message(JSON.parse(text) as LiveMessage);
      },
      closed: () => {
        if (present()) this.lost();
      },
    });
    this.wire = wire;
    this.listen();
  }

  private listen(): void {
    clearTimeout(this.silence);
    this.silence = setTimeout(() => this.lost(), SILENCE_MS);
  }

  private leave(): void {
    clearTimeout(this.silence);
    this.connected = false;
    const wire = this.wire;
    this.wire = null;
    wire?.close();
  }

  private lost(): void {
    this.leave();
    if (this.stopped) return;
    const wait = retryDelay(++this.failures);
    this.timer = setTimeout(() => this.connect(), wait);
    this.handlers.state({ kind: 'waiting', next: Date.now() + wait });
  }
}

/** A WebSocket to a path of the hub. */
export function openWire(path: string, events: WireEvents): Wire {
  const url = new URL(path, location.href);
  url.protocol = url.protocol === 'https:' ? 'wss:' : 'ws:';
  const socket = new WebSocket(url);
  socket.addEventListener('open', () => events.opened());
  socket.addEventListener('close', () => events.closed());
  socket.addEventListener('message', (event) => events.text(String(event.data)));
  return socket;
}
