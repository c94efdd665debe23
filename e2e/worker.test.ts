// `kubeshark worker` in the terminal, on real interfaces: every call once, at once, with the place that saw it; and its words without rights.
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import http from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { performance } from 'node:perf_hooks';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Entry } from '@kubeshark/model';
import { afterAll, afterEach, beforeAll, expect, onTestFinished, test } from 'vitest';
import { canDropRights, kubeshark, Running, until } from './support/command.ts';
import { CountingServer } from './support/counting-server.ts';
import { isRoot, Network } from './support/network.ts';

const NAMESPACE = `ks-w${process.pid % 10_000}`;

let server: CountingServer;
let worker: Running | null = null;
const network = new Network();

beforeAll(async () => {
  server = await CountingServer.open('0.0.0.0');
});
afterEach(async () => {
  await worker?.stop('SIGKILL');
  worker = null;
  server.asked.length = 0;
});
afterAll(() => {
  server.close();
  network.close();
});

/** Of whole lines: the last one may still be on its way. */
const entriesOf = (ndjson: string): Entry[] =>
  ndjson
    .split('\n')
    .slice(0, -1)
    .map((line) => JSON.parse(line) as Entry);

async function capturing(...args: string[]): Promise<Running> {
  worker = new Running(['worker', '--capture-filter', `tcp port ${server.port}`, ...args]);
  await worker.says(/capturing .*; Ctrl-C ends it/);
  return worker;
}

test.skipIf(!isRoot)(
  'each of 500 calls over loopback is one entry; Ctrl-C ends it with a summary',
  async () => {
    const running = await capturing('-i', 'lo', '-o', 'ndjson');
    const agent = new http.Agent({ keepAlive: true, maxSockets: 5 });
    await Promise.all(Array.from({ length: 500 }, (_, i) => server.ask(`/call/${i}`, agent)));
    agent.destroy();
    await until('all are printed', () => entriesOf(running.stdout).length >= 500);
    expect(await running.stop()).toBe(0);
    const entries = entriesOf(running.stdout);
    expect(entries.map((entry) => entry.target).toSorted()).toEqual(server.asked.toSorted());
    for (const { operation, status, outcome, response, seenBy } of entries)
      expect({ operation, status, outcome, body: response?.body?.text?.slice(0, 9), seenBy }).toMatchObject({
        operation: 'GET',
        status: '200',
        outcome: 'ok',
        body: 'answer to',
        seenBy: [{ interface: 'lo', side: 'host' }],
      });
    expect(running.text).toMatch(/kubeshark: [\d,]+ packets, 0 dropped, 500 entries/);
  },
);

test.skipIf(!isRoot)('a single call is shown at once', async () => {
  const running = await capturing('-i', 'lo', '-o', 'ndjson');
  const times: number[] = [];
  for (let i = 0; i < 7; i++) {
    await sleep(200);
    const begun = performance.now();
    await server.ask(`/quick/${i}`);
    await running.says(new RegExp(`"target":"/quick/${i}"`));
    times.push(performance.now() - begun);
  }
  const median = times.toSorted((a, b) => a - b)[3]!;
  console.log(`from the call to its line: median ${median.toFixed(0)} ms`);
  expect(median).toBeLessThan(150);
});

test.skipIf(!isRoot)('a filter, a table, and an interface that comes while any is captured', async () => {
  const running = await capturing('--filter', 'path == "/wanted"');
  network.host(NAMESPACE, '10.213.7.2', '10.213.7.1');
  const url = `http://10.213.7.1:${server.port}`;
  // Interfaces are looked at once a second.
  await sleep(1_500);
  await network.run(NAMESPACE, 'curl', '-s', `${url}/wanted`, `${url}/unwanted`);
  await running.says(/GET \/wanted +10\.213\.7\.2:\d+ → 10\.213\.7\.1:\d+/);
  expect(await running.stop()).toBe(0);
  expect(server.asked).toEqual(['/wanted', '/unwanted']);
  expect(running.text).not.toContain('unwanted');
  expect(running.text.match(/\/wanted/g)).toHaveLength(1);
});

test.skipIf(!canDropRights)('without the right to capture it says how to get it', async () => {
  worker = new Running(['worker', '-i', 'lo', '--filter', 'http'], { unprivileged: true });
  await worker.says(/needs the rights CAP_NET_RAW and CAP_NET_ADMIN/);
  await worker.says(/^ {2}sudo .*kubeshark\S* worker -i lo --filter http$/m);
  expect(await worker.ends()).toBe(1);
});

test.skipIf(!isRoot)('a token that the hub does not accept ends the worker with what to do', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'kubeshark-token-'));
  onTestFinished(() => rmSync(folder, { recursive: true }));
  const file = join(folder, 'token');
  writeFileSync(file, 'not-the-token-of-this-hub');
  const hub = new Running(['hub', '--port', '0', '--data', folder]);
  onTestFinished(async () => void (await hub.stop()));
  const [, url] = await hub.says(/worker --hub (\S+) /);
  const { code, stderr } = await kubeshark(['worker', '-i', 'lo', '--hub', url!, '--token-file', file]);
  expect(stderr).toContain(`the hub at ${url} does not accept the token in ${file}: name the file of`);
  expect(stderr).not.toContain('trying again');
  expect(code).toBe(1);
});

test.each([
  ['an unknown interface', ['-i', 'none0'], /there is no interface none0; there are .*lo/],
  [
    'a bad capture filter',
    ['--capture-filter', 'tcp prot 80'],
    /the capture filter is not valid: .*\n {2}tcp prot 80\n {6}\^/,
  ],
  ['a hub without a token', ['--hub', 'http://127.0.0.1:1'], /name its file with --token-file/],
  ['a token without a hub', ['--token-file', 'x'], /--token-file is for a hub: name it with --hub/],
  ['a bad address of a hub', ['--hub', 'somewhere'], /"somewhere" is no address of a hub/],
  ['an output of a worker that has a hub', ['--hub', 'http://127.0.0.1:1', '-o', 'ndjson'], /cannot be used/],
  ['a mistyped format', ['-o', 'jsn'], /Did you mean ndjson\?/],
  [
    'a spool that holds nothing',
    ['--hub', 'http://127.0.0.1:1', '--token-file', process.execPath, '--spool-size', '1kB'],
    /1kB is too small: .* At least 3MB/,
  ],
])('%s is a message', async (_, args, message) => {
  const { code, stderr } = await kubeshark(['worker', ...args]);
  const mayCapture = isRoot || !args.includes('-i');
  expect(stderr).toMatch(mayCapture ? message : /rights/);
  expect(code).toBe(mayCapture ? 2 : 1);
});
