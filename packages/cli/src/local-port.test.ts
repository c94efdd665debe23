// A local port is ours at both addresses of localhost, or not at all: a browser may take either, with a token in the link.
import type { AddressInfo, Server } from 'node:net';
import { connect, createServer } from 'node:net';
import { afterEach, expect, test } from 'vitest';
import { openLocalPort } from './local-port.ts';

const servers: Server[] = [];

afterEach(async () => {
  for (const server of servers.splice(0)) await new Promise((resolve) => server.close(resolve));
});

async function taken(host: string): Promise<number> {
  const server = createServer();
  servers.push(server);
  await new Promise<void>((resolve) => server.listen(0, host, resolve));
  return (server.address() as AddressInfo).port;
}

test.each([
  '127.0.0.1',
  '::1',
])('a port that somebody else has at %s is refused, and given back', async (host) => {
  const port = await taken(host);
  await expect(openLocalPort(port, () => createServer())).rejects.toThrow(
    `port ${port} is taken, perhaps by another kubeshark. Choose another: --port ${port + 1}, or --port 0 for any that is free`,
  );
  const again = createServer();
  servers.push(again);
  await new Promise<void>((resolve, reject) => {
    again.once('error', reject);
    again.listen(port, host === '::1' ? '127.0.0.1' : '::1', resolve);
  });
});

test('any free port answers at both', async () => {
  const local = await openLocalPort(0, () => createServer((socket) => socket.end('here')));
  for (const host of ['127.0.0.1', '::1']) {
    const heard = await new Promise((resolve, reject) => {
      connect(local.port, host)
        .on('error', reject)
        .on('data', (data) => resolve(data.toString()));
    });
    expect(heard).toBe('here');
  }
  await local.close();
});
