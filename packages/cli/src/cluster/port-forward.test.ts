// The local port leads to the hub's pod through the API server, wherever that is reached, and holds no more than its reader takes.
import type { IncomingMessage, Server } from 'node:http';
import { createServer } from 'node:http';
import type { AddressInfo, Socket } from 'node:net';
import { connect } from 'node:net';
import type { Duplex } from 'node:stream';
import { text } from 'node:stream/consumers';
import { constants, inflateRawSync } from 'node:zlib';
import { KubeConfig } from '@kubernetes/client-node';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { WebSocket, WebSocketServer } from 'ws';
import type { LocalPort } from '../local-port.ts';
import { forwardHub } from './port-forward.ts';
import { spdyPort } from './spdy-port.ts';

const PATH = '/clusters/one/api/v1/namespaces/ns/pods/hub-1/portforward?ports=8899';
/** Channels: 0 data, 1 errors; each begins with the port, 8899. */
const BEGIN = [Buffer.from([0, 0xc3, 0x22]), Buffer.from([1, 0xc3, 0x22])];

let api: Server;
let asked: IncomingMessage[];
let sockets: WebSocketServer;
/** What the API server does with a port-forward. */
let accept: (request: IncomingMessage, socket: Duplex, head: Buffer) => void;
let opened: (ws: WebSocket) => void;
/** What is said of the ready pod, by turn. */
let pods: (string | null)[];
let states: (string | null)[];
let config: KubeConfig;
let local: LocalPort;
const clients: Socket[] = [];

beforeEach(async () => {
  // There is no hub at first: nothing is tried before the tests do.
  [asked, pods, states] = [[], [null], []];
  sockets = new WebSocketServer({ noServer: true });
  accept = (request, socket, head) =>
    sockets.handleUpgrade(request, socket, head, (ws) => {
      for (const frame of BEGIN) ws.send(frame);
      opened(ws);
    });
  api = createServer().on('upgrade', (request: IncomingMessage, socket: Duplex, head: Buffer) => {
    asked.push(request);
    accept(request, socket, head);
  });
  await new Promise<void>((resolve) => api.listen(0, '127.0.0.1', resolve));
  config = new KubeConfig();
  config.loadFromClusterAndUser(
    {
      name: 'c',
      server: `http://127.0.0.1:${(api.address() as AddressInfo).port}/clusters/one/`,
      skipTLSVerify: true,
    },
    { name: 'u', token: 'of-the-user' },
  );
  local = await forwarded();
});

const forwarded = async () =>
  await forwardHub(0, {
    config,
    namespace: 'ns',
    pod: async () => (pods.length > 0 ? pods.shift()! : 'hub-1'),
    onState: (problem) => states.push(problem),
  });

afterEach(async () => {
  for (const client of clients.splice(0)) client.destroy();
  await local.close();
  for (const ws of sockets.clients) ws.terminate();
  api.closeAllConnections();
  api.close();
});

function client(): Socket {
  const socket = connect(local.port, '127.0.0.1').on('error', () => {});
  clients.push(socket);
  return socket;
}

const echo = (ws: WebSocket) => ws.on('message', (data: Buffer) => ws.send(data));

async function answer(socket: Socket, said: string): Promise<string> {
  const heard = new Promise<string>((resolve) => socket.once('data', (data) => resolve(data.toString())));
  socket.write(said);
  return await heard;
}

test('bytes go both ways as the user of the kubeconfig, also where the API server is under a path', async () => {
  opened = echo;
  expect(await answer(client(), 'hello')).toBe('hello');
  const [{ url, headers }] = asked as [IncomingMessage];
  expect(url).toBe(PATH);
  expect(headers).toMatchObject({
    authorization: 'Bearer of-the-user',
    'sec-websocket-protocol': 'v4.channel.k8s.io',
  });
});

test('a pod that is gone is asked for anew: the connection waits, and nobody is told of a loss', async () => {
  opened = echo;
  const answers = accept;
  accept = (_request, socket) => {
    accept = answers;
    socket.end('HTTP/1.1 404 Not Found\r\ncontent-length: 0\r\n\r\n');
  };
  pods = ['hub-0', null, 'hub-2'];
  expect(await answer(client(), 'hello')).toBe('hello');
  expect(asked.map(({ url }) => /pods\/([^/]+)/.exec(url!)![1])).toEqual(['hub-0', 'hub-2']);
  expect(states).toEqual([]);
});

test('of what its reader does not take little is held; all of it comes when it does', async () => {
  const frame = Buffer.alloc(1_000_000);
  const frames = 60;
  let ws!: WebSocket;
  opened = (other) => {
    ws = other;
    for (let i = 0; i < frames; i++) ws.send(frame);
  };
  const socket = client();
  socket.pause();
  socket.write('ask');
  await vi.waitFor(() => expect(ws.bufferedAmount).toBeGreaterThan(0));
  let before = Number.POSITIVE_INFINITY;
  await vi.waitFor(
    () => {
      const now = ws.bufferedAmount;
      const still = now === before;
      before = now;
      expect(still).toBe(true);
    },
    { interval: 200, timeout: 10_000 },
  );
  // The rest is in buffers of the kernel and of the forward.
  expect(ws.bufferedAmount).toBeGreaterThan(40_000_000);
  let bytes = 0;
  socket.on('data', (data) => {
    bytes += data.length;
  });
  socket.resume();
  await vi.waitFor(() => expect(bytes).toBe(frames * (frame.length - 1)), { timeout: 10_000 });
});

test('what ends while the API server is still asked leaves no connection behind', async () => {
  let begin = () => {};
  const answers = accept;
  const waits = new Promise<void>((resolve) => {
    accept = (request, socket, head) => {
      begin = () => answers(request, socket, head);
      resolve();
    };
  });
  const ended = new Promise((resolve) => {
    opened = (ws) => ws.on('close', () => resolve('ended'));
  });
  client();
  await waits;
  await local.close();
  begin();
  expect(await ended).toBe('ended');
});

const forbid = (socket: Duplex) => socket.end('HTTP/1.1 403 Forbidden\r\ncontent-length: 0\r\n\r\n');

/** Whoever may `create` pods/portforward and not `get` it. What is said on the data stream comes back; the headers of streams are kept. */
function spdyOnly(headers: string[]): typeof accept {
  return ({ method, headers: { upgrade } }, socket) => {
    if (method !== 'POST' || upgrade !== 'SPDY/3.1') return forbid(socket);
    socket.write('HTTP/1.1 101 Switching Protocols\r\nconnection: Upgrade\r\nupgrade: SPDY/3.1\r\n\r\n');
    let zlib = Buffer.alloc(0);
    let rest = Buffer.alloc(0);
    socket.on('error', () => {});
    socket.on('data', (bytes: Buffer) => {
      rest = Buffer.concat([rest, bytes]);
      while (rest.length >= 8 && rest.length >= 8 + rest.readUIntBE(5, 3)) {
        const frame = rest.subarray(0, 8 + rest.readUIntBE(5, 3));
        rest = rest.subarray(frame.length);
        if (frame.readUInt32BE(0) === 0x80030001) {
          zlib = Buffer.concat([zlib, frame.subarray(18)]);
          // Both streams' headers are one zlib stream, after its head of two bytes.
          const all = inflateRawSync(zlib.subarray(2), { finishFlush: constants.Z_SYNC_FLUSH });
          headers.push(
            `${frame.readUInt32BE(8)} ${all
              .toString('latin1')
              .replaceAll(/[^a-z0-9]+/g, ' ')
              .trim()}`,
          );
        } else if (frame.readUInt32BE(0) === 3) {
          // In two parts, and a ping between: the answer is put together.
          socket.write(frame.subarray(0, 9));
          setImmediate(() => socket.write(Buffer.concat([frame.subarray(9), PING])));
        } else if (frame.equals(PING)) headers.push('pong');
      }
    });
    return undefined;
  };
}
const PING = Buffer.from([0x80, 3, 0, 6, 0, 0, 0, 4, 0, 0, 0, 2]);

test('who may create a port-forward and not get one has it over SPDY, at once, and the next connection asks for nothing else', async () => {
  const headers: string[] = [];
  accept = spdyOnly(headers);
  expect(await answer(client(), 'hello')).toBe('hello');
  expect(headers[0]).toBe('1 streamtype error port 8899 requestid 0');
  expect(headers[1]).toMatch(/^3 .*streamtype data port 8899 requestid 0$/);
  await vi.waitFor(() => expect(headers[2]).toBe('pong'));
  const again = client();
  let heard = '';
  again.on('data', (data) => {
    heard += data.toString();
  });
  again.write('again');
  await vi.waitFor(() => expect(heard).toBe('again'));
  expect(asked.map(({ method }) => method)).toEqual(['GET', 'POST', 'POST']);
  expect(asked[1]!.headers).toMatchObject({
    authorization: 'Bearer of-the-user',
    'x-stream-protocol-version': 'portforward.k8s.io',
  });
});

test('what is said over SPDY before its end comes whole, also to who reads it late', async () => {
  accept = (_request, socket) => {
    socket.write('HTTP/1.1 101 Switching Protocols\r\nconnection: Upgrade\r\nupgrade: SPDY/3.1\r\n\r\n');
    const head = Buffer.alloc(8);
    head.writeUInt32BE(3);
    // The flag FIN.
    head[4] = 1;
    head.writeUIntBE(5, 5, 3);
    socket.end(Buffer.concat([head, Buffer.from('hello')]));
  };
  const port = await spdyPort(config, '/portforward', 8899);
  await new Promise((resolve) => setTimeout(resolve, 200));
  expect(await text(port)).toBe('hello');
});

test('who may neither is told before there is a port which right it takes', async () => {
  accept = (_request, socket) => forbid(socket);
  await expect(forwarded()).rejects.toThrow(
    /refuses the port-forward to pod ns\/hub-1 \(403\).*create pods\/portforward in namespace ns/,
  );
  expect(asked.map(({ method }) => method)).toEqual(['GET', 'POST']);
});

test('a right that is taken away later ends a connection at once: nothing is waited for', async () => {
  accept = (_request, socket) => forbid(socket);
  const begun = performance.now();
  await new Promise((resolve) => client().once('close', resolve));
  expect(performance.now() - begun).toBeLessThan(5_000);
  expect(states).toEqual(['the API server answered 403 to the port-forward']);
});
