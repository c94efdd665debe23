// Records packages/cli/sample/shop.pcap.gz: a small shop of HTTP services and a DNS server, in a network namespace of its own.
// Needs root, iproute2, dnsmasq and tcpdump:  node scripts/record-sample.mjs
import { spawn, spawnSync } from 'node:child_process';
import { Resolver } from 'node:dns/promises';
import { mkdtempSync, writeFileSync } from 'node:fs';
import http from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { gzipSync } from 'node:zlib';

const SECONDS = 40;
const NAMESPACE = 'kubeshark-sample';
const HOSTS = {
  dns: '10.42.0.2',
  gateway: '10.42.1.10',
  catalog: '10.42.1.20',
  cart: '10.42.1.30',
  orders: '10.42.2.40',
  payments: '10.42.2.50',
  shopper: '10.42.3.7',
};
const PORT = 8080;
const out = fileURLToPath(new URL('../packages/cli/sample/shop.pcap', import.meta.url));

if (process.argv[2] !== 'inside') {
  const ip = (...args) => spawnSync('ip', args, { stdio: 'inherit' });
  spawnSync('ip', ['netns', 'del', NAMESPACE], { stdio: 'ignore' });
  ip('netns', 'add', NAMESPACE);
  ip('-n', NAMESPACE, 'link', 'set', 'lo', 'mtu', '1500', 'up');
  for (const address of Object.values(HOSTS))
    ip('-n', NAMESPACE, 'addr', 'add', `${address}/32`, 'dev', 'lo');
  const { status } = spawnSync(
    'ip',
    ['netns', 'exec', NAMESPACE, process.execPath, fileURLToPath(import.meta.url), 'inside'],
    { stdio: 'inherit' },
  );
  ip('netns', 'del', NAMESPACE);
  process.exit(status);
}

const folder = mkdtempSync(join(tmpdir(), 'kubeshark-sample-'));
const records = Object.entries(HOSTS).map(([name, ip]) => `host-record=${name}.shop.svc.cluster.local,${ip}`);
writeFileSync(
  join(folder, 'dnsmasq.conf'),
  [
    'no-resolv',
    'no-hosts',
    'no-daemon',
    'user=root',
    'local=/local/',
    `listen-address=${HOSTS.dns}`,
    'bind-interfaces',
    'pid-file',
    'host-record=api.payprovider.example,203.0.113.24',
    ...records,
  ].join('\n'),
);
const dnsmasq = spawn('dnsmasq', ['-C', join(folder, 'dnsmasq.conf')], { stdio: 'ignore' });
const tcpdump = spawn('tcpdump', ['-i', 'lo', '-w', out, '-U', '--immediate-mode'], { stdio: 'ignore' });
await sleep(1000);

const agents = new Map();
/** A call from one service to another: looks the name up now and then, keeps connections alive. */
async function call(
  from,
  to,
  method,
  path,
  { body, headers = {}, lookup = Math.random() < 0.15, timeout = 2500 } = {},
) {
  if (lookup) {
    const resolver = new Resolver();
    resolver.setServers([HOSTS.dns]);
    resolver.setLocalAddress(HOSTS[from]);
    await resolver.resolve4(`${to}.shop.svc.cluster.local`).catch(() => {});
  }
  const key = `${from}>${to}`;
  if (!agents.has(key))
    agents.set(key, new http.Agent({ keepAlive: true, maxSockets: 2, localAddress: HOSTS[from] }));
  const text = body === undefined ? undefined : JSON.stringify(body);
  return await new Promise((resolve) => {
    const request = http.request(
      {
        host: HOSTS[to],
        port: PORT,
        method,
        path,
        agent: agents.get(key),
        localAddress: HOSTS[from],
        headers: {
          host: `${to}.shop:${PORT}`,
          accept: 'application/json',
          'user-agent': `shop-${from}/2.14.0`,
          ...(text ? { 'content-type': 'application/json', 'content-length': Buffer.byteLength(text) } : {}),
          ...headers,
        },
      },
      (response) => {
        const parts = [];
        response.on('data', (part) => parts.push(part));
        response.on('end', () =>
          resolve({ status: response.statusCode, body: Buffer.concat(parts), headers: response.headers }),
        );
        response.on('error', () => resolve({ status: 0 }));
      },
    );
    request.setTimeout(timeout, () => request.destroy());
    request.on('error', () => resolve({ status: 0 }));
    request.end(text);
  });
}

const json = (response, status, value, headers = {}) => {
  const text = JSON.stringify(value);
  response.writeHead(status, {
    'content-type': 'application/json',
    'content-length': Buffer.byteLength(text),
    ...headers,
  });
  response.end(text);
};
const read = async (request) => {
  const parts = [];
  for await (const part of request) parts.push(part);
  try {
    return JSON.parse(Buffer.concat(parts).toString());
  } catch {
    return {};
  }
};
const products = Array.from({ length: 24 }, (_, i) => ({
  sku: `KT-${2200 + i}`,
  name: ['Kettle', 'Toaster', 'Mug', 'Lamp', 'Chair', 'Clock'][i % 6],
  price: 9.95 + i * 5,
  stock: (i * 7) % 40,
}));
const id = () => Math.random().toString(36).slice(2, 10);

const services = {
  catalog: async (request, response) => {
    await sleep(2 + Math.random() * 12);
    const sku = /^\/products\/([^?]+)/.exec(request.url)?.[1];
    if (sku) {
      const product = products.find((p) => p.sku === sku);
      return product
        ? json(response, 200, product, { etag: `"${sku}-7"`, 'cache-control': 'max-age=60' })
        : json(response, 404, { title: 'No such product', sku });
    }
    const body = gzipSync(JSON.stringify({ products }));
    response.writeHead(200, {
      'content-type': 'application/json',
      'content-encoding': 'gzip',
      'content-length': body.length,
      vary: 'accept-encoding',
    });
    response.end(body);
  },
  cart: async (request, response) => {
    await sleep(1 + Math.random() * 4);
    if (request.method === 'DELETE') return response.writeHead(204).end();
    const line = await read(request);
    json(response, request.method === 'POST' ? 201 : 200, { cart: 'u_91f3', lines: [line], total: 49.95 });
  },
  orders: async (request, response) => {
    const order = await read(request);
    const number = `ord_${id()}`;
    const paid = await call('orders', 'payments', 'POST', '/v1/authorizations', {
      body: { order: number, amount: order.total ?? 129.8, currency: 'EUR' },
      headers: {
        authorization: 'Bearer sample-token',
        'x-request-id': request.headers['x-request-id'] ?? '',
      },
    });
    if (paid.status === 200)
      return json(response, 201, { order: number, state: 'confirmed' }, { location: `/orders/${number}` });
    json(
      response,
      503,
      {
        type: '/problems/payment-unavailable',
        title: 'Payment provider unavailable',
        status: 503,
        detail: 'payments: no answer in 150 ms',
        retryable: true,
        order: number,
        causes: [{ service: 'payments', status: paid.status, attempts: 1 }],
      },
      { 'retry-after': '2', 'content-type': 'application/problem+json' },
    );
  },
  payments: async (request, response) => {
    await read(request);
    const luck = Math.random();
    await sleep(20 + Math.random() * 60);
    if (luck < 0.55) return json(response, 200, { authorization: id(), state: 'authorized' });
    if (luck < 0.75)
      return json(response, 504, { title: 'Upstream timed out', upstream: 'api.payprovider.example' });
    if (luck < 0.9) return request.socket.resetAndDestroy();
    // The rest never answers: the caller gives up.
  },
  gateway: async (request, response) => {
    const requestId = id();
    const headers = {
      'x-request-id': requestId,
      traceparent: `00-4bf92f3577b34da6a3ce929d0e0e4736-${requestId}${requestId}-01`,
    };
    const body = await read(request);
    const [, , service] = request.url.split('/');
    const target = { products: 'catalog', cart: 'cart', orders: 'orders' }[service] ?? 'catalog';
    const answer = await call('gateway', target, request.method, request.url.replace('/api', ''), {
      body: request.method === 'POST' ? body : undefined,
      headers,
    });
    response.writeHead(answer.status || 502, {
      'content-type': answer.headers?.['content-type'] ?? 'application/json',
      'x-request-id': requestId,
      ...(answer.headers?.['content-encoding']
        ? { 'content-encoding': answer.headers['content-encoding'] }
        : {}),
      'transfer-encoding': 'chunked',
    });
    if (answer.body) response.write(answer.body.subarray(0, 400));
    response.end(answer.body?.subarray(400));
  },
};
for (const [name, serve] of Object.entries(services)) {
  const server = http.createServer(
    (request, response) => void serve(request, response).catch(() => response.destroy()),
  );
  server.keepAliveTimeout = 60_000;
  server.listen(PORT, HOSTS[name]);
}
await sleep(300);

const end = Date.now() + SECONDS * 1000;
const visits = [];
while (Date.now() < end) {
  const pick = Math.random();
  const product = products[Math.floor(Math.random() * 30)]?.sku ?? 'KT-9999';
  const options = { headers: { 'user-agent': 'Mozilla/5.0 (shop demo)', cookie: `session=${id()}` } };
  if (pick < 0.35)
    visits.push(call('shopper', 'gateway', 'GET', '/api/products?limit=24&sort=price', options));
  else if (pick < 0.6) visits.push(call('shopper', 'gateway', 'GET', `/api/products/${product}`, options));
  else if (pick < 0.75)
    visits.push(
      call('shopper', 'gateway', 'POST', '/api/cart/u_91f3/items', {
        ...options,
        body: { sku: product, qty: 2 },
      }),
    );
  else if (pick < 0.8) visits.push(call('shopper', 'gateway', 'DELETE', '/api/cart/u_91f3/items/1', options));
  else
    visits.push(
      call('shopper', 'gateway', 'POST', '/api/orders', {
        ...options,
        body: {
          customer: 'u_91f3',
          currency: 'EUR',
          total: 129.8,
          lines: [{ sku: product, qty: 2, price: 49.95 }],
        },
      }),
    );
  if (Math.random() < 0.06) {
    const resolver = new Resolver();
    resolver.setServers([HOSTS.dns]);
    resolver.setLocalAddress(HOSTS.orders);
    visits.push(resolver.resolve4('inventory.shop.svc.cluster.local').catch(() => {}));
  }
  await sleep(80 + Math.random() * 350);
}
await Promise.race([Promise.all(visits), sleep(4000)]);
tcpdump.kill('SIGINT');
await sleep(500);
spawnSync('gzip', ['-9nf', out]);
dnsmasq.kill();
process.exit(0);
