/** A call through sidecars on the page: one row, and its legs one click away. */
import { existsSync, readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { fileURLToPath } from 'node:url';
import { Head } from '@kubeshark/model';
import type { Browser, Page } from 'playwright-core';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { call, newHub, podPlace, type TestHub, TestWorker, USER } from '../packages/hub/src/testing.ts';
import { launchBrowser } from './support/page.ts';

const WEB_ROOT = fileURLToPath(new URL('../packages/web/dist', import.meta.url));
const AXE = readFileSync(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8');
const FRONT = '10.71.0.2';
const BACK = '10.72.0.2';
const REQUEST = 'POST /orders HTTP/1.1\r\nHost: back\r\nX-Request-ID: r-1\r\n\r\n';

let hub: TestHub;
let worker: TestWorker;
let browser: Browser;
let page: Page;

type Way = [src: string, dst: string, dstPort: number];

/** `flow`: each leg begins a millisecond after the one around it. */
function leg(flow: number, place: number, [src, dst, dstPort]: Way, elapsed: number): Buffer {
  const timestamp = 1_790_000_000_000_000 + flow * 1_000;
  const state = elapsed < 0 ? 'open' : 'closed';
  const sections = { requestHead: REQUEST };
  const record = call('', { flow, place, src, dst, dstPort, timestamp, elapsed, state, sections });
  record.writeUInt32LE(elapsed < 0 ? 0 : 1, Head.revision);
  return record;
}

const TO_SIDECAR: Way = ['127.0.0.1', '127.0.0.1', 15_001];
const BETWEEN: Way = [FRONT, BACK, 8_080];
const TO_SERVER: Way = ['127.0.0.6', BACK, 80];
const PLACES = [
  { ...podPlace('shop', 'front', FRONT), interface: 'lo' },
  podPlace('shop', 'front', FRONT),
  podPlace('data', 'back', BACK),
  { ...podPlace('data', 'back', BACK), interface: 'lo' },
];
const [IN_FRONT, AT_FRONT, IN_BACK] = [0, 1, 3];

beforeAll(async () => {
  if (!existsSync(`${WEB_ROOT}/index.html`)) throw new Error('no page is built: npm run build:web');
  [hub, browser] = await Promise.all([newHub({ webRoot: WEB_ROOT }), launchBrowser()]);
  worker = new TestWorker('legsboot');
  await worker.connect(hub.url);
  const context = await browser.newContext({ viewport: { width: 1440, height: 900 } });
  page = await context.newPage();
  page.setDefaultTimeout(20_000);
  await page.goto(`${hub.url}/#token=${USER}`);
  await page.locator('.status').waitFor();
});

afterAll(async () => {
  worker?.close();
  await browser?.close();
  await hub?.end();
});

const rows = () => page.locator('.er').count();

test('a leg is a row until its caller is known; then the call is one row, and says of how many legs', async () => {
  worker.send({ records: [leg(2, AT_FRONT, BETWEEN, -1)], places: PLACES });
  await expect.poll(rows).toBe(1);
  expect(await page.locator('.er .legs').count()).toBe(0);
  worker.send({ records: [leg(1, IN_FRONT, TO_SIDECAR, -1)], places: PLACES });
  await page.locator('.er .legs', { hasText: '2 legs' }).waitFor();
  expect(await rows()).toBe(1);
  await worker.store({
    records: [
      leg(3, IN_BACK, TO_SERVER, 5_000),
      leg(2, AT_FRONT, BETWEEN, 7_000),
      leg(1, IN_FRONT, TO_SIDECAR, 9_000),
    ],
    places: PLACES,
  });
  await page.locator('.er .legs', { hasText: '3 legs' }).waitFor();
  await page.locator('.list-foot', { hasText: '1–1 of 1' }).waitFor();
  expect(await page.locator('.er').textContent()).toContain('data/back');
});

test('the details list the legs; one that is chosen is shown, and the way back is there', async () => {
  await page.locator('.er').click();
  const legs = page.getByRole('group', { name: 'Legs of the call' }).getByRole('button');
  await expect.poll(() => legs.count()).toBe(3);
  const ways = (await legs.allTextContents()).map((text) =>
    /[a-z’]+[a-z ]* → (?:[a-z ]+|10\.72\.0\.2)/.exec(text)?.[0].trim(),
  );
  expect(ways).toEqual(['front → its sidecar', 'front → 10.72.0.2', 'back’s sidecar → back']);
  const findings = await page.evaluate(
    `${AXE};axe.run('.detail').then((r) => r.violations.map((v) => v.id))`,
  );
  expect(findings).toEqual([]);
  await legs.nth(2).click();
  await expect.poll(() => legs.nth(2).getAttribute('aria-current')).toBe('true');
  await page.locator('.ends', { hasText: `127.0.0.6:40000` }).waitFor();
  expect(await rows()).toBe(1);
  await legs.nth(0).click();
  await page.locator('.er.sel').waitFor();
});

test('a filter that names legs lists them', async () => {
  await page.goto(`${hub.url}/?f=is_leg`);
  await expect.poll(rows).toBe(2);
});
