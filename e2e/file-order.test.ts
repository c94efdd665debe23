/** Capture files that overlap in time, opened one after the other: the page shows one list, in the order of the captures' own clocks. */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Browser, Page } from 'playwright-core';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { callPackets, pcapFile } from './support/call-packets.ts';
import { until } from './support/command.ts';
import { launchBrowser, rowsOf, Stage } from './support/page.ts';

/** More than the page reads at once. */
const CALLS = 2_400;
const T0 = 1_700_000_000_000_000;

const folder = mkdtempSync(join(tmpdir(), 'kubeshark-order-'));
let browser: Browser;
let stage: Stage;
let page: Page;

/** Every other call, a second apart: what one of two captures of the same time holds. */
function capture(name: string, first: number): string {
  const packets = [];
  for (let call = first; call < CALLS; call += 2)
    for (const [i, frame] of callPackets(10_000 + call, `GET /${call} HTTP/1.1`).entries())
      packets.push({ time: T0 + call * 1_000_000 + i * 100, frame });
  const file = join(folder, name);
  writeFileSync(file, pcapFile(packets));
  return file;
}

beforeAll(async () => {
  [browser, stage] = await Promise.all([launchBrowser(), Stage.open('file')]);
  ({ page } = await stage.page(browser));
});

afterAll(async () => {
  await stage?.close();
  await browser?.close();
  rmSync(folder, { recursive: true, force: true });
});

const callNumbers = async () => (await rowsOf(page)).map((row) => Number(row.replace('GET /', '')));
const isOneRun = (numbers: number[]) => numbers.every((n, i) => i === 0 || n === numbers[i - 1]! + 1);

test('rows of the second file stand between those of the first, also for a page that was there before', async () => {
  await stage.read(capture('even.pcap', 0));
  await page.locator('.er', { hasText: `/${CALLS - 2}` }).waitFor();
  await stage.read(capture('odd.pcap', 1));
  await page.locator('.er', { hasText: `/${CALLS - 1}` }).waitFor();
  const live = await callNumbers();
  expect(live.at(-1)).toBe(CALLS - 1);
  expect(isOneRun(live)).toBe(true);
  await page.reload();
  await page.locator('.er', { hasText: `/${CALLS - 1}` }).waitFor();
  expect(await callNumbers()).toEqual(live);
});

test('older rows are read in the same order, to the first', async () => {
  await page.locator('#entries').focus();
  const seen = new Set<number>();
  await until('the first call is in view', async () => {
    await page.keyboard.press('Home');
    const numbers = await callNumbers();
    if (!isOneRun(numbers)) throw new Error(`not in order: ${numbers.join()}`);
    for (const n of numbers) seen.add(n);
    return numbers[0] === 0;
  });
  // Every page of 1,000 began where the one before ended.
  for (const n of [CALLS - 1_000, CALLS - 2_000]) expect(seen.has(n)).toBe(true);
  expect(await page.locator('.list-foot').textContent()).toMatch(/^1–\d+ of 2,400/);
});

test('the head of the time column changes the order, and the address says which', async () => {
  const head = page.getByRole('button', { name: 'Time order' });
  expect(await head.getAttribute('aria-pressed')).toBe('true');
  await head.click();
  await page.waitForURL(/order=seq/);
  // As they came here: the second file after the first.
  await expect.poll(async () => (await callNumbers()).slice(-2)).toEqual([CALLS - 3, CALLS - 1]);
  await page.goBack();
  await expect.poll(async () => (await callNumbers()).slice(-2)).toEqual([CALLS - 2, CALLS - 1]);
});

test('an entry far above in the list is not said to be left out by the filter', async () => {
  const filter = `target == "/7" || target.startsWith("/1") || target.startsWith("/2")`;
  await page.goto(`${stage.origin}/?${new URLSearchParams({ f: 'target == "/7"' })}`);
  await page.locator('.er').click();
  await page.waitForURL(/sel=/);
  const selected = new URL(page.url()).searchParams.get('sel')!;
  const asked = page.waitForResponse(/\/count\?/);
  // More than a thousand rows match, and this is the first of them.
  await page.goto(`${stage.origin}/?${new URLSearchParams({ f: filter, sel: selected })}`);
  const details = page.getByRole('region', { name: 'Entry' });
  await details.getByText('/7').first().waitFor();
  await asked;
  expect(await details.getByText('Not in the list').count()).toBe(0);
  await page.goto(`${stage.origin}/?${new URLSearchParams({ f: 'target == "/8"', sel: selected })}`);
  await details.getByText('Not in the list').waitFor();
});
