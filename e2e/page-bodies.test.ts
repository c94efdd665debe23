/** No body stops the page, whatever it consists of. */
import { gzipSync } from 'node:zlib';
import type { Browser, Page } from 'playwright-core';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { launchBrowser, Stage } from './support/page.ts';
import type { TestWorker } from './support/test-worker.ts';

let browser: Browser;
let stage: Stage;
let page: Page;
let worker: TestWorker;

beforeAll(async () => {
  [browser, stage] = await Promise.all([launchBrowser(), Stage.open()]);
  ({ page } = await stage.page(browser));
  worker = stage.worker();
});

afterAll(async () => {
  await stage?.close();
  await browser?.close();
});

/**
 * The page may do nothing else for so long, ms: it takes a tenth of it on a machine that has nothing else to do, and took more
 * than 25 s for the first of these bodies.
 */
const LONGEST_BLOCK = 2_000;

/** The longest time for which the page answered nobody, while `act` was done. */
async function longestBlock(act: () => Promise<void>): Promise<number> {
  await page.evaluate(() => {
    let last = performance.now();
    const watch = { longest: 0, timer: 0 };
    watch.timer = window.setInterval(() => {
      watch.longest = Math.max(watch.longest, performance.now() - last);
      last = performance.now();
    }, 10);
    Object.assign(window, { watch });
  });
  await act();
  return await page.evaluate(async () => {
    await new Promise((resolve) => requestAnimationFrame(() => setTimeout(resolve, 50)));
    const { watch } = window as unknown as { watch: { longest: number; timer: number } };
    clearInterval(watch.timer);
    return watch.longest;
  });
}

const BYTES = 'application/octet-stream';
test.each<[what: string, type: string, body: Buffer, opens: 'Hex' | 'Pretty' | null]>([
  ['control', BYTES, Buffer.alloc(2e5, 1), 'Hex'],
  ['more-control', BYTES, Buffer.alloc(5e6, 1), 'Hex'],
  ['nul', BYTES, Buffer.alloc(5e6), null],
  ['one-line', 'text/plain', Buffer.alloc(5e6, 'x'), 'Pretty'],
  ['line-ends', 'text/plain', Buffer.alloc(1e6, '\n'), 'Pretty'],
  ['right-to-left-marks', 'text/plain', Buffer.alloc(999_999, '\u200f'), 'Hex'],
  ['right-to-left', 'text/plain', Buffer.alloc(1e6, '\u0645\u0631\u062d\u0628\u0627'), 'Pretty'],
  ['combining', 'text/plain', Buffer.alloc(1e6, '\u0301'), 'Pretty'],
  ['some-control', 'text/plain', Buffer.alloc(1e6, 'abcdefghijklmno\u0001'), 'Pretty'],
  ['form', 'application/x-www-form-urlencoded', Buffer.alloc(1e6, 'a\u0001'), 'Pretty'],
  ['long-form', 'application/x-www-form-urlencoded', Buffer.alloc(1e6, 'a'), 'Pretty'],
  ['json', 'application/json', Buffer.from(JSON.stringify({ ['k'.repeat(1e5)]: 'v'.repeat(1e5) })), 'Pretty'],
  ['long-json', 'application/json', Buffer.from(JSON.stringify(Array(1e6).fill(1))), 'Pretty'],
])('%s', { timeout: 60_000 }, async (what, type, body, opens) => {
  const coded = gzipSync(body).toString('latin1');
  const head = `Content-Type: ${type}\r\nContent-Encoding: gzip\r\nContent-Length: ${coded.length}`;
  worker.call(`POST /${what}/ HTTP/1.1\r\n${head}`, `HTTP/1.1 200 OK\r\n${head}`, coded, coded);
  const row = page.locator('.er', { hasText: `/${what}/` });
  await row.waitFor();
  const details = page.getByRole('region', { name: 'Entry' });
  const response = details.getByRole('region', { name: 'Response', exact: true });
  const opened = await longestBlock(async () => {
    await row.click();
    await details.getByRole('heading', { level: 1, name: `/${what}/` }).waitFor();
    for (const name of ['Request', 'Response'])
      await details
        .getByRole('region', { name, exact: true })
        .getByRole('heading', { name: 'Body' })
        .waitFor();
  });
  expect(opened).toBeLessThan(LONGEST_BLOCK);
  if (opens === null) {
    expect(await response.getByRole('group', { name: 'Bytes' }).textContent()).toContain('00 00 00');
    return;
  }
  const views = response.getByRole('group', { name: 'Response body as' });
  expect(await views.locator('[aria-pressed=true]').textContent()).toBe(opens);
  const raw = await longestBlock(async () => {
    await views.getByRole('button', { name: 'Raw' }).click();
    await response.getByRole('group', { name: 'Response body', exact: true }).waitFor();
  });
  expect(raw).toBeLessThan(LONGEST_BLOCK);
});
