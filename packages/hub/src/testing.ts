/** A real hub for tests, and both kinds of peers of it: a worker that sends records, a page that reads a list. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { HubMessage, ListRow, LiveMessage, LiveRequest, Loss, Place } from '@kubeshark/model';
import { CODEC_VERSION, encodeBatch, Head, LIVE_PATH, WORKER_PATH } from '@kubeshark/model';
import { WebSocket } from 'ws';
import type { RecordParts } from '../../dissect/src/expand/testing.ts';
import { buildRecord } from '../../dissect/src/expand/testing.ts';
import { now } from './clock.ts';
import type { Hub, HubLimits, HubSettings } from './index.ts';
import { startHub } from './index.ts';

// A store's process starts in half the time when it need not compile its program each time.
process.env['NODE_COMPILE_CACHE'] ??= join(tmpdir(), 'kubeshark-compile-cache');

export const USER = 'user-token';
export const WORKER = 'worker-token';
/** Sees the namespace `shop` only. */
export const SHOP = 'shop-token';

/** Batches are stored at once: nobody waits for a second sighting. */
export const QUICK: Partial<HubLimits> = { holdMs: 0, commitMs: 10 };

export interface TestHub extends Hub {
  readonly folder: string;
  get(path: string, token?: string, headers?: Record<string, string>): Promise<Response>;
  /** Ends it and removes its folder. */
  end(): Promise<void>;
}

export async function newHub(
  changed: Partial<HubSettings> = {},
  limits: Partial<HubLimits> = QUICK,
): Promise<TestHub> {
  const folder = changed.dataFolder ?? mkdtempSync(join(tmpdir(), 'kubeshark-hub-'));
  const hub = await startHub(
    {
      host: '127.0.0.1',
      port: 0,
      version: '1.2.3',
      dataFolder: folder,
      userToken: USER,
      workerToken: WORKER,
      restrictedUsers: [{ token: SHOP, namespaces: ['shop'] }],
      maxBytes: 1e9,
      maxAgeMs: 1e10,
      mode: 'live',
      webRoot: null,
      logLevel: 'silent',
      ...changed,
    },
    limits,
  );
  return {
    url: hub.url,
    port: hub.port,
    folder,
    oneTimeLink: (to) => hub.oneTimeLink(to),
    close: () => hub.close(),
    get: (path, token = USER, headers = {}) =>
      fetch(hub.url + path, { headers: { authorization: `Bearer ${token}`, ...headers } }),
    async end() {
      await hub.close();
      rmSync(folder, { recursive: true, force: true });
    },
  };
}

export interface CallParts extends Partial<RecordParts> {
  revision?: number;
  /** Index of the batch's place. */
  place?: number;
}

/** An HTTP call as a worker sends it. */
export function call(path: string, parts: CallParts = {}): Buffer {
  const response = {
    responseHead: 'HTTP/1.1 200 OK\r\nContent-Type: text/plain\r\n\r\n',
    responseBody: 'answer',
  };
  const sections = {
    requestHead: `GET ${path} HTTP/1.1\r\nHost: shop\r\n\r\n`,
    ...(parts.state === 'open' ? {} : response),
    ...parts.sections,
  };
  const numbers = { responseBodySize: sections.responseBody?.length ?? 0, ...parts.numbers };
  const record = buildRecord({ protocol: 'http', ...parts, numbers, sections });
  record.writeUInt32LE(parts.revision ?? 0, Head.revision);
  record.writeUInt16LE(parts.place ?? 0, Head.place);
  return record;
}

export const HOST_PLACE: Place = { worker: 'node-1', interface: 'eth0', source: 'af_packet', addresses: [] };

export function podPlace(namespace: string, name: string, address: string): Place {
  return { ...HOST_PLACE, addresses: [address], pod: { name, namespace, uid: `uid-of-${name}` } };
}

export interface Sent {
  records: Buffer[];
  places?: Place[];
  losses?: Loss[];
}

/** One boot of a worker, over one connection after the other. Its clock is the hub's. */
export class TestWorker {
  /** Highest number that the hub says is stored. */
  stored = 0;
  readonly refusals: string[] = [];
  private readonly boot: string;
  private readonly source: 'live' | 'file';
  private socket: WebSocket | null = null;
  private readonly batches: Buffer[] = [];
  private told: () => void = () => {};

  constructor(boot: string, source: 'live' | 'file' = 'live') {
    this.boot = boot;
    this.source = source;
  }

  /** Resolves when the hub has welcomed it; rejects with the reason when it has not. */
  async connect(url: string, token = WORKER): Promise<void> {
    const socket = new WebSocket(new URL(WORKER_PATH, url), {
      headers: { authorization: `Bearer ${token}` },
    });
    this.socket = socket;
    await new Promise<void>((resolve, reject) => {
      socket.on('error', reject);
      socket.on('close', () => reject(new Error(this.refusals.at(-1) ?? 'closed')));
      socket.on('open', () => this.hello());
      socket.on('message', (data: Buffer) => {
        const message = JSON.parse(data.toString()) as HubMessage;
        this.hear(message);
        if (message.type === 'welcome') resolve();
      });
    });
  }

  /** The number of the batch. Without a connection it is sent by `resend`. */
  send({ records, places = [HOST_PLACE], losses = [] }: Sent): number {
    const number = this.batches.length + 1;
    const batch = { number, count: records.length, records: Buffer.concat(records), places, losses };
    const bytes = encodeBatch(batch);
    this.batches.push(bytes);
    if (this.socket?.readyState === WebSocket.OPEN) this.socket.send(bytes);
    return number;
  }

  /** Everything that is not stored, as it was sent. */
  resend(): void {
    for (const batch of this.batches.slice(this.stored)) this.socket!.send(batch);
  }

  async storedUpTo(number: number): Promise<void> {
    while (this.stored < number)
      await new Promise<void>((resolve) => {
        this.told = resolve;
      });
  }

  async store(sent: Sent): Promise<void> {
    await this.storedUpTo(this.send(sent));
  }

  tell(message: object): void {
    this.socket!.send(JSON.stringify(message));
  }

  close(): void {
    this.socket?.terminate();
  }

  private hello(): void {
    const file = this.source === 'file' ? { files: ['a.pcap'] } : {};
    this.tell({
      type: 'hello',
      boot: this.boot,
      worker: 'node-1',
      version: '1.2.3',
      codec: CODEC_VERSION,
      source: this.source,
      ...file,
    });
  }

  private hear(message: HubMessage): void {
    if (message.type === 'welcome') this.stored = message.acknowledged;
    else if (message.type === 'ack') this.stored = message.number;
    else if (message.type === 'refused') this.refusals.push(message.reason);
    else if (message.type === 'ping') this.tell({ type: 'pong', id: message.id, time: now() });
    this.told();
  }
}

type Subscribe = Extract<LiveRequest, { type: 'subscribe' }>;

const SUBSCRIBE: Subscribe = {
  type: 'subscribe',
  id: 1,
  query: { filter: '', order: 'seq', flows: false },
  live: true,
  history: 1_000,
};

/** What a page hears. */
export class TestPage {
  readonly heard: LiveMessage[] = [];
  readonly socket: WebSocket;
  private readonly opened: Promise<unknown>;
  private told: () => void = () => {};

  constructor(url: string, token = USER) {
    this.socket = new WebSocket(new URL(LIVE_PATH, url), { headers: { authorization: `Bearer ${token}` } });
    this.socket.on('message', (data: Buffer) => {
      this.heard.push(JSON.parse(data.toString()) as LiveMessage);
      this.told();
    });
    this.opened = new Promise((resolve, reject) => {
      this.socket.on('open', resolve);
      this.socket.on('error', reject);
    });
    this.opened.catch(() => {});
  }

  async ask(request: LiveRequest): Promise<void> {
    await this.opened;
    this.socket.send(JSON.stringify(request));
  }

  /** A list that goes on, with its whole history unless `changed` says otherwise. */
  subscribe(filter = '', changed: Partial<Subscribe> = {}): Promise<void> {
    return this.ask({ ...SUBSCRIBE, query: { ...SUBSCRIBE.query, filter }, ...changed });
  }

  /** The first message of this type for which `fits`, heard already or not. */
  async hears<T extends LiveMessage['type']>(
    type: T,
    fits: (message: Extract<LiveMessage, { type: T }>) => boolean = () => true,
  ): Promise<Extract<LiveMessage, { type: T }>> {
    for (let next = 0; ; ) {
      for (; next < this.heard.length; next++) {
        const message = this.heard[next]!;
        if (isOf(message, type) && fits(message)) return message;
      }
      await new Promise<void>((resolve) => {
        this.told = resolve;
      });
    }
  }

  all<T extends LiveMessage['type']>(type: T): Extract<LiveMessage, { type: T }>[] {
    return this.heard.filter((message) => isOf(message, type));
  }

  /** Every row that was told, in the order in which it was told. */
  get rows(): ListRow[] {
    return this.all('rows').flatMap((message) => message.rows);
  }

  /** The last state told of each row, in the list's order. */
  get list(): ListRow[] {
    const rows = new Map(this.rows.map((row) => [row.id, row]));
    return [...rows.values()].toSorted((a, b) => a.seq - b.seq);
  }

  close(): void {
    this.socket.terminate();
  }
}

function isOf<T extends LiveMessage['type']>(
  message: LiveMessage,
  type: T,
): message is Extract<LiveMessage, { type: T }> {
  return message.type === type;
}

export const targets = (rows: readonly { target: string }[]): string[] => rows.map((row) => row.target);
