/**
 * A port of a pod over SPDY/3.1, the older form of port-forward. The API server asks for the right to `create` pods/portforward for
 * it, while the WebSocket, which begins with a GET, takes `get`. One connection has one port: streams 1 (errors) and 3 (data).
 */
import type { IncomingMessage, OutgoingHttpHeaders } from 'node:http';
import { request as requestHttp } from 'node:http';
import type { RequestOptions } from 'node:https';
import { request as requestHttps } from 'node:https';
import { Duplex } from 'node:stream';
import { constants, deflateRawSync } from 'node:zlib';
import type { KubeConfig } from '@kubernetes/client-node';
import { Refused } from './refused.ts';

const DIAL_MS = 10_000;
const ERRORS = 1;
const DATA = 3;
const HEAD_BYTES = 8;
const FIN = 0x01;
const CONTROL = 0x8003;
const SYN_STREAM = 1;
const RST_STREAM = 3;
const PING = 6;
const GOAWAY = 7;
/** Of the two streams' headers together, which are one zlib stream: no dictionary, though SPDY has one. */
const ZLIB_HEAD = Buffer.from([0x78, 0x01]);

/** Rejects with `Refused` when the API server says no. */
export async function spdyPort(config: KubeConfig, path: string, port: number): Promise<Duplex> {
  const options: RequestOptions = {};
  await config.applyToHTTPSOptions(options);
  const url = new URL(config.getCurrentCluster()!.server.replace(/\/$/, '') + path);
  const request = (url.protocol === 'http:' ? requestHttp : requestHttps)(url, {
    ...options,
    method: 'POST',
    headers: {
      ...(options.headers as OutgoingHttpHeaders),
      connection: 'Upgrade',
      upgrade: 'SPDY/3.1',
      'x-stream-protocol-version': 'portforward.k8s.io',
    },
  });
  const late = setTimeout(() => request.destroy(new Error('the API server does not answer')), DIAL_MS);
  return await new Promise<Duplex>((resolve, reject) => {
    request.on('upgrade', (_answer: IncomingMessage, far: Duplex, head: Buffer) =>
      resolve(new SpdyPort(far, head, port)),
    );
    request.on('response', ({ statusCode = 0 }) => {
      reject(new Refused(statusCode));
      request.destroy();
    });
    request.on('error', reject);
    request.end();
  }).finally(() => clearTimeout(late));
}

class SpdyPort extends Duplex {
  private readonly far: Duplex;
  private rest: Buffer = Buffer.alloc(0);
  private isEnded = false;

  constructor(far: Duplex, head: Buffer, port: number) {
    super();
    this.far = far;
    far.write(synStream(ERRORS, 'error', port));
    // Nothing is said to errors.
    far.write(dataHead(ERRORS, FIN, 0));
    far.write(synStream(DATA, 'data', port));
    far.on('data', (bytes: Buffer) => this.heard(bytes));
    far.on('error', (error) => this.destroy(error));
    far.on('end', () => this.ended()).on('close', () => this.ended());
    if (head.length > 0) this.heard(head);
  }

  override _read(): void {
    this.far.resume();
  }

  override _write(bytes: Buffer, _encoding: string, done: (error?: Error | null) => void): void {
    this.far.write(dataHead(DATA, 0, bytes.length));
    this.far.write(bytes, done);
  }

  override _final(done: () => void): void {
    this.far.write(dataHead(DATA, FIN, 0), () => done());
  }

  override _destroy(error: Error | null, done: (error: Error | null) => void): void {
    this.far.destroy();
    done(error);
  }

  /** What came before is still read. */
  private ended(): void {
    if (this.isEnded) return;
    this.isEnded = true;
    this.push(null);
  }

  private heard(bytes: Buffer): void {
    let all = this.rest.length === 0 ? bytes : Buffer.concat([this.rest, bytes]);
    for (;;) {
      if (all.length < HEAD_BYTES) break;
      const end = HEAD_BYTES + all.readUIntBE(5, 3);
      if (all.length < end) break;
      this.frame(all.subarray(0, HEAD_BYTES), all.subarray(HEAD_BYTES, end));
      all = all.subarray(end);
    }
    this.rest = all;
  }

  private frame(head: Buffer, payload: Buffer): void {
    if (head.readUInt16BE(0) === CONTROL) {
      const type = head.readUInt16BE(2);
      if (type === PING) this.far.write(Buffer.concat([head, payload]));
      else if (type === RST_STREAM || type === GOAWAY) this.ended();
      return;
    }
    if (head.readUInt32BE(0) === DATA) {
      if (payload.length > 0 && !this.isEnded && !this.push(payload)) this.far.pause();
      if ((head[4]! & FIN) !== 0) this.ended();
    } else if (payload.length > 0) {
      // The pod is gone, or nothing listens there.
      this.destroy(new Error(payload.toString()));
    }
  }
}

function dataHead(stream: number, flags: number, length: number): Buffer {
  const head = Buffer.alloc(HEAD_BYTES);
  head.writeUInt32BE(stream, 0);
  head[4] = flags;
  head.writeUIntBE(length, 5, 3);
  return head;
}

function synStream(stream: number, streamType: string, port: number): Buffer {
  const headers = Object.entries({ streamtype: streamType, port: String(port), requestid: '0' });
  const block = Buffer.concat([uint32(headers.length), ...headers.flat().flatMap(counted)]);
  const packed = deflateRawSync(block, { finishFlush: constants.Z_SYNC_FLUSH });
  const body = Buffer.concat([
    uint32(stream),
    // No associated stream, priority, or slot.
    Buffer.alloc(6),
    ...(stream === ERRORS ? [ZLIB_HEAD] : []),
    packed,
  ]);
  const head = Buffer.alloc(HEAD_BYTES);
  head.writeUInt16BE(CONTROL, 0);
  head.writeUInt16BE(SYN_STREAM, 2);
  head.writeUIntBE(body.length, 5, 3);
  return Buffer.concat([head, body]);
}

const counted = (text: string): Buffer[] => [uint32(text.length), Buffer.from(text)];

function uint32(value: number): Buffer {
  const bytes = Buffer.alloc(4);
  bytes.writeUInt32BE(value);
  return bytes;
}
