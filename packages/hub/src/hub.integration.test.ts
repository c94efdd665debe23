// A hub that ends or is killed and starts again: what workers send is there once, and a page that goes on has all of it.
import type { ChildProcess } from 'node:child_process';
import { spawn } from 'node:child_process';
import { existsSync, mkdtempSync, rmSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import type { HubStatus, ListRow, Page } from '@kubeshark/model';
import { API_PREFIX } from '@kubeshark/model';
import { expect, onTestFinished, test } from 'vitest';
import type { HubLimits, HubSettings } from './index.ts';
import { call, newHub, TestPage, TestWorker, USER, WORKER } from './testing.ts';

function newFolder(): string {
  const folder = mkdtempSync(join(tmpdir(), 'kubeshark-hub-'));
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
  return folder;
}

/** Calls from the `from`-th on. */
const calls = (from: number, count: number): Buffer[] =>
  Array.from({ length: count }, (_, i) => call(`/${from + i}`, { flow: 1, index: from + i }));

async function storedRows(url: string): Promise<ListRow[]> {
  const rows: ListRow[] = [];
  for (let cursor: string | null = ''; cursor !== null; ) {
    const query = cursor === '' ? '' : `&cursor=${cursor}`;
    const response: Response = await fetch(`${url}${API_PREFIX}/entries?limit=500${query}`, {
      headers: { authorization: `Bearer ${USER}` },
    });
    const page = (await response.json()) as Page;
    rows.unshift(...page.rows);
    cursor = page.older;
  }
  return rows;
}

async function statusOf(url: string): Promise<HubStatus> {
  const headers = { authorization: `Bearer ${USER}` };
  return (await (await fetch(`${url}${API_PREFIX}/status`, { headers })).json()) as HubStatus;
}

const indexOf = ({ target }: ListRow): number => Number(target.slice(1));
const upTo = (count: number): number[] => Array.from({ length: count }, (_, i) => i + 1);

test('a hub that is closed stores what it holds, and the next one goes on above it', async () => {
  const begun = Date.now() * 1_000;
  const dataFolder = newFolder();
  const before = await newHub({ dataFolder }, { holdMs: 60_000 });
  const worker = new TestWorker('closeboot1');
  await worker.connect(before.url);
  worker.send({ records: calls(1, 20) });
  const page = new TestPage(before.url);
  await page.subscribe();
  const { cursor } = await page.hears('history');
  await page.hears('rows', (m) => m.rows.some((row) => indexOf(row) === 20));
  const told = page.list;
  const { since } = (await statusOf(before.url)).store;
  expect(since).toBeGreaterThan(begun - 1_000_000);
  expect(since).toBeLessThan(begun + 60_000_000);
  expect(worker.stored).toBe(0);
  await before.close();

  const after = await newHub({ dataFolder });
  expect((await statusOf(after.url)).store.since).toBe(since);
  onTestFinished(() => after.close());
  await worker.connect(after.url);
  expect(worker.stored).toBe(1);
  await worker.store({ records: calls(21, 1) });
  const rows = await storedRows(after.url);
  expect(rows.slice(0, -1)).toEqual(told);
  expect(rows.at(-1)!.seq).toBeGreaterThan(told.at(-1)!.seq);
  const resumed = new TestPage(after.url);
  await resumed.subscribe('', { after: cursor });
  await resumed.hears('history');
  expect(resumed.list.map(indexOf)).toContain(21);
  for (const peer of [worker, page, resumed]) peer.close();
});

/** A hub in a process of its own, that can be killed. */
async function spawnHub(settings: HubSettings, limits: Partial<HubLimits>): Promise<ChildProcess> {
  const program = `
    import { startHub } from ${JSON.stringify(new URL('./index.ts', import.meta.url).href)};
    await startHub(...JSON.parse(process.argv[1]));
    console.log('listens');`;
  const flags = ['--disable-warning=ExperimentalWarning', '--input-type=module', '--eval', program];
  const child = spawn(process.execPath, [...flags, JSON.stringify([settings, limits])], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  // Also when the test fails before it comes to its own kill.
  onTestFinished(() => void child.kill('SIGKILL'));
  await new Promise<void>((resolve, reject) => {
    child.stdout.once('data', () => resolve());
    child.once('exit', (code) => reject(new Error(`the hub ended: ${code}`)));
  });
  return child;
}

async function kill(child: ChildProcess): Promise<void> {
  const gone = new Promise((resolve) => child.once('exit', resolve));
  child.kill('SIGKILL');
  await gone;
}

async function freePort(): Promise<number> {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as { port: number };
  await new Promise((resolve) => server.close(resolve));
  return port;
}

test('a hub that is killed under load loses nothing and stores nothing twice; a page misses nothing', async () => {
  const port = await freePort();
  const url = `http://127.0.0.1:${port}`;
  const settings: HubSettings = {
    host: '127.0.0.1',
    port,
    version: '1.2.3',
    dataFolder: newFolder(),
    userToken: USER,
    workerToken: WORKER,
    maxBytes: 1e9,
    maxAgeMs: 1e10,
    mode: 'live',
    webRoot: null,
    logLevel: 'error',
  };
  const limits = { holdMs: 60, commitMs: 10 };
  const worker = new TestWorker('killedboot');
  /** What a page has that goes on over all of it. */
  const seen = new Map<string, ListRow>();
  let cursor: string | undefined;
  let sent = 0;
  // Many kills at random moments, of worker and store too, are an end-to-end test: each life costs a second.
  const KILLS = 1;
  for (let life = 0; life <= KILLS; life++) {
    const child = await spawnHub(settings, limits);
    await worker.connect(url);
    worker.resend();
    const page = new TestPage(url);
    await page.subscribe('', cursor === undefined ? {} : { after: cursor });
    for (let i = 0; i < 15; i++) {
      worker.send({ records: calls(sent + 1, 10) });
      sent += 10;
      await sleep(Math.random() * 20);
    }
    await page.hears('history');
    if (life === KILLS) {
      await worker.storedUpTo(sent / 10);
      await page.hears('rows', (m) => m.rows.some((row) => indexOf(row) === sent));
    }
    for (const row of page.rows) seen.set(row.id, row);
    for (const message of page.heard)
      if (message.type === 'history' || (message.type === 'rows' && message.live)) cursor = message.cursor;
    if (life === KILLS) {
      const stored = await storedRows(url);
      expect(stored.map(indexOf).toSorted((a, b) => a - b)).toEqual(upTo(sent));
      expect(stored.map((row) => row.seq)).toEqual(stored.map((row) => row.seq).toSorted((a, b) => a - b));
    }
    page.close();
    await kill(child);
  }
  expect([...seen.values()].map(indexOf).toSorted((a, b) => a - b)).toEqual(upTo(sent));
  worker.close();
});

test('a port that is taken is said at once, and nothing is left behind', async () => {
  const hub = await newHub();
  onTestFinished(() => hub.end());
  const dataFolder = join(newFolder(), 'data');
  await expect(newHub({ port: hub.port, dataFolder })).rejects.toMatchObject({
    code: 'EADDRINUSE',
    port: hub.port,
  });
  expect(existsSync(dataFolder)).toBe(false);
});

test('a sample sends workers that capture away for now, says that one came, and takes files', async () => {
  let came = 0;
  const hub = await newHub({
    mode: 'sample',
    captureCommand: 'sudo kubeshark worker',
    onLiveWorker: () => came++,
  });
  onTestFinished(() => hub.end());
  const live = new TestWorker('liveboot02');
  await expect(live.connect(hub.url)).rejects.toThrow('try again in a moment');
  expect(came).toBe(1);
  const file = new TestWorker('fileboot02', 'file');
  await file.connect(hub.url);
  file.tell({ type: 'progress', fraction: 0.5, done: false, packets: 10 });
  await file.store({ records: calls(1, 1) });
  const status = (await (await hub.get(`${API_PREFIX}/status`)).json()) as HubStatus;
  expect(status).toMatchObject({ mode: 'sample', captureCommand: 'sudo kubeshark worker', workers: [] });
  expect(status.files).toEqual([{ name: 'a.pcap', fraction: 0.5, done: false }]);
  expect(await (await hub.get('/')).text()).toContain('npm run build:web');
  file.close();
});
