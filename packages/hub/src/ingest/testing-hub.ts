/** The hub's side of ingest with a real store and a real socket, and workers at it, for tests. */
import type { AddressInfo } from 'node:net';
import type { Loss, Place } from '@kubeshark/model';
import { ACCESS_ALL, CODEC_VERSION, encodeBatch, WORKER_PATH } from '@kubeshark/model';
import { HubMessage } from '@kubeshark/model/schemas';
import pino from 'pino';
import { onTestFinished } from 'vitest';
import { WebSocket, WebSocketServer } from 'ws';
import type { LinkState } from '../../../worker/src/hub-link.ts';
import { HubLink } from '../../../worker/src/hub-link.ts';
import { Spool } from '../../../worker/src/spool.ts';
import { now } from '../clock.ts';
import { recall } from '../recall.ts';
import type { HubLimits } from '../settings.ts';
import { HUB_LIMITS } from '../settings.ts';
import type { EmbeddedStore } from '../store/open.ts';
import type { Commit } from '../store/store.ts';
import { EVERYTHING, newStore, pageOf } from '../store/testing.ts';
import { Committer } from './committer.ts';
import { DnsNames } from './dns-names.ts';
import { LocalIdentity } from './identity.ts';
import { Intake } from './intake.ts';
import { Sequence } from './sequence.ts';
import { CLIENT_PLACE } from './testing.ts';
import { Workers } from './workers.ts';

/** Short times, so that tests need not wait. */
const QUICK: Partial<HubLimits> = { holdMs: 40, commitMs: 5 };

export class IngestHub {
  readonly store: EmbeddedStore;
  readonly intake: Intake;
  readonly committer: Committer;
  readonly workers: Workers;
  readonly server: WebSocketServer;
  readonly folder: string;

  private constructor(
    store: EmbeddedStore,
    folder: string,
    limits: HubLimits,
    sequence: Sequence,
    server: WebSocketServer,
    append: (commit: Commit) => Promise<void>,
  ) {
    this.store = store;
    this.folder = folder;
    this.server = server;
    this.intake = new Intake(sequence, new LocalIdentity(new DnsNames(100)), limits);
    // Everything but `append` is the store's own.
    const through = new Proxy(store, {
      get: (target, key) => {
        if (key === 'append') return append;
        const value: unknown = Reflect.get(target, key);
        return typeof value === 'function' ? value.bind(target) : value;
      },
    });
    this.committer = new Committer({
      intake: this.intake,
      sequence,
      store: through,
      limits,
      holdMs: () => limits.holdMs,
      now,
      onStored: (acknowledged) => this.workers.stored(acknowledged),
      onProblem: () => {},
    });
    this.workers = new Workers({
      name: 'hub',
      version: '1',
      intake: this.intake,
      sequence,
      committer: this.committer,
      store: through,
      limits,
      log: pino({ level: 'silent' }),
      refusal: () => null,
    });
    server.on('connection', (socket) => this.workers.accept(socket, null));
  }

  /** `appendDelayMs` makes the store slow. */
  static async start({
    folder,
    port = 0,
    limits = {},
    appendDelayMs = 0,
  }: {
    folder?: string;
    port?: number;
    limits?: Partial<HubLimits>;
    appendDelayMs?: number;
  } = {}): Promise<IngestHub> {
    const opened = await newStore(folder === undefined ? {} : { folder });
    const { store } = opened;
    const all = { ...HUB_LIMITS, ...QUICK, ...limits };
    const server = new WebSocketServer({
      port,
      host: '127.0.0.1',
      path: WORKER_PATH,
      maxPayload: all.workerMessageBytes,
      perMessageDeflate: false,
    });
    await new Promise((resolve) => server.once('listening', resolve));
    const append = async (commit: Commit) => {
      if (appendDelayMs > 0) await new Promise((resolve) => setTimeout(resolve, appendDelayMs));
      await store.append(commit);
    };
    const hub = new IngestHub(
      store,
      opened.folder,
      all,
      new Sequence(await store.reserved()),
      server,
      append,
    );
    await hub.committer.start();
    hub.workers.expect(await recall(store, hub.intake, all, pino({ level: 'silent' })));
    onTestFinished(() => hub.stop());
    return hub;
  }

  get port(): number {
    return (this.server.address() as AddressInfo).port;
  }

  /** Cuts all connections, as a network does. */
  cut(): void {
    for (const socket of this.server.clients) socket.terminate();
  }

  killStore(): void {
    if (this.store.pid !== undefined) process.kill(this.store.pid, 'SIGKILL');
  }

  /** It is gone with everything it has not stored. */
  async crash(): Promise<void> {
    this.cut();
    this.server.close();
    this.killStore();
    await this.store.close();
    await this.stop();
  }

  private async stop(): Promise<void> {
    this.workers.close();
    this.cut();
    this.server.close();
    await this.committer.close(0);
  }

  /** Ids of all rows stored, in the order of the list: with an id twice if it is stored twice. */
  async ids(): Promise<string[]> {
    const page = await pageOf(this.store, { direction: 'newer', limit: 20_000 });
    return page.rows.map(({ id }) => id);
  }

  async losses(from: number, to: number): Promise<Loss[]> {
    return await this.store.losses(from, to, ACCESS_ALL);
  }

  async count(): Promise<number> {
    return (await this.store.count(EVERYTHING, ACCESS_ALL, new AbortController().signal)).total;
  }
}

/** A real worker's spool and link. */
export function worker(
  port: number,
  boot: string,
  { place = CLIENT_PLACE, spoolBytes }: { place?: Place; spoolBytes?: number } = {},
): { spool: Spool; link: HubLink; states: LinkState[] } {
  const spool = new Spool(place.worker, spoolBytes);
  const states: LinkState[] = [];
  const link = new HubLink({
    hub: `http://127.0.0.1:${port}`,
    token: () => 'token',
    boot,
    worker: place.worker,
    version: '1',
    source: 'live',
    spool,
    status: () => ({ capturing: [], flows: 0, spoolBytes: spool.bytes, memoryBytes: 0, counters: {} }),
    onState: (state) => states.push(state),
  });
  link.open();
  onTestFinished(async () => {
    await link.close(0);
  });
  return { spool, link, states };
}

/** A worker that says exactly what it is told to. */
export class RawWorker {
  readonly socket: WebSocket;
  readonly heard: HubMessage[] = [];
  closed = false;

  private constructor(socket: WebSocket) {
    this.socket = socket;
    socket.on('message', (data) => {
      const message = HubMessage.parse(JSON.parse((data as Buffer).toString()));
      this.heard.push(message);
      if (message.type === 'ping') this.tell({ type: 'pong', id: message.id, time: now() });
    });
    socket.on('close', () => {
      this.closed = true;
    });
    socket.on('error', () => {});
  }

  static async connect(port: number): Promise<RawWorker> {
    const socket = new WebSocket(`ws://127.0.0.1:${port}${WORKER_PATH}`);
    const raw = new RawWorker(socket);
    onTestFinished(() => socket.terminate());
    await new Promise((resolve) => socket.once('open', resolve));
    return raw;
  }

  tell(message: object): void {
    this.socket.send(JSON.stringify(message));
  }

  hello(boot: string, more: object = {}): void {
    this.tell({
      type: 'hello',
      boot,
      worker: CLIENT_PLACE.worker,
      version: '1',
      codec: CODEC_VERSION,
      source: 'live',
      ...more,
    });
  }

  batch(number: number, records: readonly Buffer[], losses: readonly Loss[] = []): void {
    this.socket.send(encoded(number, records, losses));
  }

  /** What it heard of one type. */
  of<T extends HubMessage['type']>(type: T): Extract<HubMessage, { type: T }>[] {
    return this.heard.filter((message): message is Extract<HubMessage, { type: T }> => message.type === type);
  }
}

export function encoded(number: number, records: readonly Buffer[], losses: readonly Loss[] = []): Buffer {
  return encodeBatch({
    number,
    count: records.length,
    records: Buffer.concat(records),
    places: [CLIENT_PLACE],
    losses: [...losses],
  });
}
