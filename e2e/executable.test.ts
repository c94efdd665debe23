// The command as one file, where there is no checkout and no Node: what `npm run build` makes is whole.
import { copyFileSync, existsSync, mkdirSync, mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { HubStatus } from '@kubeshark/model';
import { afterAll, beforeAll, expect, onTestFinished, test } from 'vitest';
import { ROOT, VERSION } from '../scripts/release/bundle.ts';
import { buildExecutable } from '../scripts/release/executable.ts';
import { kubeshark, Running, SAMPLE, until } from './support/command.ts';
import { CountingServer } from './support/counting-server.ts';
import { isRoot } from './support/network.ts';
import { childrenOf } from './support/processes.ts';

const TESTED = process.platform === 'linux' && existsSync(join(ROOT, 'packages/web/dist/index.html'));

const folder = mkdtempSync(join(tmpdir(), 'kubeshark-executable-'));
const home = join(folder, 'home');
const program = join(folder, 'kubeshark');
/** Root hides the checkout from the command; others only start it elsewhere. */
const alone = isRoot
  ? ['unshare', '--mount', 'sh', '-c', `mount -t tmpfs none '${ROOT}' && cd / && exec "$@"`, 'sh']
  : [];

beforeAll(async () => {
  if (!TESTED) return;
  mkdirSync(home, { mode: 0o700 });
  copyFileSync(SAMPLE, join(folder, 'sample.pcap.gz'));
  await buildExecutable(
    process.arch === 'arm64' ? 'linux-arm64' : 'linux-x64',
    program,
    join(folder, 'work'),
  );
}, 300_000);
afterAll(() => rmSync(folder, { recursive: true, force: true }));

function begin(...args: string[]): Running {
  return new Running(args, {
    program: [...alone, program],
    env: { HOME: home, XDG_CACHE_HOME: '', XDG_DATA_HOME: '', PATH: '/usr/sbin:/usr/bin:/sbin:/bin' },
  });
}

const unpackedFolders = (): string[] => {
  const cache = join(home, '.cache/kubeshark');
  return existsSync(cache) ? readdirSync(cache).filter((name) => name.startsWith('app-')) : [];
};

test.skipIf(!TESTED)(
  'it says its version, and reads a file as the sources do; nothing is unpacked for that',
  async () => {
    const version = begin('version', '--client');
    expect(await version.ends()).toBe(0);
    expect(version.stdout).toBe(`kubeshark ${VERSION} (Node ${process.version}, linux/${process.arch})\n`);

    const args = ['read', join(folder, 'sample.pcap.gz'), '-o', 'ndjson'];
    const read = begin(...args);
    expect(await read.ends()).toBe(0);
    const expected = await kubeshark(args);
    expect(read.stdout.split('\n').length).toBeGreaterThan(100);
    expect(read.stdout).toBe(expected.stdout);
    expect(unpackedFolders()).toEqual([]);
  },
);

test.skipIf(!TESTED)(
  'start: page, hub, store and worker run out of the one file, and end with it',
  async () => {
    const server = await CountingServer.open();
    onTestFinished(() => server.close());
    const start = begin('start', '--port', '0', '--no-open');
    const [printed] = await start.says(/http:\/\/localhost:\d+\/#token=\S+/, 60_000);
    const { origin, hash } = new URL(printed);
    const page = await fetch(origin);
    expect(page.status).toBe(200);
    expect(await page.text()).toContain('<div id="root">');
    const headers = { authorization: `Bearer ${new URLSearchParams(hash.slice(1)).get('token')}` };
    const status = async () =>
      (await (await fetch(`${origin}/api/v1/status`, { headers })).json()) as HubStatus;
    const called = async () => {
      await server.ask('/');
      return (await status()).entries > 0;
    };
    await until('a call is stored', called, 60_000);
    expect((await status()).mode).toBe(isRoot ? 'live' : 'sample');
    const parts = ['store/child.js', ...(isRoot ? ['worker\0--hub'] : [])];
    const children = parts.flatMap((part) => childrenOf(start.child.pid!, part));
    expect(children).toHaveLength(parts.length);
    expect(unpackedFolders()).toHaveLength(1);
    expect(await start.stop('SIGINT')).toBe(0);
    expect(children.filter((pid) => existsSync(`/proc/${pid}`))).toEqual([]);
  },
);
