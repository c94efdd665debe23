/** Captured bytes never run, whoever sent them; strangers are not let in; axe-core finds nothing at any width and theme. */
import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import type { Browser, Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { launchBrowser, SAMPLE, Stage } from './support/page.ts';

const AXE = readFileSync(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8');

let browser: Browser;
/** Live, at first without a worker. */
let stage: Stage;

beforeAll(async () => {
  [browser, stage] = await Promise.all([launchBrowser(), Stage.open()]);
});

afterAll(async () => {
  await stage?.close();
  await browser?.close();
});

/** Of WCAG 2.2, levels A and AA: what axe-core finds, in words. */
async function findings(page: Page): Promise<string[]> {
  // Evaluated by the debugger: the page's own policy would not let it run.
  await page.evaluate(AXE);
  return await page.evaluate(async () => {
    const { axe } = window as unknown as { axe: typeof import('axe-core') };
    const { violations } = await axe.run(document, {
      runOnly: ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa'],
    });
    return violations.flatMap(({ id, nodes }) => nodes.map((node) => `${id}: ${node.html.slice(0, 200)}`));
  });
}

test('without a token there is a way in, and no traffic', async () => {
  const page = await (await browser.newContext()).newPage();
  await page.goto(`${stage.origin}/`);
  await page.getByRole('heading', { name: 'This browser has not been let in yet' }).waitFor();
  expect(await findings(page)).toEqual([]);
  await page.getByLabel('Link or token').fill('not-the-token-of-this-hub');
  await page.getByRole('button', { name: 'Open' }).click();
  await page.getByRole('alert').waitFor();
  await page.getByLabel('Link or token').fill(`${stage.origin}/#token=user-token-of-the-test`);
  await page.getByRole('button', { name: 'Open' }).click();
  await page.getByRole('heading', { name: 'No worker is connected' }).waitFor();
  await page.context().close();
});

test('hostile bytes in path, header and body stay text', async () => {
  const attack = '<img src=x onerror=window.hacked=1><script>window.hacked=1</script>';
  const { page } = await stage.page(browser);
  let dialogs = 0;
  page.on('dialog', (dialog) => {
    dialogs++;
    void dialog.dismiss();
  });
  const worker = stage.worker();
  await page.getByRole('heading', { name: 'Waiting for the first entry' }).waitFor();
  expect(await findings(page)).toEqual([]);
  worker.call(
    `GET /${attack.replaceAll(' ', '/')}?a="><svg/onload=window.hacked=1> HTTP/1.1\r\nX-Evil: ${attack}`,
    `HTTP/1.1 200 OK\r\nContent-Type: text/html\r\nX-Evil: javascript:window.hacked=1\r\nContent-Length: ${attack.length}`,
    attack,
  );
  await page.locator('.er').first().click();
  const details = page.getByRole('region', { name: 'Entry' });
  await details.getByText(attack).first().waitFor();
  for (const tab of ['Connection', 'Entry', 'Request and response'])
    await page.getByRole('tab', { name: tab }).click();
  expect(await page.evaluate(() => 'hacked' in window)).toBe(false);
  expect(await page.locator('#root img[src], #root script, #root a[href^="javascript"]').count()).toBe(0);
  expect(dialogs).toBe(0);
});

test('the policy lets no script run but the page’s own', async () => {
  const { page, context } = await stage.page(browser);
  const response = await page.request.get(`${stage.origin}/`);
  const policy = response.headers()['content-security-policy'] ?? '';
  expect(policy).toMatch(/(?:default|script)-src 'self'/);
  expect(policy).not.toContain('unsafe-eval');
  const ran = await page.evaluate(() => {
    const script = document.createElement('script');
    script.textContent = 'window.inline = 1';
    document.body.append(script);
    return 'inline' in window;
  });
  expect(ran).toBe(false);
  await context.close();
});

describe('axe-core finds nothing', () => {
  let sample: Stage;
  beforeAll(async () => {
    sample = await Stage.open('sample');
    await sample.read(SAMPLE);
  });
  afterAll(async () => {
    await sample?.close();
  });

  test.each([
    [1440, 'light'],
    [1440, 'dark'],
    [1024, 'light'],
    [960, 'dark'],
  ] as const)('at %d, %s', async (width, colorScheme) => {
    const { page, context } = await sample.page(browser, { width, height: width === 1440 ? 900 : 768 });
    await page.emulateMedia({ colorScheme });
    await page.getByText('This is a sample.').waitFor();
    await page.getByText('sudo kubeshark worker --hub http://localhost:1').waitFor();
    await page.locator('.er').first().waitFor();
    await page.locator('#entries').focus();
    await page.keyboard.press('n');
    await page.locator('.half-body').first().waitFor();
    expect(await findings(page)).toEqual([]);
    // Nothing scrolls sideways.
    expect(await page.evaluate(() => document.documentElement.scrollWidth)).toBe(width);
    await page.goto(`${sample.origin}/?${new URLSearchParams({ f: 'http && dst.port == 1' })}`);
    await page.locator('tr.bad').waitFor();
    await page.keyboard.press('?');
    await page.getByRole('dialog').waitFor();
    expect(await findings(page)).toEqual([]);
    await context.close();
  });
});
