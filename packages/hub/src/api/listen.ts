/** Where the hub listens. */
import type { Server as HttpServer } from 'node:http';
import type { Server } from 'node:net';
import { createServer, isIPv6 } from 'node:net';

const LOOPBACK = '127.0.0.1';
const LOOPBACK_IPV6 = '::1';
/** All addresses of the machine, as this machine reaches them. */
const EVERYWHERE: Readonly<Record<string, string>> = { '0.0.0.0': LOOPBACK, '::': 'localhost' };
/** Of an address: a machine without IPv6. */
const NO_IPV6: readonly string[] = ['EADDRNOTAVAIL', 'EAFNOSUPPORT'];

/**
 * `localhost` is two addresses: browsers and programs try IPv6's first. A hub on the other alone would make a refused
 * connection of each, a row in the list of whoever captures this machine.
 */
export function firstAddress(host: string): string {
  return host === 'localhost' ? LOOPBACK : host;
}

/** Where the page is, for somebody on this machine. */
export function urlOf(host: string, port: number): string {
  const name = EVERYWHERE[host] ?? (isIPv6(host) ? `[${host}]` : host);
  return `http://${name}:${port}`;
}

/** Before anything else is begun: what has the port most likely has the data folder too, and the port says it at once. */
export async function assertPortFree(host: string, port: number): Promise<void> {
  if (port === 0) return;
  await closed(await listen(createServer(), firstAddress(host), port));
  await closed(await second(host, port));
}

async function closed(server: Server | null): Promise<void> {
  if (server !== null) await new Promise((resolve) => server.close(resolve));
}

/** The other address of `localhost`, where there is one: its connections are the server's own. */
export async function listenOnSecond(host: string, port: number, server: HttpServer): Promise<Server | null> {
  const other = await second(host, port);
  other?.on('connection', (socket) => server.emit('connection', socket));
  return other;
}

async function second(host: string, port: number): Promise<Server | null> {
  if (host !== 'localhost') return null;
  try {
    return await listen(createServer({ noDelay: true }), LOOPBACK_IPV6, port);
  } catch (error) {
    if (NO_IPV6.includes((error as NodeJS.ErrnoException).code ?? '')) return null;
    throw error;
  }
}

async function listen(server: Server, host: string, port: number): Promise<Server> {
  return await new Promise((resolve, reject) => {
    server.once('error', reject);
    server.listen({ host, port, exclusive: true }, () => resolve(server));
  });
}
