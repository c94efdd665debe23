/**
 * A local port that leads to the hub's pod, through the API server (`pods/portforward` over WebSocket: port 0's data is
 * channel 0, its errors channel 1, each channel begins with the port's number; over SPDY for whom the API server refuses that).
 * Every connection finds the hub anew: a hub that starts again, or on another node, is reached as before.
 */
import type { RequestOptions } from 'node:https';
import type { Socket } from 'node:net';
import { createServer } from 'node:net';
import { pipeline } from 'node:stream';
import type { KubeConfig } from '@kubernetes/client-node';
import type { ClientOptions, RawData } from 'ws';
import { WebSocket } from 'ws';
import type { LocalPort } from '../local-port.ts';
import { openLocalPort } from '../local-port.ts';
import { HUB_PORT } from '../manifests/names.ts';
import { UserError } from '../user-error.ts';
import { Refused } from './refused.ts';
import { spdyPort } from './spdy-port.ts';

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

/** Rejects with `UserError` when the port is taken, or the API server refuses the user. */
export async function forwardHub(port: number, options: ForwardOptions): Promise<LocalPort> {
  const tunnel = new Tunnel(options);
  await tunnel.tried();
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
  /** The user may not `get` pods/portforward, which the WebSocket takes. */
  private bySpdy = false;

  constructor(options: ForwardOptions) {
    this.options = options;
  }

  /** Before anybody is told of the port. A hub that is not there yet is waited for when it is asked for. */
  async tried(): Promise<void> {
    this.pod = await this.options.pod();
    if (this.pod === null) return;
    try {
      (await this.dialWebSocket(this.path(this.pod), () => {})).terminate();
    } catch (error) {
      if (!this.fallsBack(error)) return;
      await spdyPort(this.options.config, this.path(this.pod), HUB_PORT).then(
        (port) => port.destroy(),
        (refusal: unknown) => {
          if (isForbidden(refusal))
            throw new UserError(
              `the API server refuses the port-forward to pod ${this.options.namespace}/${this.pod} (403). It takes the right to create pods/portforward in namespace ${this.options.namespace}; \`kubeshark check\` lists what you may.`,
            );
        },
      );
    }
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
        // A right that is missing does not come by waiting.
        if (isForbidden(error) || performance.now() > end) {
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
    const path = this.path(this.pod);
    if (!this.bySpdy)
      try {
        await this.joinWebSocket(socket, path);
        return;
      } catch (error) {
        if (!this.fallsBack(error)) throw error;
      }
    const far = await spdyPort(this.options.config, path, HUB_PORT);
    pipeline(socket, far, socket, (error) => {
      // The pod may be gone.
      if (error) this.pod = null;
      socket.destroy();
    });
  }

  private fallsBack(error: unknown): boolean {
    this.bySpdy ||= isForbidden(error);
    return this.bySpdy;
  }

  private path(pod: string): string {
    return `/api/v1/namespaces/${encodeURIComponent(this.options.namespace)}/pods/${encodeURIComponent(pod)}/portforward?ports=${HUB_PORT}`;
  }

  private async joinWebSocket(socket: Socket, path: string): Promise<void> {
    const begun = [false, false];
    const ws = await this.dialWebSocket(path, (frame, ws) => {
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
    });
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
  private async dialWebSocket(
    path: string,
    hear: (frame: Buffer, ws: WebSocket) => void,
  ): Promise<WebSocket> {
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
        reject(new Refused(statusCode ?? 0));
        ws.terminate();
      });
    });
    return ws;
  }
}

function isForbidden(error: unknown): boolean {
  return error instanceof Refused && error.status === 403;
}
