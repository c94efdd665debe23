// Where a hub listens: on both addresses of localhost, each with the whole hub behind it; on no other, when one was named.
import { createServer } from 'node:net';
import { networkInterfaces } from 'node:os';
import { expect, onTestFinished, test } from 'vitest';
import { newHub, TestPage, TestWorker, USER } from '../testing.ts';
import { urlOf } from './listen.ts';

const hasIPv6 = Object.values(networkInterfaces()).some((all) =>
  all!.some(({ address }) => address === '::1'),
);

async function statusAt(url: string): Promise<number | string> {
  return await fetch(`${url}/api/v1/status`, { headers: { authorization: `Bearer ${USER}` } }).then(
    ({ status }) => status,
    (error: Error) => (error.cause as NodeJS.ErrnoException).code ?? error.message,
  );
}

test.skipIf(!hasIPv6)(
  'localhost: requests and both WebSockets at 127.0.0.1 and at ::1; none after the end',
  async () => {
    const hub = await newHub({ host: 'localhost' });
    expect(hub.url).toBe(`http://localhost:${hub.port}`);
    const urls = [`http://127.0.0.1:${hub.port}`, `http://[::1]:${hub.port}`];
    for (const [i, url] of urls.entries()) {
      expect(await statusAt(url)).toBe(200);
      const worker = new TestWorker(`listenboot${i}`);
      await worker.connect(url);
      const page = new TestPage(url);
      await page.subscribe();
      page.close();
    }
    await hub.end();
    for (const url of urls) expect(await statusAt(url)).toBe('ECONNREFUSED');
  },
);

test.skipIf(!hasIPv6)('an address: that one alone', async () => {
  for (const [host, other] of [
    ['127.0.0.1', '[::1]'],
    ['::1', '127.0.0.1'],
  ] as const) {
    const hub = await newHub({ host });
    expect(await statusAt(hub.url)).toBe(200);
    expect(await statusAt(`http://${other}:${hub.port}`)).toBe('ECONNREFUSED');
    await hub.end();
  }
});

test.skipIf(!hasIPv6)(
  'somebody else has the port at ::1: the page of localhost would be theirs',
  async () => {
    const other = createServer().listen(0, '::1');
    onTestFinished(() => void other.close());
    await new Promise((resolve) => other.once('listening', resolve));
    const { port } = other.address() as { port: number };
    await expect(newHub({ host: 'localhost', port })).rejects.toMatchObject({ code: 'EADDRINUSE', port });
  },
);

test.each([
  ['localhost', 'http://localhost:80'],
  ['127.0.0.1', 'http://127.0.0.1:80'],
  ['::1', 'http://[::1]:80'],
  ['0.0.0.0', 'http://127.0.0.1:80'],
  ['::', 'http://localhost:80'],
  ['hub.example', 'http://hub.example:80'],
])('the page of %s is at %s', (host, url) => {
  expect(urlOf(host, 80)).toBe(url);
});
