// Logs as an API server gives them: whole, cut with a line that says so, or refused.
import type { Server } from 'node:http';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { text } from 'node:stream/consumers';
import { KubeConfig } from '@kubernetes/client-node';
import { afterEach, expect, test } from 'vitest';
import { logsOf, readLog } from './pod-logs.ts';

const LOG = { pod: 'hub-0', container: 'hub', previous: true };
let server: Server;
afterEach(() => server.close());

/** What is asked for, and the log with what was said to be left out. */
async function read(status: number, ...parts: string[]) {
  let asked = '';
  server = createServer((request, response) => {
    asked = request.url ?? '';
    response.writeHead(status);
    for (const part of parts) response.write(part);
    response.end();
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const config = new KubeConfig();
  config.loadFromClusterAndUser(
    {
      name: 'test',
      server: `http://127.0.0.1:${(server.address() as AddressInfo).port}/behind`,
      skipTLSVerify: true,
    },
    { name: 'test' },
  );
  const cut: string[] = [];
  const log = await text(readLog(config, 'ns', LOG, (what) => cut.push(what)));
  return { asked, log, cut };
}

test('a short log is whole', async () => {
  expect(await read(200, 'one\n', 'two')).toEqual({
    asked: '/behind/api/v1/namespaces/ns/pods/hub-0/log?container=hub&previous=true&tailLines=20000',
    log: 'one\ntwo',
    cut: [],
  });
});

test('of a log with more lines than are asked for it is said that there were more', async () => {
  const { log, cut } = await read(200, 'a\n'.repeat(20_000));
  expect(cut).toEqual(['earlier lines are left out: the newest 20000 are kept']);
  expect(log.endsWith(`a\n[${cut[0]}]\n`)).toBe(true);
});

test('long lines end where there is no more room, with a line that says so', async () => {
  const { log, cut } = await read(200, ...Array.from({ length: 21 }, () => 'x'.repeat(1e6)));
  expect(log.length).toBeLessThan(20_000_200);
  expect(log.length).toBeGreaterThan(19_000_000);
  expect(cut).toEqual(['the log is longer: 20 MB of its newest 20000 lines are kept']);
  expect(log.endsWith(`\n[${cut[0]}]\n`)).toBe(true);
});

test('a refusal is told in the API server’s words', async () => {
  await expect(
    read(400, '{"kind":"Status","message":"previous terminated container not found"}'),
  ).rejects.toThrow('previous terminated container not found');
});

test('every container that has run is read, and its run before where there was one', () => {
  const status = (name: string, restartCount: number, state: object) => ({ name, restartCount, state });
  expect(
    logsOf({
      metadata: { name: 'p' },
      status: {
        initContainerStatuses: [status('init', 0, { terminated: {} })],
        containerStatuses: [
          status('new', 0, { waiting: { reason: 'ErrImagePull' } }),
          status('crashing', 3, { waiting: { reason: 'CrashLoopBackOff' } }),
        ],
      } as never,
    }).map(({ container, previous }) => `${container}${previous ? ' before' : ''}`),
  ).toEqual(['init', 'crashing before', 'crashing']);
});
