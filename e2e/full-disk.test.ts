// A disk that others fill while the hub takes in: what is stored stays and is read, the page says what is wrong and what to do,
// what could not be kept is told in its place, and all goes on by itself when there is room again. On a small disk of its own.
import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync, statfsSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Entry } from '@kubeshark/model';
import type { Browser, Page } from 'playwright-core';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { until } from './support/command.ts';
import { CountingServer } from './support/counting-server.ts';
import { LocalHub } from './support/local-hub.ts';
import { isRoot } from './support/network.ts';
import { launchBrowser } from './support/page.ts';
import { Relay } from './support/relay.ts';
import { SteadyCalls } from './support/steady-calls.ts';

/** Of which the hub leaves 200 MB to others. */
const DISK = 450_000_000;
const LEFT = 30_000_000;
/** An eighth of it is a slice: history is several of them. */
const MAX_SIZE = '100MB';
/** In a header, which is not left out as a body is. What waits for the store in quiet times, two seconds, is a third of the spool. */
const FILLING = 'x'.repeat(8_000);
const SPOOL = '16MB';
const GIVEN_UP = 200;

let mount: string;
let hub: LocalHub;
let server: CountingServer;
let relay: Relay;
let load: SteadyCalls;
let browser: Browser;
let page: Page;

beforeAll(async () => {
  if (!isRoot) return;
  mount = mkdtempSync(join(tmpdir(), 'kubeshark-disk-'));
  execFileSync('mount', ['-t', 'tmpfs', '-o', `size=${DISK}`, 'tmpfs', mount]);
  server = await CountingServer.open();
  server.headers = { 'x-filling': FILLING };
  hub = await LocalHub.start({ data: mount, args: ['--max-size', MAX_SIZE] });
  relay = await Relay.open(hub.url);
  const captured = ['-i', 'lo', '--capture-filter', `tcp port ${server.port}`];
  await hub.worker([...captured, '--spool-size', SPOOL], { hub: relay.url });
  browser = await launchBrowser();
});

afterAll(async () => {
  if (!isRoot) return;
  await browser?.close();
  await load?.stop();
  await hub?.stop();
  await relay?.close();
  server?.close();
  execFileSync('umount', ['-l', mount]);
  rmSync(mount, { recursive: true });
});

async function shown(filter: string): Promise<void> {
  page = await browser.newPage({ viewport: { width: 1_440, height: 900 } });
  await page.goto(`${hub.url}/?f=${encodeURIComponent(filter)}#token=${hub.token}`);
  await page.locator('.er').first().waitFor();
}

/** The counters of the store, from the metrics. */
async function counters(): Promise<Record<string, number>> {
  const metrics = await (
    await fetch(`${hub.url}/metrics`, { headers: { authorization: `Bearer ${hub.token}` } })
  ).text();
  const found = metrics.matchAll(/^kubeshark_store\S*\{name="(\w+)"\} (\d+)/gm);
  return Object.fromEntries([...found].map(([, name, value]) => [name!, Number(value)]));
}

test.skipIf(!isRoot)(
  'a full disk under load (needs root for a disk of its own)',
  async () => {
    load = new SteadyCalls(server);
    await until('there is history', async () => ((await counters())['slices'] ?? 0) > 2, 60_000);
    await shown('path.endsWith("00")');

    const filler = join(mount, 'filler');
    const { bavail, bsize } = statfsSync(mount);
    execFileSync('fallocate', ['-l', String(bavail * bsize - LEFT), filler]);
    const filledAt = Date.now() * 1_000;
    await until('the disk is found full', async () => (await hub.status()).store.state === 'disk_full');
    const acknowledged = relay.acknowledgedIds();
    await until('entries are given up', async () => (await hub.givenUp()) > GIVEN_UP, 60_000);

    // Nothing more was stored, and what was is there: in the list, one by one, and for those who search.
    expect(relay.acknowledgedIds()).toEqual(acknowledged);
    const { rows } = await hub.calls();
    const kept = new Set(rows.map((row) => row.id));
    expect(acknowledged.filter((id) => !kept.has(id))).toEqual([]);
    const oldest = rows.toSorted((a, b) => a.seq - b.seq)[0]!;
    const entry = await hub.ask<Entry>(`/entries/${oldest.id}`);
    expect(entry.response?.body?.text).toBe(`answer to ${oldest.target}`);
    expect(entry.response?.headers).toContainEqual(['x-filling', FILLING]);
    expect(await hub.count('response.body == "answer to /call/77"')).toBe(1);
    const banner = page.locator('.banner.bad');
    expect(await banner.textContent()).toMatch(
      /^The disk of .* is full: [\d.]+ MB must be free, [\d.]+ MB are\. New entries wait, .* Make room there/,
    );

    rmSync(filler);
    const freedAt = Date.now() * 1_000;
    await until('there is room again', async () => (await hub.status()).store.state === 'ok');
    await banner.waitFor({ state: 'detached' });
    await until('entries are stored again', () => relay.acknowledgedIds().length > acknowledged.length + 500);
    const storedAt = Date.now() * 1_000;
    await sleep(1_000);
    await load.stop();

    const account = await hub.accountOf(load.calls);
    const { packetsDropped } = await hub.status();
    console.log(
      `${load.calls} calls, ${acknowledged.length} stored before, ${account.rows.length} in the end, ${account.missing} told as missing`,
    );
    const untold = load.calls - account.rows.length - account.missing;
    expect({ untold, packetsDropped }).toSatisfy(() => untold >= 0 && untold <= packetsDropped);
    expect(account.missing).toBeGreaterThan(0);
    for (const { from, to } of account.losses.filter(({ cause }) => cause !== 'ring_full')) {
      expect(from).toBeGreaterThan(filledAt - 1_000_000);
      expect(to).toBeLessThan(storedAt + 10_000_000);
    }
    expect(Math.max(...account.rows.map((row) => row.timestamp))).toBeGreaterThan(freedAt);
    const stored: string[] = [];
    for await (const { rows: some } of hub.pages({ flows: 'true' }))
      stored.push(...some.map((row) => row.id));
    expect(stored).toHaveLength(new Set(stored).size);
    const all = new Set(stored);
    expect(relay.acknowledgedIds().filter((id) => !all.has(id))).toEqual([]);
    expect(await counters()).toMatchObject({ disk_full: 1, restarts: 0, rows_dropped: 0 });
    await page
      .locator('.divider.loss', { hasText: /entries were not kept between/ })
      .first()
      .waitFor();
  },
  150_000,
);
