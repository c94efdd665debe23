/** What has room on the page: names of the ends in the list, bodies in the details, bytes in a row. */
import { existsSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import type { Browser, Locator, Page } from 'playwright-core';
import { afterAll, beforeAll, expect, test } from 'vitest';
import {
  type CallParts,
  call,
  newHub,
  podPlace,
  type TestHub,
  TestWorker,
  USER,
} from '../packages/hub/src/testing.ts';
import { launchBrowser } from './support/page.ts';

const WEB_ROOT = fileURLToPath(new URL('../packages/web/dist', import.meta.url));
const [CLIENT, SERVER] = ['10.71.0.2', '10.72.0.2'];
/** Of two ends each, the client's and the server's. */
const LONG = ['recommendations-7d9f8b6c5d-x2lqp', 'notifications-84f6b9c7d5-m4n7k'];
const SHORT = ['recommendations-db-0', 'notifications-db-0'];
const PLACES = [...LONG, ...SHORT].map((name, i) => podPlace('shop', name, i % 2 === 0 ? CLIENT : SERVER));

let hub: TestHub;
let worker: TestWorker;
let browser: Browser;
let flow = 0;

async function store(target: string, parts: Omit<CallParts, 'sections'>, answer: [string, string | Buffer]) {
  const asked = JSON.stringify({
    order: 'ord_7Zq41',
    lines: [{ sku: 'KT-2207', quantity: 2 }],
    currency: 'EUR',
  });
  const [type, responseBody] = answer;
  const headers = Array.from({ length: 12 }, (_, i) => `X-Header-${i}: value\r\n`).join('');
  const sections = {
    requestHead: `POST ${target} HTTP/1.1\r\nContent-Type: application/json\r\n${headers}\r\n`,
    requestBody: asked,
    responseHead: `HTTP/1.1 200 OK\r\nContent-Type: ${type}\r\n${headers}\r\n`,
    responseBody,
  };
  const timestamp = Date.now() * 1_000;
  const ends = { src: CLIENT, dst: SERVER, dstPort: 8_080 };
  const record = call('', { flow: ++flow, ...ends, timestamp, elapsed: 5_000, sections, ...parts });
  await worker.store({ records: [record], places: PLACES });
}

beforeAll(async () => {
  if (!existsSync(`${WEB_ROOT}/index.html`)) throw new Error('no page is built: npm run build:web');
  [hub, browser] = await Promise.all([newHub({ webRoot: WEB_ROOT }), launchBrowser()]);
  worker = new TestWorker('layoutboot');
  await worker.connect(hub.url);
  await store('/text', {}, ['text/plain', 'first\nsecond\nthird\nfourth\nfifth\nsixth\n']);
  for (const [place, { pod }] of PLACES.entries())
    await store(`/seen-at-${pod!.name}/`, { place }, ['text/plain', 'answer']);
  const reason = { reason: `payments gave no answer, ${'and was asked again, '.repeat(10)}the end` };
  await store('/long-json', {}, ['application/json', JSON.stringify({ error: reason })]);
  await store('/bytes', {}, ['application/octet-stream', Buffer.alloc(300, '\x01\x02\xff', 'latin1')]);
});

afterAll(async () => {
  worker?.close();
  await browser?.close();
  await hub?.end();
});

async function open(width: number, height: number): Promise<Page> {
  const context = await browser.newContext({ viewport: { width, height } });
  const page = await context.newPage();
  page.setDefaultTimeout(20_000);
  await page.goto(`${hub.url}/#token=${USER}`);
  await row(page, '/bytes').waitFor();
  return page;
}

const row = (page: Page, target: string) => page.locator('.er', { hasText: target }).last();

/** Whether each of these shows its words whole. */
const whole = (cells: Locator) =>
  cells.evaluateAll((all) => all.map((cell) => cell.scrollWidth <= cell.clientWidth));

/** Whether it is wholly in view, and nothing lies over it. */
const inView = (line: Locator) =>
  line.evaluate((element) => {
    const { left, top, bottom } = element.getBoundingClientRect();
    return [top + 1, bottom - 1].every((y) => {
      const there = document.elementFromPoint(left + 20, y);
      return there !== null && element.contains(there);
    });
  });

test.each([
  [1_440, LONG],
  [1_024, SHORT],
])('names of pods are whole in a list of %i px', async (width, pods) => {
  const page = await open(width, 800);
  for (const pod of pods) {
    const its = row(page, `/seen-at-${pod}/`);
    const names = its.locator('.end > span, .rt > .name').filter({ visible: true });
    expect((await names.allTextContents()).join(' ')).toContain(pod);
    expect(await whole(names)).not.toContain(false);
    expect(await whole(its.locator('.wh'))).toEqual([true]);
  }
  await page.context().close();
});

test('a long text within JSON is broken, not clipped', async () => {
  const page = await open(1_366, 768);
  await row(page, '/long-json').click();
  const response = page.getByRole('region', { name: 'Response', exact: true });
  const line = response.locator('.jl', { hasText: 'the end' });
  await line.waitFor();
  const [lines, tree] = await Promise.all([
    line.evaluate((one) => Math.round(one.getBoundingClientRect().height / 19)),
    response.locator('.json').evaluate((all) => [all.scrollWidth, all.clientWidth] as const),
  ]);
  expect(lines).toBeGreaterThan(3);
  expect(tree[0]).toBe(tree[1]);
  await page.context().close();
});

test.each([
  1_440, 1_280,
])('beside the details of %i px both ends of a row are seen, and the longer name is cut', async (width) => {
  const page = await open(width, 800);
  await row(page, '/text').click();
  await page.locator('.half').first().waitFor();
  const ends = await row(page, '/text')
    .locator('.rt')
    .evaluate((cell) => {
      const { right } = cell.getBoundingClientRect();
      return [...cell.children].map((part) => [
        part.clientWidth,
        part.getBoundingClientRect().right <= right,
      ]);
    });
  expect(ends).toHaveLength(3);
  for (const [width, within] of ends) {
    expect(width).toBeGreaterThan(10);
    expect(within).toBe(true);
  }
  await page.context().close();
});

test('columns stand where they stood, whatever rows come', async () => {
  const page = await open(1_440, 800);
  const places = () =>
    page
      .locator('.list .cols > span')
      .evaluateAll((all) => all.map((cell) => cell.getBoundingClientRect().x));
  const before = await places();
  await store(`/${'long/'.repeat(60)}`, { elapsed: 123_456_789 }, ['text/plain', 'x']);
  await row(page, '/long/').waitFor();
  expect(await places()).toEqual(before);
  await page.context().close();
});

test.each([
  [1_024, 768],
  [1_366, 768],
])('at %i × %i both bodies are in view; headers that are opened are open of the next entry too', async (width, height) => {
  const page = await open(width, height);
  await row(page, '/text').click();
  const [request, response] = ['Request', 'Response'].map((name) =>
    page.getByRole('region', { name, exact: true }),
  ) as [Locator, Locator];
  await response.getByText('sixth').waitFor();
  // The last line of the text, and what there is of the JSON without a scroll.
  expect(
    await response.getByText('sixth').evaluate((body) => body.getBoundingClientRect().bottom),
  ).toBeLessThan(await page.locator('.status').evaluate((status) => status.getBoundingClientRect().top));
  for (const line of ['ord_7Zq41', 'lines', 'KT-2207'])
    expect(await inView(request.locator('.jl', { hasText: line }).first())).toBe(true);
  const headers = response.getByRole('button', { name: /^Headers/ });
  expect(await headers.getAttribute('aria-expanded')).toBe('false');
  expect(await response.locator('.sub').first().textContent()).toContain('Content-Type: text/plain');
  await headers.click();
  await row(page, '/bytes').click();
  await response.locator('.hex').waitFor({ state: 'attached' });
  expect(await headers.getAttribute('aria-expanded')).toBe('true');
  await page.context().close();
});

test('a row of bytes is as long as there is room for, and what is wider can be scrolled to', async () => {
  const page = await open(1_440, 900);
  await row(page, '/bytes').click();
  const hex = page.locator('.hex');
  const first = hex.locator('.hex-row').first();
  const bytes = async () => (await first.textContent())!.trim().split(/ +/).length - 2;
  await first.waitFor();
  await expect.poll(bytes).toBe(8);
  const fits = () => hex.evaluate((view) => view.scrollWidth <= view.clientWidth);
  expect(await fits()).toBe(true);
  await page.getByRole('separator', { name: 'Size of the list' }).focus();
  await page.keyboard.press('Home');
  await page.setViewportSize({ width: 1_800, height: 900 });
  await expect.poll(bytes).toBe(16);
  expect(await fits()).toBe(true);
  // Less than eight have room: the last ones are a scroll away.
  await page.keyboard.press('End');
  await page.setViewportSize({ width: 1_190, height: 900 });
  await expect.poll(bytes).toBe(8);
  await hex.evaluate((view) => view.scrollTo({ left: view.scrollWidth }));
  const [end, edge] = await first.evaluate((line) => [
    line.getBoundingClientRect().right,
    line.parentElement!.getBoundingClientRect().right,
  ]);
  expect(end).toBeLessThanOrEqual(edge);
  await page.context().close();
});
