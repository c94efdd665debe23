/**
 * Makes a capture file of HTTP/1.1 keep-alive traffic, the same on every run: what the file benchmarks read.
 *   node bench/http-capture.ts FILE [CALLS]
 */
import { closeSync, openSync, writeSync } from 'node:fs';

const CONNECTIONS = 64;
const CALLS_A_CONNECTION = 100;

/** A small seeded generator (mulberry32): the file is the same everywhere. */
function random(seed: number): () => number {
  let a = seed;
  return () => {
    a = (a + 0x6d2b79f5) | 0;
    let t = Math.imul(a ^ (a >>> 15), 1 | a);
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
    return ((t ^ (t >>> 14)) >>> 0) / 4294967296;
  };
}

interface Connection {
  client: number;
  port: number;
  clientSeq: number;
  serverSeq: number;
  calls: number;
}

const SYN = 2;
const ACK = 16;
const PSH = 8;
const FIN = 1;

/** Writes `calls` calls, interleaved over connections; returns the bytes of the file. */
export function makeHttpCapture(file: string, calls: number): number {
  const fd = openSync(file, 'w');
  const next = random(1);
  const buffer = Buffer.alloc(1 << 20);
  let used = 0;
  let total = 0;
  let time = 1_700_000_000_000_000;
  const flush = () => {
    writeSync(fd, buffer, 0, used);
    total += used;
    used = 0;
  };
  buffer.writeUInt32LE(0xa1b2c3d4, 0);
  buffer.writeUInt16LE(2, 4);
  buffer.writeUInt16LE(4, 6);
  buffer.writeUInt32LE(262_144, 16);
  buffer.writeUInt32LE(1, 20);
  used = 24;

  const packet = (c: Connection, fromClient: boolean, flags: number, payload: Buffer | null) => {
    const length = payload?.length ?? 0;
    if (used + 16 + 54 + length > buffer.length) flush();
    time += 5 + Math.floor(next() * 20);
    const b = buffer;
    let o = used;
    b.writeUInt32LE(Math.floor(time / 1e6), o);
    b.writeUInt32LE(time % 1e6, o + 4);
    b.writeUInt32LE(54 + length, o + 8);
    b.writeUInt32LE(54 + length, o + 12);
    o += 16;
    b.fill(0, o, o + 54);
    b.writeUInt16BE(0x0800, o + 12);
    b[o + 14] = 0x45;
    b.writeUInt16BE(40 + length, o + 16);
    b[o + 22] = 64;
    b[o + 23] = 6;
    const server = 0x0a2a0114;
    b.writeUInt32BE(fromClient ? c.client : server, o + 26);
    b.writeUInt32BE(fromClient ? server : c.client, o + 30);
    b.writeUInt16BE(fromClient ? c.port : 8080, o + 34);
    b.writeUInt16BE(fromClient ? 8080 : c.port, o + 36);
    b.writeUInt32BE((fromClient ? c.clientSeq : c.serverSeq) >>> 0, o + 38);
    b.writeUInt32BE((fromClient ? c.serverSeq : c.clientSeq) >>> 0, o + 42);
    b[o + 46] = 0x50;
    b[o + 47] = flags;
    b.writeUInt16BE(65_535, o + 48);
    payload?.copy(b, o + 54);
    const advance = length + (flags & (SYN | FIN) ? 1 : 0);
    if (fromClient) c.clientSeq = (c.clientSeq + advance) >>> 0;
    else c.serverSeq = (c.serverSeq + advance) >>> 0;
    used = o + 54 + length;
  };

  let ports = 20_000;
  const open = (): Connection => {
    const c = {
      client: 0x0a2a0200 + Math.floor(next() * 200),
      port: ports++ % 60_000 || 1,
      clientSeq: Math.floor(next() * 2 ** 32),
      serverSeq: Math.floor(next() * 2 ** 32),
      calls: 0,
    };
    packet(c, true, SYN, null);
    packet(c, false, SYN | ACK, null);
    packet(c, true, ACK, null);
    return c;
  };
  const close = (c: Connection) => {
    packet(c, true, FIN | ACK, null);
    packet(c, false, FIN | ACK, null);
    packet(c, true, ACK, null);
  };
  const connections = Array.from({ length: CONNECTIONS }, open);
  const methods = ['GET', 'GET', 'GET', 'POST', 'PUT'];
  const statuses = [
    '200 OK',
    '200 OK',
    '200 OK',
    '200 OK',
    '200 OK',
    '200 OK',
    '201 Created',
    '404 Not Found',
    '503 Service Unavailable',
  ];
  for (let n = 0; n < calls; n++) {
    const slot = Math.floor(next() * CONNECTIONS);
    let c = connections[slot]!;
    if (c.calls === CALLS_A_CONNECTION) {
      close(c);
      c = connections[slot] = open();
    }
    c.calls++;
    const method = methods[Math.floor(next() * methods.length)]!;
    const body =
      method === 'GET'
        ? ''
        : JSON.stringify({
            order: n,
            customer: `u_${n % 977}`,
            currency: 'EUR',
            lines: [{ sku: `KT-${n % 4001}`, qty: 2, price: 49.95 }],
          });
    const request = `${method} /api/v1/catalog/products/${n}?limit=24&sort=price HTTP/1.1\r\nHost: catalog.shop:8080\r\nUser-Agent: shop-gateway/2.14.0\r\nAccept: application/json\r\nAccept-Encoding: gzip, br\r\nAuthorization: Bearer eyJhbGciOiJIUzI1NiJ9.${n}\r\nX-Request-Id: ${n.toString(16).padStart(32, '0')}\r\ntraceparent: 00-${n.toString(16).padStart(32, '0')}-00f067aa0ba902b7-01\r\nX-Forwarded-For: 10.42.3.17\r\n${body ? `Content-Type: application/json\r\nContent-Length: ${body.length}\r\n` : ''}\r\n${body}`;
    const status = statuses[Math.floor(next() * statuses.length)]!;
    const answer = JSON.stringify({
      sku: `KT-${n % 4001}`,
      name: 'Kettle',
      price: 49.95,
      stock: n % 40,
      text: 'x'.repeat(200 + Math.floor(next() * 500)),
    });
    const response = `HTTP/1.1 ${status}\r\nContent-Type: application/json\r\nContent-Length: ${answer.length}\r\nDate: Tue, 18 Nov 2025 14:31:58 GMT\r\nCache-Control: max-age=60\r\nETag: "${n}"\r\nX-Request-Id: ${n.toString(16).padStart(32, '0')}\r\nVary: Accept-Encoding\r\n\r\n${answer}`;
    packet(c, true, PSH | ACK, Buffer.from(request, 'latin1'));
    packet(c, false, ACK, null);
    packet(c, false, PSH | ACK, Buffer.from(response, 'latin1'));
    packet(c, true, ACK, null);
  }
  for (const c of connections) close(c);
  flush();
  closeSync(fd);
  return total;
}

if (import.meta.main) {
  const [file, calls = '95000'] = process.argv.slice(2);
  if (!file) {
    console.error('usage: node bench/http-capture.ts FILE [CALLS]');
    process.exit(2);
  }
  console.log(`${file}: ${makeHttpCapture(file, Number(calls))} bytes, ${calls} calls`);
}
