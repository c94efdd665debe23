/**
 * A local port that leads to the hub's pod, through the API server (`pods/portforward` over WebSocket: port 0's data is
 * channel 0, its errors channel 1, each channel begins with the port's number). Every connection finds the hub anew: a hub
 * that starts again, or on another node, is reached as before.
 */
import type { RequestOptions } from 'node:https';
import type { Socket } from 'node:net';
import { createServer } from 'node:net';
import type { KubeConfig } from '@kubernetes/client-node';
import type { ClientOptions, RawData } from 'ws';
import { WebSocket } from 'ws';
import type { LocalPort } from '../local-port.ts';
import { openLocalPort } from '../local-port.ts';
import { HUB_PORT } from '../manifests/names.ts';

const PROTOCOL = 'v4.channel.k8s.io';
const DIAL_MS = 10_000;
const DATA = 0;
const ERRORS = 1;
const PORT_BYTES = 2;
/** What a socket has not taken, at most: then the other side waits. */
const WAITING_BYTES = 1_048_576;
/** How long a connection waits for a hub that is not there now. */
const PATIENCE_MS = 20_000;
const LOOK_AGAIN_MS = 500;

export interface ForwardOptions {
  config: KubeConfig;
  namespace: string;
  /** Of the hub that is ready now; null: none. */
  pod: () => Promise<string | null>;
  /** The way to the hub was lost or is there again; each once. */
  onState?: (problem: string | null) => void;
}

/** Rejects with `UserError` when the port is taken. */
export async function forwardHub(port: number, options: ForwardOptions): Promise<LocalPort> {
  const tunnel = new Tunnel(options);
  const accept = (socket: Socket) => {
    socket.on('error', () => socket.destroy());
    void tunnel.carry(socket);
  };
  return await openLocalPort(port, () => createServer({ pauseOnConnect: true }, accept));
}

class Tunnel {
  private readonly options: ForwardOptions;
  private pod: string | null = null;
  private lost = false;

  constructor(options: ForwardOptions) {
    this.options = options;
  }

  async carry(socket: Socket): Promise<void> {
    const end = performance.now() + PATIENCE_MS;
    for (;;)
      try {
        await this.join(socket);
        this.told(null);
        return;
      } catch (error) {
        this.pod = null;
        if (socket.destroyed) return;
        if (performance.now() > end) {
          this.told(error instanceof Error ? error.message : String(error));
          socket.destroy();
          return;
        }
        await new Promise((resolve) => setTimeout(resolve, LOOK_AGAIN_MS));
      }
  }

  private told(problem: string | null): void {
    if (this.lost === (problem !== null)) return;
    this.lost = problem !== null;
    this.options.onState?.(problem);
  }

  private async join(socket: Socket): Promise<void> {
    this.pod ??= await this.options.pod();
    if (this.pod === null) throw new Error('the hub is not ready');
    const { namespace } = this.options;
    const begun = [false, false];
    const ws = await this.dial(
      `/api/v1/namespaces/${encodeURIComponent(namespace)}/pods/${encodeURIComponent(this.pod)}/portforward?ports=${HUB_PORT}`,
      (frame, ws) => {
        const channel = frame[0]!;
        const bytes = frame.subarray(begun[channel] === true ? 1 : 1 + PORT_BYTES);
        begun[channel] = true;
        if (bytes.length === 0) return;
        if (channel === DATA) {
          if (!socket.write(bytes) && socket.writableLength > WAITING_BYTES) ws.pause();
        } else if (channel === ERRORS) {
          // The pod is gone, or nothing listens there.
          this.pod = null;
          socket.destroy();
        }
      },
    );
    if (socket.destroyed) {
      ws.terminate();
      return;
    }
    ws.on('error', () => socket.destroy());
    ws.on('close', () => socket.end());
    socket.on('drain', () => ws.resume());
    socket.on('close', () => ws.close());
    // Half a connection is none here: HTTP needs both directions to its end.
    socket.on('end', () => ws.close());
    socket.on('data', (data: Buffer) => {
      const frame = Buffer.allocUnsafe(data.length + 1);
      frame[0] = DATA;
      data.copy(frame, 1);
      ws.send(frame, () => {
        if (ws.bufferedAmount < WAITING_BYTES) socket.resume();
      });
      if (ws.bufferedAmount > WAITING_BYTES) socket.pause();
    });
    socket.resume();
  }

  /** Rejects when the API server says no, with its status. */
  private async dial(path: string, hear: (frame: Buffer, ws: WebSocket) => void): Promise<WebSocket> {
    const { config } = this.options;
    // An API server may be reached under a path of its own.
    const url = new URL(config.getCurrentCluster()!.server.replace(/\/$/, '') + path);
    url.protocol = url.protocol === 'http:' ? 'ws:' : 'wss:';
    const options: RequestOptions = {};
    await config.applyToHTTPSOptions(options);
    const ws = new WebSocket(url, [PROTOCOL], {
      // The same options; the library's types of it are older.
      ...(options as unknown as ClientOptions),
      perMessageDeflate: false,
      handshakeTimeout: DIAL_MS,
    });
    // The first frames may come with the answer itself.
    ws.on('message', (message: RawData) => hear(message as Buffer, ws));
    await new Promise<void>((resolve, reject) => {
      ws.once('open', resolve);
      // Also for what comes later: the socket's own listeners then end the connection.
      ws.on('error', reject);
      ws.once('unexpected-response', (_request, { statusCode }) => {
        reject(new Error(`the API server answered ${statusCode} to the port-forward`));
        ws.terminate();
      });
    });
    return ws;
  }
}
