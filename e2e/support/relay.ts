/**
 * Stands between a worker and its hub and remembers what passes: which records each batch held, and what was acknowledged.
 * Both ends may die and come back; the relay goes on.
 */
import { createServer } from 'node:http';
import { RecordView, recordOffsets, WORKER_PATH } from '@kubeshark/model';
import { decodeBatch, HubMessage, WorkerMessage } from '@kubeshark/model/schemas';
import { WebSocket, WebSocketServer } from 'ws';

/** One start of a worker, as its hub was told. */
export interface SeenBoot {
  /** Ids of closed records, by batch number. */
  readonly batches: Map<number, string[]>;
  acknowledged: number;
}

export class Relay {
  readonly boots = new Map<string, SeenBoot>();
  private readonly server = createServer();
  private readonly sockets = new WebSocketServer({
    server: this.server,
    path: WORKER_PATH,
    maxPayload: 1 << 25,
  });
  private readonly hub: string;

  private constructor(hub: string) {
    this.hub = hub;
    this.sockets.on('connection', (worker, request) =>
      this.join(worker, request.headers.authorization ?? ''),
    );
  }

  /** `hub`: `http://host:port`. */
  static async open(hub: string): Promise<Relay> {
    const relay = new Relay(hub);
    await new Promise<void>((resolve) => relay.server.listen(0, '127.0.0.1', resolve));
    return relay;
  }

  get url(): string {
    return `http://127.0.0.1:${(this.server.address() as { port: number }).port}`;
  }

  /** Ids of closed records in batches that the hub has said are stored. */
  acknowledgedIds(): string[] {
    const ids: string[] = [];
    for (const { batches, acknowledged } of this.boots.values())
      for (const [number, records] of batches) if (number <= acknowledged) ids.push(...records);
    return ids;
  }

  async close(): Promise<void> {
    for (const socket of this.sockets.clients) socket.terminate();
    await new Promise((resolve) => this.server.close(resolve));
  }

  private join(worker: WebSocket, authorization: string): void {
    const url = new URL(WORKER_PATH, this.hub.replace(/^http/, 'ws'));
    const hub = new WebSocket(url, { headers: { authorization }, perMessageDeflate: false });
    let boot: SeenBoot | null = null;
    let name = '';
    const early: [Buffer, boolean][] = [];
    const end = () => {
      worker.terminate();
      hub.terminate();
    };
    for (const socket of [worker, hub]) {
      socket.on('close', end);
      socket.on('error', end);
    }
    hub.on('open', () => {
      for (const [data, binary] of early.splice(0)) hub.send(data, { binary });
    });
    worker.on('message', (data: Buffer, binary) => {
      if (binary && boot) this.remember(boot, name, data);
      else {
        const message = WorkerMessage.parse(JSON.parse(data.toString()));
        if (message.type === 'hello') {
          name = message.boot;
          boot = this.boots.get(name) ?? { batches: new Map(), acknowledged: 0 };
          this.boots.set(name, boot);
        }
      }
      if (hub.readyState === WebSocket.OPEN) hub.send(data, { binary });
      else early.push([data, binary]);
    });
    hub.on('message', (data: Buffer, binary) => {
      const message = HubMessage.parse(JSON.parse(data.toString()));
      // What the hub says it has stored counts even when the worker never hears it.
      if (boot && message.type === 'ack') boot.acknowledged = Math.max(boot.acknowledged, message.number);
      if (boot && message.type === 'welcome')
        boot.acknowledged = Math.max(boot.acknowledged, message.acknowledged);
      if (worker.readyState === WebSocket.OPEN) worker.send(data, { binary });
    });
  }

  private remember(boot: SeenBoot, name: string, data: Buffer): void {
    const batch = decodeBatch(data);
    const ids: string[] = [];
    const view = new RecordView();
    for (const at of recordOffsets(batch.records)) {
      view.at(batch.records, at);
      if (view.state === 'closed') ids.push(view.id(name));
    }
    boot.batches.set(batch.number, ids);
  }
}
