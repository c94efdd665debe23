/** The filter bar and the time strip in a real browser, on a real hub with the sample capture, under its strict policy. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { type Hub, startHub } from '@kubeshark/hub';
import { FileAgent } from '@kubeshark/worker';
import type { Browser, BrowserContext, Page } from 'playwright-core';
import { afterAll, afterEach, beforeAll, beforeEach, expect, test } from 'vitest';
import { launchBrowser } from './support/page.ts';

const file = (path: string) => fileURLToPath(new URL(`../${path}`, import.meta.url));
const dataFolder = mkdtempSync(join(tmpdir(), 'kubeshark-filter-'));
let hub: Hub;
let browser: Browser;
let context: BrowserContext;
let page: Page;
let complaints: string[];

beforeAll(async () => {
  hub = await startHub({
    host: '127.0.0.1',
    port: 0,
    version: 'test',
    dataFolder,
    userToken: 'user-token',
    workerToken: 'worker-token',
    maxBytes: 1e15,
    maxAgeMs: 1e15,
    mode: 'file',
    webRoot: file('packages/web/dist'),
  });
  await new FileAgent({
    file: file('packages/cli/sample/shop.pcap.gz'),
    hub: `http://127.0.0.1:${hub.port}`,
    token: 'worker-token',
    version: 'test',
    decodeAs: new Map(),
  }).run();
  browser = await launchBrowser();
  // One context: what the browser keeps of the page is there for the next test.
  context = await browser.newContext({ viewport: { width: 1440, height: 900 } });
});

afterAll(async () => {
  await browser?.close();
  await hub?.close();
  rmSync(dataFolder, { recursive: true, force: true });
});

beforeEach(async () => {
  page = await context.newPage();
  complaints = [];
  page.on('pageerror', (error) => complaints.push(error.message));
  page.on('console', (message) => {
    if (message.type() === 'error') complaints.push(message.text());
  });
  await page.goto(`http://localhost:${hub.port}/#token=user-token`);
  await page.locator('.lane-failed').first().waitFor({ state: 'attached' });
});

afterEach(async () => {
  await page.close();
  if (complaints.length > 0) throw new Error(`The browser complained: ${complaints.join('; ')}`);
});

const editor = () => page.getByRole('textbox', { name: 'Filter' });
const note = () => page.locator('.filterbar .note');
const focused = () => page.evaluate(() => document.activeElement?.id);
const filterOf = () => new URL(page.url()).searchParams.get('f');
const SOON = { timeout: 20_000 };

test('completion goes from field to operator to a value of the traffic, and Enter applies', async () => {
  await page.keyboard.press('/');
  await page.keyboard.type('dst.na');
  await page.getByRole('option', { name: /^name / }).waitFor();
  await page.keyboard.press('Tab');
  await page.getByRole('option', { name: /^==/ }).waitFor();
  await page.keyboard.press('Tab');
  await page.getByRole('option', { name: /^"gateway/ }).waitFor();
  await page.keyboard.type('"cat');
  const catalog = page.getByRole('option', { name: /^"catalog[^"]*" [\d,]+$/ });
  await catalog.waitFor();
  await expect.poll(() => page.getByRole('option', { name: /^"gateway/ }).count(), SOON).toBe(0);
  await page.keyboard.press('Tab');
  await expect.poll(() => editor().textContent(), SOON).toMatch(/^dst\.name == "catalog[^"]*"$/);
  await page.keyboard.press('Enter');
  await expect.poll(filterOf, SOON).toMatch(/^dst\.name == "catalog/);
  await expect.poll(() => note().textContent(), SOON).toMatch(/^\d+ of \d+ · \d+ ms$/);
});

test('a wrong field is named, its fix is one Enter away', async () => {
  await page.keyboard.press('/');
  await page.keyboard.type('statuss == "503"');
  await page.keyboard.press('Enter');
  await expect
    .poll(() => page.locator('.filter-message p').textContent(), SOON)
    .toBe('statuss is not a field. Did you mean status?');
  expect(filterOf()).toBeNull();
  await page.keyboard.press('Enter');
  await expect.poll(filterOf, SOON).toBe('status == "503"');
});

test('plain words look for a text; Alt+F switches off and on; Esc twice clears', async () => {
  await page.keyboard.press('/');
  await page.keyboard.type('KT-2222');
  await page.getByRole('option', { name: /^Look for "KT-2222"/ }).waitFor();
  await page.keyboard.press('Enter');
  await expect.poll(filterOf, SOON).toContain('request.body.contains("KT-2222")');
  await page.keyboard.press('Alt+f');
  await expect.poll(() => note().textContent(), SOON).toBe('switched off');
  await page.keyboard.press('Alt+f');
  await expect.poll(() => note().textContent(), SOON).toMatch(/^\d+ of/);
  await page.keyboard.press('Escape');
  await page.keyboard.press('Escape');
  await expect.poll(() => page.url(), SOON).not.toContain('f=');
  await expect.poll(() => note().textContent(), SOON).toBe('no filter');
});

test('Esc closes the offers, then leaves the text as it is; the filter in force comes back by its button', async () => {
  await page.keyboard.press('/');
  await page.keyboard.type('http');
  await page.keyboard.press('Enter');
  await expect.poll(filterOf, SOON).toBe('http');
  await page.keyboard.press('/');
  await page.keyboard.type(' && dst.na');
  await page.getByRole('option', { name: /^name / }).waitFor();
  await page.keyboard.press('Escape');
  await expect.poll(() => page.getByRole('option', { name: /^name / }).count(), SOON).toBe(0);
  await page.keyboard.press('Escape');
  await expect.poll(focused, SOON).toBe('entries');
  // What is wrong with it is said now that the reader has left it.
  await page.locator('.filter-message').waitFor();
  expect(await editor().textContent()).toBe('http && dst.na');
  await page.getByRole('button', { name: 'Back to the filter in force' }).click();
  await expect.poll(() => editor().textContent(), SOON).toBe('http');
  // It was typed, so undo brings it back.
  await page.keyboard.press('Control+z');
  await expect.poll(() => editor().textContent(), SOON).toBe('http && dst.na');
  expect(filterOf()).toBe('http');
});

test('a past filter that is picked is in force, and the list has the keys; without a pick the editor has them', async () => {
  await page.keyboard.press('/');
  await page.keyboard.type('status_code >= 500');
  await page.keyboard.press('Enter');
  await expect.poll(focused, SOON).toBe('entries');
  await page.getByRole('button', { name: 'Clear' }).click();
  await expect.poll(filterOf, SOON).toBeNull();
  await page.keyboard.press('/');
  await page.keyboard.press('Alt+ArrowUp');
  const past = page.getByRole('menuitem', { name: 'status_code >= 500' });
  await past.waitFor();
  await page.keyboard.press('Escape');
  await past.waitFor({ state: 'detached' });
  await expect.poll(() => page.locator('.editor.focus').count(), SOON).toBe(1);
  await page.keyboard.press('Alt+ArrowUp');
  await past.click();
  await expect.poll(filterOf, SOON).toBe('status_code >= 500');
  await past.waitFor({ state: 'detached' });
  await expect.poll(focused, SOON).toBe('entries');
});

test('letters typed into the filter are text, not keys of the page', async () => {
  await page.keyboard.press('/');
  await page.keyboard.type('?gnj ');
  await expect.poll(() => editor().textContent(), SOON).toBe('?gnj ');
  expect(await page.getByRole('dialog').count()).toBe(0);
});

test('a tally is a filter, and taken out again', async () => {
  const tally = page.locator('.tally button').first();
  const count = await tally.locator('b').textContent();
  await tally.click();
  await expect.poll(filterOf, SOON).toBe('outcome == "server_error"');
  await expect.poll(() => note().textContent(), SOON).toContain(`${count} of `);
  await tally.click();
  await expect.poll(filterOf).toBeNull();
});

test('a range is dragged and undone, and chosen by keys', async () => {
  const range = () => {
    const { searchParams } = new URL(page.url());
    return [searchParams.get('from'), searchParams.get('to')];
  };
  const plot = page.getByRole('slider', { name: /^Calls over time/ });
  const { x, y, width, height } = (await plot.boundingBox())!;
  await page.mouse.move(x + width * 0.25, y + height / 2);
  await page.mouse.down();
  await page.mouse.move(x + width * 0.75, y + height / 2, { steps: 4 });
  await page.mouse.up();
  await expect.poll(() => Number(range()[1]) - Number(range()[0]), SOON).toBeGreaterThan(10_000_000);
  await page.keyboard.press('Escape');
  await expect.poll(range, SOON).toEqual([null, null]);
  await page.keyboard.press('Shift+Home');
  await page.keyboard.press('Shift+PageUp');
  await expect.poll(() => plot.getAttribute('aria-valuetext'), SOON).toMatch(/ – .* \d+ entries/);
  await page.keyboard.press('Enter');
  await expect.poll(() => range()[0], SOON).not.toBeNull();
});
