// Records packages/hub/src/ingest/captures/nat-{client,server}.pcap.gz: the same calls at both ends of a router that translates
// addresses and ports in both directions. Client, router and server are network namespaces of their own.
// Needs root, iproute2, nftables, dnsmasq and tcpdump:  node scripts/record-nat.mjs
import { spawn, spawnSync } from 'node:child_process';
import { Resolver } from 'node:dns/promises';
import { once } from 'node:events';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import http from 'node:http';
import net from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { gzipSync } from 'node:zlib';

const CLIENT = 'kubeshark-nat-c';
const ROUTER = 'kubeshark-nat-r';
const SERVER = 'kubeshark-nat-s';
/** What the client dials, and what stands behind it: a service's address and its pod. */
const FRONT = { host: '10.71.0.1', port: 80 };
const BACK = { host: '10.72.0.2', port: 8080 };
const out = fileURLToPath(new URL('../packages/hub/src/ingest/captures/', import.meta.url));

/** Answers in the namespace of the server, until it is killed. */
async function serve() {
  const server = http.createServer((request, response) => {
    const answer = () => {
      const body = JSON.stringify({ path: request.url, cart: 'u_91f3', total: 49.95 });
      response.writeHead(request.url === '/missing' ? 404 : 200, {
        'content-type': 'application/json',
        'content-length': body.length,
      });
      response.end(body);
    };
    request.resume().on('end', () => {
      if (request.url === '/reset') request.socket.resetAndDestroy();
      // Long enough to be announced while it is open.
      else if (request.url === '/slow') setTimeout(answer, 1_600);
      else answer();
    });
  });
  server.listen(BACK.port, BACK.host);
}

function call(agent, method, path, body) {
  return new Promise((resolve) => {
    const request = http.request({ ...FRONT, method, path, agent }, (response) =>
      response.resume().on('end', resolve),
    );
    request.on('error', resolve);
    request.end(body);
  });
}

/** Asks everything once, in the namespace of the client. */
async function ask() {
  const agent = new http.Agent({ keepAlive: true, maxSockets: 2 });
  // Two connections that are kept, and the same request again and again on both.
  await Promise.all(
    Array.from({ length: 8 }, (_, i) => call(agent, 'GET', i % 4 === 3 ? '/missing' : '/cart')),
  );
  for (let i = 0; i < 3; i++)
    await call(agent, 'POST', '/orders', JSON.stringify({ order: i, total: 129.8 }));
  await Promise.all([call(agent, 'GET', '/slow'), call(agent, 'GET', '/slow')]);
  agent.destroy();
  await call(undefined, 'GET', '/reset');

  // Equal requests one behind the other, not waiting for answers.
  const pipeline = net.connect(FRONT);
  pipeline.write('GET /cart HTTP/1.1\r\nHost: shop\r\n\r\n'.repeat(4));
  for (let text = ''; text.split('HTTP/1.1 200').length < 5; ) text += (await once(pipeline, 'data'))[0];
  pipeline.destroy();

  // The same client port twice. The server ends each, so that the port is free here at once.
  for (let i = 0; i < 2; i++) {
    const socket = net.connect({ ...FRONT, localPort: 41_000 });
    socket.write('GET /cart HTTP/1.1\r\nHost: shop\r\nConnection: close\r\n\r\n');
    socket.resume();
    await once(socket, 'close');
    await sleep(50);
  }

  const resolver = new Resolver();
  resolver.setServers([FRONT.host]);
  for (const name of ['cart.shop', 'orders.shop', 'cart.shop', 'nowhere.shop'])
    await resolver.resolve4(name).catch(() => {});
}

function run(command, ...args) {
  const { status, stderr } = spawnSync(command, args, { encoding: 'utf8' });
  if (status !== 0) throw new Error(`${command} ${args.join(' ')}: ${stderr}`);
}
const ip = (...args) => run('ip', ...args);
const inside = (namespace, ...command) =>
  spawn('ip', ['netns', 'exec', namespace, ...command], { stdio: ['ignore', 'ignore', 'inherit'] });
const exit = (child) => new Promise((resolve) => child.once('exit', resolve));

function connect(namespace, name, address, peerName, peerAddress, peerNamespace) {
  ip(
    'link',
    'add',
    name,
    'netns',
    namespace,
    'type',
    'veth',
    'peer',
    'name',
    peerName,
    'netns',
    peerNamespace,
  );
  for (const [where, link, own] of [
    [namespace, name, address],
    [peerNamespace, peerName, peerAddress],
  ]) {
    ip('-n', where, 'addr', 'add', `${own}/24`, 'dev', link);
    ip('-n', where, 'link', 'set', link, 'up');
  }
}

async function record() {
  const namespaces = [CLIENT, ROUTER, SERVER];
  const remove = () => {
    for (const name of namespaces) spawnSync('ip', ['netns', 'del', name], { stdio: 'ignore' });
  };
  const folder = mkdtempSync(join(tmpdir(), 'kubeshark-nat-'));
  const children = [];
  remove();
  try {
    for (const name of namespaces) ip('netns', 'add', name);
    connect(CLIENT, 'eth0', '10.71.0.2', 'front', FRONT.host, ROUTER);
    connect(SERVER, 'eth0', BACK.host, 'back', '10.72.0.1', ROUTER);
    ip('-n', CLIENT, 'route', 'add', 'default', 'via', FRONT.host);
    run('ip', 'netns', 'exec', ROUTER, 'sysctl', '-qw', 'net.ipv4.ip_forward=1');
    writeFileSync(
      join(folder, 'nat.nft'),
      `table ip nat {
        chain to-the-pod {
          type nat hook prerouting priority dstnat
          ip daddr ${FRONT.host} tcp dport ${FRONT.port} dnat to ${BACK.host}:${BACK.port}
          ip daddr ${FRONT.host} udp dport 53 dnat to ${BACK.host}:53
        }
        chain from-the-node {
          type nat hook postrouting priority srcnat
          oifname back meta l4proto { tcp, udp } snat to 10.72.0.1:30000-30999
        }
      }`,
    );
    run('ip', 'netns', 'exec', ROUTER, 'nft', '-f', join(folder, 'nat.nft'));

    const self = fileURLToPath(import.meta.url);
    const tcpdumps = [
      [CLIENT, 'nat-client'],
      [SERVER, 'nat-server'],
    ].map(([namespace, name]) =>
      inside(namespace, 'tcpdump', '-qi', 'eth0', '-U', '--immediate-mode', '-w', join(folder, name), 'ip'),
    );
    children.push(...tcpdumps, inside(SERVER, process.execPath, self, 'serve'));
    children.push(
      inside(
        SERVER,
        'dnsmasq',
        '--no-daemon',
        '--no-resolv',
        '--no-hosts',
        '--user=root',
        '--local=/shop/',
        `--listen-address=${BACK.host}`,
        '--bind-interfaces',
        '--pid-file',
        '--host-record=cart.shop,10.71.0.1',
        '--host-record=orders.shop,10.71.0.9',
      ),
    );
    await sleep(1_000);
    await exit(inside(CLIENT, process.execPath, self, 'ask'));
    await sleep(300);
    for (const child of tcpdumps) {
      const ended = exit(child);
      child.kill('SIGTERM');
      await ended;
    }
    mkdirSync(out, { recursive: true });
    for (const name of ['nat-client', 'nat-server'])
      writeFileSync(join(out, `${name}.pcap.gz`), gzipSync(readFileSync(join(folder, name)), { level: 9 }));
  } finally {
    for (const child of children) child.kill('SIGKILL');
    remove();
    rmSync(folder, { recursive: true, force: true });
  }
}

const [step] = process.argv.slice(2);
await (step === 'serve' ? serve() : step === 'ask' ? ask() : record());
