// The local port leads to the hub's Service and nowhere else, with the user's credentials and none of the browser's but the hub's own.
import type { IncomingMessage, Server, ServerResponse } from 'node:http';
import { createServer, request } from 'node:http';
import type { AddressInfo } from 'node:net';
import { text } from 'node:stream/consumers';
import { KubeConfig } from '@kubernetes/client-node';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { WebSocket, WebSocketServer } from 'ws';
import type { LocalPort } from '../local-port.ts';
import { proxyHub } from './service-proxy.ts';

const PREFIX = '/cluster/api/v1/namespaces/ns/services/kubeshark-hub:http/proxy';

let api: Server;
let asked: IncomingMessage[];
/** What the API server answers, and with which headers. */
let answer: { status: number; headers: Record<string, string>; body: string };
let local: LocalPort;

beforeEach(async () => {
  asked = [];
  answer = { status: 200, headers: { 'content-security-policy': 'x', 'set-cookie': 'a=b' }, body: 'hello' };
  api = createServer((incoming, response) => {
    asked.push(incoming);
    incoming.resume();
    response.writeHead(answer.status, answer.headers).end(answer.body);
  });
  await new Promise<void>((resolve) => api.listen(0, '127.0.0.1', resolve));
  const config = new KubeConfig();
  const { port } = api.address() as AddressInfo;
  config.loadFromClusterAndUser(
    { name: 'c', server: `http://127.0.0.1:${port}/cluster`, skipTLSVerify: true },
    { name: 'u', token: 'of-the-user' },
  );
  local = await proxyHub(0, config, 'ns');
});
afterEach(async () => {
  await local.close();
  api.closeAllConnections();
  api.close();
});

async function get(path: string, headers: Record<string, string> = {}) {
  const response = await new Promise<IncomingMessage>((resolve, reject) => {
    request({ host: '127.0.0.1', port: local.port, path, headers })
      .on('response', resolve)
      .on('error', reject)
      .end();
  });
  return { status: response.statusCode, headers: response.headers, body: await text(response) };
}

test('a request goes on with the user’s token; of the browser’s headers only what the hub reads', async () => {
  const { port } = local;
  const { status, headers, body } = await get('/api/v1/entries?filter=a?b', {
    host: `localhost:${port}`,
    cookie: `theirs=1; kubeshark-${port}=session; kubeshark-1=other`,
    'impersonate-user': 'admin',
    'x-kubeshark': '1',
  });
  expect([status, body, headers['set-cookie']]).toEqual([200, 'hello', ['a=b']]);
  const [sent] = asked;
  expect(sent!.url).toBe(`${PREFIX}/api/v1/entries?filter=a?b`);
  expect(sent!.headers).toMatchObject({
    authorization: 'Bearer of-the-user',
    host: `localhost:${port}`,
    cookie: `kubeshark-${port}=session`,
    'x-kubeshark': '1',
  });
  expect(sent!.headers).not.toHaveProperty('impersonate-user');
});

test('a program’s token for the hub becomes the cookie: the API server keeps the header to itself', async () => {
  await get('/', { host: `127.0.0.1:${local.port}`, authorization: 'Bearer of-the-hub' });
  expect(asked[0]!.headers).toMatchObject({
    authorization: 'Bearer of-the-user',
    cookie: `kubeshark-${local.port}=of-the-hub`,
  });
});

test('links that the API server has rewritten lead to the same place', async () => {
  const prefix = PREFIX.slice('/cluster'.length);
  // The prefix that the browser sees is the one at the API server.
  await get(`${prefix}/assets/a.js`, { host: `localhost:${local.port}` });
  expect(asked[0]!.url).toBe(`${PREFIX}/assets/a.js`);
});

test.each([
  ['/../../secrets', 'localhost'],
  ['/a/%2e%2e/b', 'localhost'],
  ['/%252e%252e%252fsecrets', 'localhost'],
  ['/..\\x', 'localhost'],
  ['http://elsewhere/x', 'localhost'],
  ['/', 'evil.example'],
  ['/', 'localhost.evil.example'],
])('%s under the name %s does not go on', async (path, host) => {
  const { status, body } = await get(path, { host });
  expect(status).toBe(403);
  expect(JSON.parse(body)).toMatchObject({ error: { code: 'service_proxy' } });
  expect(asked).toEqual([]);
});

test('what the API server says itself is told as its words; what the hub says goes through as it is', async () => {
  answer = { status: 403, headers: {}, body: '{"kind":"Status","message":"services is forbidden"}' };
  const refused = await get('/', { host: 'localhost' });
  expect([refused.status, JSON.parse(refused.body)]).toEqual([
    403,
    { error: { code: 'service_proxy', message: 'the API server says: services is forbidden' } },
  ]);
  answer = { status: 401, headers: { 'content-security-policy': 'x' }, body: 'the hub’s words' };
  expect(await get('/', { host: 'localhost' })).toMatchObject({ status: 401, body: 'the hub’s words' });
});

test('that the API server does not know the user is no word of the hub about its own session', async () => {
  answer = { status: 401, headers: {}, body: '{"kind":"Status","message":"Unauthorized"}' };
  const { status, body } = await get('/', { host: 'localhost' });
  expect([status, body]).toEqual([502, expect.stringContaining('the API server says: Unauthorized')]);
});

test('of an answer that its reader does not take little is held; all of it comes when it does', async () => {
  const bytes = 60_000_000;
  let far!: ServerResponse;
  api.removeAllListeners('request').on('request', (_incoming, response: ServerResponse) => {
    far = response;
    response.writeHead(200, { 'content-security-policy': 'x' }).end(Buffer.alloc(bytes));
  });
  const response = await new Promise<IncomingMessage>((resolve, reject) => {
    request({ host: '127.0.0.1', port: local.port, headers: { host: 'localhost' } })
      .on('response', resolve)
      .on('error', reject)
      .end();
  });
  // What the kernel takes goes within moments.
  await new Promise((resolve) => setTimeout(resolve, 500));
  expect(far.writableFinished).toBe(false);
  let heard = 0;
  for await (const chunk of response) heard += (chunk as Buffer).length;
  expect(heard).toBe(bytes);
});

test('a page that leaves before its WebSocket is answered takes the request with it', async () => {
  const gone = new Promise((resolve) => {
    api.on('upgrade', (_incoming, socket) => {
      const end = () => resolve('gone');
      socket.on('error', end).on('end', end).resume();
      ws.terminate();
    });
  });
  const ws = new WebSocket(`ws://localhost:${local.port}/api/v1/live`);
  ws.on('error', () => {});
  expect(await gone).toBe('gone');
});

test('an API server that is away is told of', async () => {
  api.close();
  api.closeAllConnections();
  const { status, body } = await get('/', { host: 'localhost' });
  expect([status, body]).toEqual([502, expect.stringContaining('the API server does not answer')]);
});

test('a WebSocket goes both ways, and is refused with the hub’s status', async () => {
  const sockets = new WebSocketServer({ noServer: true });
  api.on('upgrade', (incoming: IncomingMessage, socket, head) => {
    asked.push(incoming);
    if (incoming.url !== `${PREFIX}/api/v1/live`) {
      socket.end('HTTP/1.1 401 Unauthorized\r\ncontent-length: 0\r\n\r\n');
      return;
    }
    sockets.handleUpgrade(incoming, socket, head, (ws) =>
      ws.on('message', (data: Buffer) => ws.send(`echo ${data.toString()}`)),
    );
  });
  const origin = `http://localhost:${local.port}`;
  const ws = new WebSocket(`ws://localhost:${local.port}/api/v1/live`, { origin });
  await new Promise((resolve) => ws.once('open', resolve));
  const heard = new Promise((resolve) => ws.once('message', (data: Buffer) => resolve(data.toString())));
  ws.send('a'.repeat(100_000));
  expect(await heard).toBe(`echo ${'a'.repeat(100_000)}`);
  expect(asked[0]!.headers).toMatchObject({ origin, authorization: 'Bearer of-the-user' });
  ws.close();

  const refused = new WebSocket(`ws://localhost:${local.port}/other`);
  const status = await new Promise((resolve) => {
    refused.once('unexpected-response', (_request, response: IncomingMessage) =>
      resolve(response.statusCode),
    );
    refused.on('error', () => {});
  });
  expect(status).toBe(401);
});
