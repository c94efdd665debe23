// `kubeshark start`, `hub` and `open` as processes: from the command to entries in the API, from the sample to the real thing, and to a clean end.
import { spawn } from 'node:child_process';
import {
  chmodSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gunzipSync } from 'node:zlib';
import type { HubStatus, Page } from '@kubeshark/model';
import { afterAll, afterEach, beforeAll, expect, test } from 'vitest';
import { canDropRights, kubeshark, LAUNCHER, Running, SAMPLE, until } from './support/command.ts';
import { CountingServer } from './support/counting-server.ts';
import { isRoot } from './support/network.ts';
import { childrenOf } from './support/processes.ts';

let folder: string;
let server: CountingServer;
const running: Running[] = [];

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'kubeshark-start-'));
  chmodSync(folder, 0o777);
  server = await CountingServer.open();
});
afterEach(async () => {
  for (const one of running.splice(0)) await one.stop('SIGKILL');
  // Without the launcher the rest notices and ends.
  await until('nothing runs any more', () => processes().length === 0);
});
afterAll(() => {
  server.close();
  rmSync(folder, { recursive: true, force: true });
});

/** Processes of this test: their command line, or that of their parent, names its folder. */
function processes(): string[] {
  return readdirSync('/proc').flatMap((pid) => {
    if (!/^\d+$/.test(pid)) return [];
    try {
      const command = readFileSync(`/proc/${pid}/cmdline`, 'utf8').replaceAll('\0', ' ');
      return command.includes(folder) ? [`${pid} ${command}`] : [];
    } catch {
      return [];
    }
  });
}

function begin(args: string[], options: ConstructorParameters<typeof Running>[1] = {}): Running {
  const one = new Running(args, options);
  running.push(one);
  return one;
}

/** A page's view of a hub. */
class Client {
  readonly url: string;
  private readonly token: string;

  constructor(printed: string) {
    const { origin, hash } = new URL(printed);
    this.url = origin.replace('localhost', '127.0.0.1');
    this.token = new URLSearchParams(hash.slice(1)).get('token')!;
  }

  private async get(path: string): Promise<unknown> {
    const response = await fetch(`${this.url}/api/v1/${path}`, {
      headers: { authorization: `Bearer ${this.token}` },
    });
    if (response.status !== 200) throw new Error(`${path}: ${response.status}`);
    return await response.json();
  }

  async status(): Promise<HubStatus> {
    return (await this.get('status')) as HubStatus;
  }

  async targets(filter = 'http'): Promise<string[]> {
    const query = new URLSearchParams({ filter, limit: '1000' });
    return ((await this.get(`entries?${query}`)) as Page).rows.map((row) => row.target);
  }
}

async function clientOf(one: Running): Promise<Client> {
  return new Client((await one.says(/the page is at (http\S+)/))[1]!);
}

/** Temporary stores under a temporary folder. */
function storesIn(temporary: string): string[] {
  return readdirSync(temporary)
    .filter((name) => name.startsWith('kubeshark-'))
    .flatMap((name) => readdirSync(join(temporary, name)));
}

/** A process and all that it started, itself first. */
function familyOf(pid: number): number[] {
  return [pid, ...childrenOf(pid, '').flatMap(familyOf)];
}

const data = (name: string) => join(folder, name);

test.skipIf(!isRoot)('start: calls of this machine are in the API; Ctrl-C ends hub and worker', async () => {
  const where = ['--no-open', '--port', '0', '--data', data('live')];
  const start = begin(['start', ...where, '-i', 'lo', '--capture-filter', `tcp port ${server.port}`]);
  const client = await clientOf(start);
  await start.says(/connected to/);
  await Promise.all(Array.from({ length: 50 }, (_, i) => server.ask(`/start/${i}`)));
  await until('they are entries', async () => (await client.targets()).length === 50);
  expect((await client.targets()).toSorted()).toEqual(server.asked.toSorted());
  await until('the worker says what it captures', async () => {
    const { mode, workers } = await client.status();
    return mode === 'live' && workers[0]?.status?.capturing[0]?.interface === 'lo';
  });

  const { port } = new URL(client.url);
  const second = await kubeshark(['start', '--no-open', '--port', port, '--data', data('other')]);
  expect([second.code, second.stderr]).toEqual([
    1,
    expect.stringMatching(new RegExp(`port ${port} is taken.*--port ${Number(port) + 1}`)),
  ]);
  const third = await kubeshark(['start', '--no-open', '--port', '0', '--data', data('live')]);
  expect([third.code, third.stderr]).toEqual([
    1,
    expect.stringMatching(/in use by another hub.*--data FOLDER/),
  ]);

  expect(await start.stop('SIGINT')).toBe(0);
  expect(processes()).toEqual([]);
});

test.skipIf(!isRoot)('start again: what was kept is there', async () => {
  const client = await clientOf(
    begin(['start', '--no-open', '--port', '0', '--data', data('live'), '-i', 'lo']),
  );
  expect((await client.targets('path.startsWith("/start/")')).length).toBe(50);
});

test.skipIf(!isRoot)('start: when the launcher is killed, hub and worker end', async () => {
  const start = begin(['start', '--no-open', '--port', '0', '--data', data('killed'), '-i', 'lo']);
  await clientOf(start);
  await start.says(/connected to/);
  expect(processes().length).toBeGreaterThan(1);
  await start.stop('SIGKILL');
  await until('nothing runs any more', () => processes().length === 0);
  expect(start.text).toContain('stopping');
});

test.skipIf(!canDropRights)(
  'start without rights plays the sample; a worker with them takes its place, on the same port',
  async () => {
    const home = data('home');
    mkdirSync(home, { mode: 0o777 });
    chmodSync(home, 0o777);
    const start = begin(['start', '--no-open', '--port', '0', '--data', join(home, 'data')], {
      unprivileged: true,
    });
    const client = await clientOf(start);
    const command = (await start.says(/^ {2}sudo (.*)$/m))[1]!;
    await until('the sample plays', async () => (await client.targets()).length > 3);
    const sample = await client.status();
    expect([sample.mode, sample.captureCommand]).toEqual(['sample', `sudo ${command}`]);

    // This test is root: what sudo would do.
    const worker = spawn('sh', ['-c', `exec ${command.replace('env PATH="$PATH" ', '')}`], {
      stdio: 'ignore',
    });
    try {
      await start.says(/takes the place of the sample/);
      await until('the real hub answers', async () => {
        const status = await client.status().catch(() => null);
        return status?.mode === 'live' && status.workers.some((one) => one.connected);
      });
      await server.ask('/real');
      await until('a real call is there', async () => (await client.targets()).includes('/real'));
      // Nothing of the sample is in the user's data.
      expect(await client.targets('path.startsWith("/api/products")')).toEqual([]);
    } finally {
      worker.kill('SIGTERM');
      await new Promise((resolve) => worker.once('close', resolve));
    }
    expect(await start.stop('SIGINT')).toBe(0);
    expect(processes()).toEqual([]);
  },
);

test('hub: where it cannot listen is a message', async () => {
  const { code, stderr } = await kubeshark(['hub', '--host', '192.0.2.77', '--data', data('nowhere')]);
  expect([code, stderr]).toEqual([
    1,
    expect.stringMatching(/^kubeshark: 192\.0\.2\.77 is no address of this/),
  ]);
});

test('hub: the tokens it made let a user in and are for their owner only', async () => {
  const hub = begin(['hub', '--port', '0', '--data', data('hub')]);
  const client = await clientOf(hub);
  expect((await client.status()).workers).toEqual([]);
  const unknown = await fetch(`${client.url}/api/v1/status`);
  expect(unknown.status).toBe(401);
  expect(await hub.stop('SIGTERM')).toBe(0);
});

test.skipIf(!isRoot)('hub: the command that it prints for workers can be pasted into a shell', async () => {
  const hub = begin(['hub', '--port', '0', '--data', data("that's mine")]);
  const [, command] = await hub.says(/workers dial it with: kubeshark (worker .*)$/m);
  const worker = spawn('sh', ['-c', `exec "${process.execPath}" "${LAUNCHER}" ${command} -i lo`], {
    stdio: ['ignore', 'ignore', 'pipe'],
  });
  try {
    let said = '';
    worker.stderr.on('data', (part: Buffer) => (said += String(part)));
    await until('it says something of the hub', () => said.includes('hub') || said.includes('connected'));
    expect(said).toMatch(/connected to http:\/\/localhost:/);
  } finally {
    worker.kill('SIGTERM');
    await new Promise((resolve) => worker.once('close', resolve));
  }
});

test.skipIf(!isRoot)('start: the page at localhost is no row, at neither of its addresses', async () => {
  const start = begin(['start', '--no-open', '--port', '0', '--data', data('quiet'), '-i', 'lo']);
  const client = await clientOf(start);
  await start.says(/connected to/);
  const { port } = new URL(client.url);
  for (const address of ['127.0.0.1', '[::1]', 'localhost'])
    await fetch(`http://${address}:${port}/healthz`).catch(() => {});
  await server.ask('/after');
  await until('a call is there', async () => (await client.targets()).includes('/after'));
  expect(await client.targets(`src.port == ${port} || dst.port == ${port}`)).toEqual([]);
});

test('open: entries of the files, as the file has them; the temporary store is gone at the end', async () => {
  const store = data('temporary');
  mkdirSync(store);
  const open = begin(['open', '--no-open', '--port', '0', SAMPLE], { env: { TMPDIR: store } });
  const client = await clientOf(open);
  await open.says(/shop\.pcap\.gz: [\d,]+ packets/);
  const read = await kubeshark(['read', SAMPLE, '-o', 'ndjson', '-f', 'http']);
  const expected = read.stdout
    .trimEnd()
    .split('\n')
    .map((line) => (JSON.parse(line) as { target: string }).target);
  await until('all are there', async () => (await client.targets()).length === expected.length);
  expect((await client.targets()).toSorted()).toEqual(expected.toSorted());
  const { mode, files } = await client.status();
  expect([mode, files.length]).toEqual(['file', 1]);
  expect(await open.stop('SIGINT')).toBe(0);
  expect(storesIn(store)).toEqual([]);
});

test('the browser gets a link without the token on its command line, which leads to the page once', async () => {
  const programs = data('programs');
  mkdirSync(programs);
  const arguments_ = join(programs, 'arguments');
  writeFileSync(join(programs, 'xdg-open'), `#!/bin/sh\necho "$@" > ${arguments_}\n`, { mode: 0o755 });
  const env = { DISPLAY: ':0', PATH: `${programs}:${process.env['PATH']}` };
  const one = begin(['open', '--port', '0', SAMPLE], { env });
  const page = (await one.says(/the page is at (http\S+)/))[1]!;
  await until('it is started', () => existsSync(arguments_) && readFileSync(arguments_, 'utf8') !== '');
  const link = readFileSync(arguments_, 'utf8').trim();
  expect(link).toMatch(new RegExp(`^${new URL(page).origin}/once/[\\w-]{32}$`));
  const follow = async () => {
    const { status, headers } = await fetch(link.replace('localhost', '127.0.0.1'), { redirect: 'manual' });
    return [status, headers.get('location')];
  };
  expect(await follow()).toEqual([302, page]);
  expect(await follow()).toEqual([410, null]);
});

test('open: a store of a killed run is cleared away by the next', async () => {
  const store = data('stale');
  mkdirSync(store);
  const killed = begin(['open', '--no-open', '--port', '0', SAMPLE], { env: { TMPDIR: store } });
  await clientOf(killed);
  // All of it at once, so that nothing is left to clear away behind it.
  for (const pid of familyOf(killed.child.pid!)) process.kill(pid, 'SIGKILL');
  await killed.ends();
  expect(storesIn(store)).toHaveLength(1);
  const next = begin(['open', '--no-open', '--port', '0', SAMPLE], { env: { TMPDIR: store } });
  await clientOf(next);
  const main = childrenOf(next.child.pid!, 'main.ts')[0]!;
  expect(storesIn(store)).toEqual([expect.stringMatching(new RegExp(`^${main}-`))]);
});

test.each([
  [
    'what is no capture',
    () => [fileOf('text.txt', 'hello\n')],
    2,
    /text\.txt: this is no pcap or pcapng file/,
  ],
  ['no file', () => [data('none')], 2, /none: there is no such file/],
  ['a folder', () => [folder], 2, /it is a folder/],
])('open: %s is a message, and nothing is begun', async (_, args, status, message) => {
  const { code, stderr } = await kubeshark(['open', '--no-open', '--port', '0', ...args()]);
  expect([code, stderr]).toEqual([status, expect.stringMatching(message)]);
  expect(stderr).not.toContain('should not happen');
  expect(stderr).not.toContain('the page is at');
});

test('open: two files are both named, a copy of one is not read twice', async () => {
  const other = fileOf('other.pcap', gunzipSync(readFileSync(SAMPLE)));
  const copy = fileOf('copy.pcap', readFileSync(other));
  const open = begin(['open', '--no-open', '--port', '0', SAMPLE, other, copy]);
  const client = await clientOf(open);
  await open.says(/Ctrl-C ends it/);
  expect(open.text).toContain(`${copy}: it is the same capture as ${other}, which is read once`);
  expect(open.text).toMatch(/shop\.pcap\.gz: [\d,]+ packets\n(.*\n)*.*other\.pcap: [\d,]+ packets/);
  expect((await client.status()).files).toMatchObject([
    { name: 'shop.pcap.gz', done: true },
    { name: 'other.pcap', done: true },
  ]);
});

test('open: no place for temporary files is a message', async () => {
  const open = begin(['open', '--no-open', '--port', '0', SAMPLE], { env: { TMPDIR: data('not-there') } });
  expect(await open.ends()).toBe(2);
  expect(open.text).toMatch(/temporary files, .*not-there: nothing can be made there\. .* TMPDIR\.$/m);
});

test('open: what is no capture among others is said, the others are read', async () => {
  const open = begin(['open', '--no-open', '--port', '0', fileOf('text.txt', 'hello\n'), SAMPLE]);
  await open.says(/shop\.pcap\.gz: [\d,]+ packets/);
  expect(open.text).toMatch(/text\.txt: this is no pcap or pcapng file.*\n.*the page is at/);
});

function fileOf(name: string, text: string | Buffer): string {
  writeFileSync(data(name), text);
  return data(name);
}

test.each([
  ['--max-size', '1kB', /1kB is too small: .* At least 100MB/],
  ['--max-size', '2 many', /"2 many" is no size. Write for example 500MB or 2GB/],
  ['--max-age', 'week', /"week" is no time. Write for example 30m, 12h or 7d/],
  ['--port', '99999', /"99999" is no port/],
])('start: %s %s is a message', async (option, value, message) => {
  const { code, stderr } = await kubeshark(['start', '--no-open', '--data', data('never'), option, value]);
  expect([code, stderr]).toEqual([2, expect.stringMatching(message)]);
  expect(existsSync(data('never'))).toBe(false);
});
