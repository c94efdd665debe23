/** The page over a real hub in a real browser: rows come live, are found, opened, filtered, and what is shown is a link. */
import type { Browser, Page } from 'playwright-core';
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest';
import { until } from './support/command.ts';
import { launchBrowser, rowsOf, Stage } from './support/page.ts';
import type { TestWorker } from './support/test-worker.ts';

let browser: Browser;
let stage: Stage;
let worker: TestWorker;
let page: Page;
let errors: string[];

beforeAll(async () => {
  [browser, stage] = await Promise.all([launchBrowser(), Stage.open()]);
  worker = stage.worker();
  for (let n = 1; n <= 60; n++) {
    if (n % 20 === 0)
      worker.call(`POST /orders/${n} HTTP/1.1`, 'HTTP/1.1 503 Unavailable\r\nContent-Length: 4', 'busy');
    else worker.call(`GET /items/${n} HTTP/1.1`);
  }
  ({ page, errors } = await stage.page(browser));
  await page.getByText('60 of 60 shown').waitFor();
});

beforeEach(async () => {
  if (page.url() === `${stage.origin}/`) return;
  await page.goto(`${stage.origin}/`);
  await page.locator('.er').first().waitFor();
});

afterAll(async () => {
  await stage?.close();
  await browser?.close();
});

const selected = () => page.locator('.er.sel .wh');

test('the token leaves the address bar', () => {
  expect(page.url()).toBe(`${stage.origin}/`);
});

test('a click opens the details of a call, Esc closes them', async () => {
  await page.locator('.er', { hasText: '/orders/60' }).click();
  const details = page.getByRole('region', { name: 'Entry' });
  await details.getByText('503').first().waitFor();
  await details.getByText('busy').waitFor();
  expect(new URL(page.url()).searchParams.get('sel')).toMatch(/^[0-9a-z]+\.[0-9a-z]+\.[0-9a-z]+@\d{16}$/);
  await page.keyboard.press('Escape');
  await details.waitFor({ state: 'detached' });
  expect(page.url()).toBe(`${stage.origin}/`);
});

test('keys move, and find failures', async () => {
  await page.locator('#entries').focus();
  await page.keyboard.press('Shift+N');
  await expect.poll(() => selected().textContent()).toBe('POST /orders/60');
  await page.keyboard.press('Shift+N');
  await expect.poll(() => selected().textContent()).toBe('POST /orders/40');
  await page.keyboard.press('j');
  await expect.poll(() => selected().textContent()).toBe('GET /items/41');
  await page.keyboard.press('ArrowUp');
  await page.keyboard.press('n');
  await expect.poll(() => selected().textContent()).toBe('POST /orders/60');
  await page.keyboard.press('?');
  await page.getByRole('dialog', { name: 'Keys' }).waitFor();
  await page.keyboard.press('Escape');
  await page.getByRole('dialog').waitFor({ state: 'detached' });
  expect(await selected().textContent()).toBe('POST /orders/60');
});

test('keys that have nothing to do say so in the status line', async () => {
  await page.keyboard.press('Home');
  for (let i = 0; i < 4; i++) await page.keyboard.press('Shift+N');
  const said = page.locator('.status [role="status"]');
  await expect.poll(() => said.textContent()).toBe('No earlier failure');
  await page.setViewportSize({ width: 1024, height: 768 });
  await page.keyboard.press('Shift+R');
  await expect.poll(() => said.textContent()).toBe('In a window as narrow as this all rows are low');
  await page.keyboard.press('Shift+D');
  await expect.poll(() => said.textContent()).toBe('The window is too narrow for details beside the list');
  expect(await page.locator('.tally button').first().innerText()).toMatch(/server errors/);
  await page.setViewportSize({ width: 1440, height: 900 });
});

test('a filter is typed, applied, stands in the address, and back undoes it', async () => {
  await page.keyboard.press('/');
  await page.keyboard.type('status_code >= 500');
  await page.keyboard.press('Enter');
  await page.getByText('3 of 60 shown').waitFor();
  expect(await rowsOf(page)).toEqual(['POST /orders/20', 'POST /orders/40', 'POST /orders/60']);
  expect(new URL(page.url()).searchParams.get('f')).toBe('status_code >= 500');
  await page.reload();
  await page.getByText('3 of 60 shown').waitFor();
  await page.goBack();
  await page.getByText('60 of 60 shown').waitFor();
  await page.goForward();
  await page.getByText('3 of 60 shown').waitFor();
});

test('a value of the details becomes a condition', async () => {
  await page.locator('.er', { hasText: '/orders/60' }).click();
  const value = page.locator('.fv:has([data-key="="])', { hasText: /^\/orders\/60$/ }).first();
  await value.hover();
  await value.locator('[data-key="="]').click();
  await page.getByText('1 of 60 shown').waitFor();
  expect(new URL(page.url()).searchParams.get('f')).toContain('== "/orders/60"');
  await value.hover();
  // The opposite takes its place by its key.
  await page.keyboard.press('!');
  await page.getByText('59 of 60 shown').waitFor();
});

test('a link opens the entry it names, also beside a filter that leaves it out', async () => {
  await page.locator('.er', { hasText: '/orders/60' }).click();
  await page.waitForURL(/sel=/);
  const link = new URL(page.url());
  link.searchParams.set('f', 'method == "GET"');
  const other = await stage.page(browser, { path: `/${link.search}` });
  await other.page.getByRole('region', { name: 'Entry' }).getByText('/orders/60').first().waitFor();
  await other.page.getByText('57 of 60 shown').waitFor();
  const note = other.page.getByText('Not in the list: the filter leaves this entry out.');
  await note.waitFor();
  // In the list, it is no longer said.
  await other.page.getByRole('button', { name: 'Clear' }).click();
  await other.page.getByText('60 of 60 shown').waitFor();
  await note.waitFor({ state: 'detached' });
  await other.page.goBack();
  await note.waitFor();
  expect(await other.page.locator('.er', { hasText: '/orders/' }).count()).toBe(0);
  await other.context.close();
});

test('an entry that is not kept says so, with the way back', async () => {
  await page.goto(`${stage.origin}/?sel=00000000.1.1@1700000000000000`);
  await page.getByText('This entry is no longer kept.').waitFor();
  await page.getByText(/The store reaches back to/).waitFor();
  await page.getByRole('button', { name: 'Back to traffic' }).click();
  await expect.poll(() => page.url()).toBe(`${stage.origin}/`);
});

test('a filter that nothing fulfils says which condition is at fault, and mends it', async () => {
  await page.goto(`${stage.origin}/?${new URLSearchParams({ f: 'status_code == 503 && dst.port == 81' })}`);
  await page.getByRole('heading', { name: 'Nothing matches this filter' }).waitFor();
  const fault = page.locator('tr.bad');
  await fault.waitFor();
  expect(await fault.locator('td').allTextContents()).toEqual([
    'dst.port == 81',
    '0',
    'Leave this condition out',
  ]);
  await fault.getByRole('button').click();
  await page.getByText('3 of 60 shown').waitFor();
});

test('a value that nothing has is answered with one that the traffic has, and how many rows that shows', async () => {
  const f = 'status_code == 503 && target == "/order/60"';
  await page.goto(`${stage.origin}/?${new URLSearchParams({ f })}`);
  await page.getByText('No entry has the target "/order/60". There is "/orders/60".').waitFor();
  await page.getByRole('button', { name: 'Use "/orders/60" and show 1' }).click();
  await page.getByText('1 of 60 shown').waitFor();
  expect(new URL(page.url()).searchParams.get('f')).toBe('status_code == 503 && target == "/orders/60"');
});

test('a journey by keys alone: a filter, a row, its details, a value into the filter, copies, and back', async () => {
  await page.context().grantPermissions(['clipboard-read', 'clipboard-write'], { origin: stage.origin });
  const clipboard = () => page.evaluate(() => navigator.clipboard.readText());
  const tabTo = async (name: string | RegExp, key = 'Tab') => {
    const target = page.getByRole('button', { name });
    for (let i = 0; i < 30; i++) {
      await page.keyboard.press(key);
      if (await target.evaluateAll((all) => all.includes(document.activeElement as HTMLElement))) return;
    }
    throw new Error(`no way by ${key} to ${String(name)}`);
  };
  await page.keyboard.press('/');
  await page.keyboard.type('status_code >= 500');
  await page.keyboard.press('Enter');
  await page.getByText('3 of 60 shown').waitFor();
  // The filter that was applied has left the keys to the list.
  await page.keyboard.press('ArrowDown');
  await expect.poll(() => selected().textContent()).toBe('POST /orders/20');
  await page.keyboard.press('j');
  await page.keyboard.press('j');
  await expect.poll(() => selected().textContent()).toBe('POST /orders/60');
  await page.keyboard.press('Enter');
  await expect.poll(() => page.evaluate(() => document.activeElement?.getAttribute('role'))).toBe('tab');
  await page.keyboard.press('ArrowRight');
  await page.getByRole('tab', { name: 'Connection', selected: true }).waitFor();
  await page.keyboard.press('ArrowLeft');
  await page.keyboard.press('c');
  await expect.poll(clipboard).toMatch(/^curl --request 'POST' --globoff 'http:\/\/shop\/orders\/60'/);
  await tabTo('Filter: request.headers["host"] == "shop"');
  await page.keyboard.press('y');
  await expect.poll(clipboard).toBe('shop');
  await page.keyboard.press('Enter');
  await expect
    .poll(() => new URL(page.url()).searchParams.get('f'))
    .toBe('status_code >= 500 && request.headers["host"] == "shop"');
  await page.getByText('3 of 60 shown').waitFor();
  await page.keyboard.press('Escape');
  await page.getByRole('region', { name: 'Entry' }).waitFor({ state: 'detached' });
  await expect.poll(() => page.evaluate(() => document.activeElement?.id)).toBe('entries');
});

test('rows come live at the end; a reader who scrolled up stays where he is', async () => {
  await page.keyboard.press('End');
  worker.call('GET /live/1 HTTP/1.1');
  await page.locator('.er', { hasText: '/live/1' }).waitFor();
  await page.locator('#entries').evaluate((list) => {
    list.scrollTop = 100;
  });
  await page.getByRole('button', { name: /follow/ }).waitFor();
  const before = await rowsOf(page);
  worker.call('GET /live/2 HTTP/1.1');
  await page.getByText('1 newer').waitFor();
  expect(await rowsOf(page)).toEqual(before);
  await page.keyboard.press('End');
  await page.locator('.er', { hasText: '/live/2' }).waitFor();
});

test('pause stops rows and counts them, live brings them', async () => {
  await page.keyboard.press('Space');
  await page.getByRole('button', { name: 'Paused · 0 waiting' }).waitFor();
  worker.call('GET /paused/1 HTTP/1.1');
  await page.getByText('Paused · 1 waiting').waitFor();
  await page.getByText('63 of 63 shown').waitFor();
  // One of them waits: the rows on screen keep their numbers.
  expect(await page.locator('.list-foot').textContent()).toMatch(/–62 of 63/);
  expect(await page.locator('.er', { hasText: '/paused/1' }).count()).toBe(0);
  await page.keyboard.press('Space');
  await page.locator('.er', { hasText: '/paused/1' }).waitFor();
});

test('when the hub comes back no row is missing and none is there twice', async () => {
  await page.keyboard.press('End');
  worker.call('GET /restart/1 HTTP/1.1');
  await page.locator('.er', { hasText: '/restart/1' }).waitFor();
  // Told to the page is not stored yet: the worker sends again what the hub has not acknowledged.
  await stage.stopHub();
  await page.getByText('Disconnected', { exact: true }).first().waitFor();
  await page.getByText(/These rows are from before/).waitFor();
  // What is known from before is said to be that.
  await page.getByRole('button', { name: 'Not live' }).waitFor();
  await page.getByText('last known:').waitFor();
  worker.call('GET /restart/2 HTTP/1.1');
  await stage.startHub();
  // It may have tried by itself meanwhile.
  await page
    .getByRole('button', { name: 'Try now' })
    .click({ timeout: 2_000 })
    .catch(() => {});
  await page.locator('.er', { hasText: '/restart/2' }).waitFor();
  await page.getByRole('button', { name: 'Live', exact: true }).waitFor();
  worker.call('GET /restart/3 HTTP/1.1');
  await until('all three rows once', async () => {
    const rows = (await rowsOf(page)).filter((row) => row.includes('/restart/'));
    return rows.join() === 'GET /restart/1,GET /restart/2,GET /restart/3';
  });
  expect(await page.locator('.notice').count()).toBe(0);
});

test('the handle between list and details moves by keys and comes back by a double click', async () => {
  await page.locator('.er').last().click();
  const handle = page.getByRole('separator', { name: 'Size of the list' });
  await handle.focus();
  for (let i = 0; i < 3; i++) await page.keyboard.press('ArrowLeft');
  expect(await handle.getAttribute('aria-valuenow')).toBe('44');
  await handle.dblclick();
  expect(await handle.getAttribute('aria-valuenow')).toBe('50');
});

test('the console has nothing to say', () => {
  const unexpected = errors.filter(
    (text) => !/404|WebSocket|ERR_CONNECTION_REFUSED|Failed to load/.test(text),
  );
  expect(unexpected).toEqual([]);
});
