// One program for all services of the demo shop: `node shop.mjs ROLE`. Each service writes one JSON line for every request that
// it answered: that is the truth that the captured entries are held against.

import { randomUUID } from 'node:crypto';
import { resolve4 } from 'node:dns/promises';
import { Agent, createServer, request } from 'node:http';
import { connect as connectHttp2, createServer as createHttp2Server } from 'node:http2';
import { connect } from 'node:net';
import { Pool } from 'pg';
import { WebSocket, WebSocketServer } from 'ws';

const role = process.argv[2];
const PORT = 8080;
const host = (service) => `${service}.${process.env.SHOP}`;
const agent = new Agent({ keepAlive: true, maxSockets: 8 });
const HEALTHY = { status: 200, body: 'ok' };
/** With the request's id in each path: rows of a list show it. */
const log = (line) => process.stdout.write(`${JSON.stringify({ service: role, ...line })}\n`);
const sleep = (ms) => new Promise((resolve) => setTimeout(resolve, ms));

async function textOf(stream) {
  const chunks = [];
  for await (const chunk of stream) chunks.push(chunk);
  return Buffer.concat(chunks).toString();
}

/** Serves HTTP/1.1; `handle` gives status and body. */
function serve(handle) {
  const answered = async (req, res) => {
    const id = req.headers['x-request-id'] ?? '';
    const body = await textOf(req);
    const { status, body: told } = await handle(req, body, id).catch((error) => ({
      status: 502,
      body: { error: String(error.message) },
    }));
    res.writeHead(status, { 'content-type': 'application/json', 'x-request-id': id });
    res.end(JSON.stringify(told));
    if (req.url !== '/healthz') log({ id, method: req.method, path: req.url, status });
  };
  const server = createServer((req, res) => void answered(req, res));
  server.keepAliveTimeout = 60_000;
  server.listen(PORT);
}

function call(host, path, id, { method = 'GET', body } = {}) {
  return new Promise((resolve, reject) => {
    const headers = { 'x-request-id': id, 'content-type': 'application/json' };
    const req = request({ host, port: PORT, path, method, agent, headers }, (res) => {
      textOf(res).then((text) => resolve({ status: res.statusCode, body: text }), reject);
    });
    req.on('error', reject);
    req.end(body === undefined ? undefined : JSON.stringify(body));
  });
}

/** One command of Redis (RESP), on one connection, in turn. */
function redisClient(host) {
  let socket;
  const waiting = [];
  const open = () => {
    socket = connect(6379, host);
    // Each reply is one line (+OK), and several may come together.
    socket.on('data', (data) => {
      for (const line of data.toString().split('\r\n').slice(0, -1)) waiting.shift()?.resolve(line);
    });
    socket.on('error', () => {});
    socket.on('close', () => {
      for (const one of waiting.splice(0)) one.reject(new Error('redis is away'));
      socket = undefined;
    });
  };
  return (...words) =>
    new Promise((resolve, reject) => {
      if (!socket) open();
      waiting.push({ resolve, reject });
      socket.write(
        `*${words.length}\r\n${words.map((w) => `$${Buffer.byteLength(w)}\r\n${w}\r\n`).join('')}`,
      );
    });
}

const roles = {
  frontend() {
    serve(async (req, body, id) => {
      if (req.url === '/healthz') return HEALTHY;
      if (req.url.startsWith('/broken')) {
        const answer = await call(host('catalog'), `/broken?id=${id}`, id);
        return { status: answer.status, body: { from: 'catalog' } };
      }
      const cart = await call(host('cart'), `/cart/${id}`, id, { method: 'POST', body: { item: 1 } });
      const catalog = await call(host('catalog'), `/items/1?id=${id}`, id);
      return { status: 200, body: { cart: cart.status, catalog: catalog.status } };
    });
  },
  cart() {
    const redis = redisClient(`redis.${process.env.DATA}`);
    serve(async (req, body, id) => {
      if (req.url === '/healthz') return HEALTHY;
      await redis('SET', `cart:${id}`, body);
      return { status: 201, body: { id } };
    });
  },
  catalog() {
    const pool = new Pool({
      host: `postgres.${process.env.DATA}`,
      user: 'shop',
      database: 'shop',
      max: 4,
    });
    pool.on('error', () => {});
    serve(async (req, _body, id) => {
      if (req.url === '/healthz') return HEALTHY;
      if (req.url.startsWith('/broken')) return { status: 500, body: { error: 'no such item', id } };
      const { rows } = await pool.query('SELECT $1::int AS item', [1]);
      return { status: 200, body: rows[0] };
    });
  },
  stock() {
    const server = createHttp2Server();
    server.on('stream', (stream, headers) => {
      stream.respond({ ':status': 200 });
      stream.end('7');
      log({
        id: headers['x-request-id'] ?? '',
        method: headers[':method'],
        path: headers[':path'],
        status: 200,
      });
    });
    server.listen(PORT);
  },
  events() {
    new WebSocketServer({ port: PORT }).on('connection', (ws) => ws.on('message', (text) => ws.send(text)));
  },
  /** Calls the shop until it is ended: every request its own id. RATE a second. */
  async load() {
    const every = 1000 / Number(process.env.RATE ?? 5);
    const stock = () => {
      const session = connectHttp2(`http://${host('stock')}:8080`);
      session.on('error', () => {});
      return session;
    };
    let session = stock();
    let ws;
    let stopping = false;
    process.on('SIGTERM', () => {
      stopping = true;
    });
    const pending = new Set();
    for (let n = 0; !stopping; n++) {
      const id = randomUUID();
      const path = `${n % 10 === 9 ? '/broken' : '/'}?id=${id}`;
      const one = call(host('frontend'), path, id)
        .then(
          ({ status }) => log({ id, method: 'GET', path, status }),
          (error) => log({ id, error: String(error.message) }),
        )
        .finally(() => pending.delete(one));
      pending.add(one);
      if (n % 10 === 0) resolve4(`redis.${process.env.DATA}.svc.cluster.local`).catch(() => {});
      if (n % 5 === 0) {
        if (session.destroyed) session = stock();
        session
          .request({ ':path': '/stock/1', 'x-request-id': id })
          .on('error', () => {})
          .resume()
          .end();
        if (!ws || ws.readyState > 1) {
          ws = new WebSocket(`ws://${host('events')}:8080`);
          ws.on('error', () => {});
        } else if (ws.readyState === 1) ws.send(`hello ${id}`);
      }
      await sleep(every);
    }
    // Every request has its answer: nothing is cut off.
    await Promise.all(pending);
    process.exit(0);
  },
};

if (role !== 'load') process.on('SIGTERM', () => process.exit(0));
await roles[role]();
