/** Captured bytes never run, whoever sent them; strangers are not let in; axe-core finds nothing at any width and theme. */
import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { gzipSync } from 'node:zlib';
import type { Browser, Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { SAMPLE } from './support/command.ts';
import { launchBrowser, Stage } from './support/page.ts';

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

const WCAG = ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa'];

/** Of WCAG 2.2, levels A and AA, or of some rules: what axe-core finds, in words. */
async function findings(page: Page, runOnly: string[] = WCAG): Promise<string[]> {
  // Evaluated by the debugger: the page's own policy would not let it run.
  await page.evaluate(AXE);
  return await page.evaluate(async (only) => {
    const { axe } = window as unknown as { axe: typeof import('axe-core') };
    const { violations } = await axe.run(document, { runOnly: only });
    return violations.flatMap(({ id, nodes }) => nodes.map((node) => `${id}: ${node.html.slice(0, 200)}`));
  }, runOnly);
}

test('without a token there is a way in, and no traffic', async () => {
  const page = await (await browser.newContext()).newPage();
  await page.goto(`${stage.origin}/`);
  await page.getByRole('heading', { name: 'This browser has not been let in yet' }).waitFor();
  expect(await findings(page)).toEqual([]);
  await page.getByLabel('Link or token').fill('not-the-token-of-this-hub');
  await page.getByRole('button', { name: 'Open' }).click();
  // Where the right one is.
  await page.getByRole('alert').getByText('the terminal that runs it shows the link').waitFor();
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

let tries = 0;

test('a thousand headers of many, and a body that never ends, say what is not shown', async () => {
  const { page, context } = await stage.page(browser);
  const worker = stage.worker();
  const headers = Array.from({ length: 15_000 }, (_, i) => `h${i}: v`).join('\r\n');
  const bomb = gzipSync(Buffer.alloc(40_000_000)).toString('latin1');
  const path = `/many-${++tries}`;
  worker.call(
    `GET ${path} HTTP/1.1\r\n${headers}`,
    `HTTP/1.1 200 OK\r\nContent-Encoding: gzip\r\nContent-Length: ${bomb.length}`,
    bomb,
  );
  await page.locator('.er', { hasText: path }).click();
  const details = page.getByRole('region', { name: 'Entry' });
  await details.getByText('1,000 of 15,001 are listed').waitFor();
  const saving = page.waitForEvent('download');
  await details.getByRole('button', { name: 'Save all of them' }).click();
  const saved = readFileSync(await (await saving).path(), 'latin1').split('\r\n');
  expect([saved.length, saved[0], saved[14_999], saved[15_000]]).toEqual([
    15_001,
    'h0: v',
    'h14999: v',
    'Host: shop',
  ]);
  await details
    .getByText(/Decoding stopped at its limit: here are the first [\d,]+ B, the body is longer/)
    .waitFor();
  await details.getByText('00 00 00 00').first().waitFor();
  expect(await details.getByRole('button', { name: 'Save', exact: true }).count()).toBe(1);
  await context.close();
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

  const filtered = (f: string) => `${sample.origin}/?${new URLSearchParams({ f })}`;
  /** Each leaves the page in a state of its own. */
  const STATES: [string, (page: Page) => Promise<void>][] = [
    ['the list alone', (page) => page.locator('.er').first().waitFor()],
    [
      'offers of the editor',
      async (page) => {
        await page.keyboard.press('/');
        await page.keyboard.type('dst.n');
        await page.getByRole('option', { name: /^name / }).waitFor();
      },
    ],
    [
      'a filter with a mistake',
      async (page) => {
        await page.keyboard.press('/');
        await page.keyboard.type('statuss == "1"');
        await page.keyboard.press('Enter');
        await page.locator('.filter-message').waitFor();
      },
    ],
    ['how to filter', async (page) => await page.getByRole('button', { name: 'How to filter' }).click()],
    ['filters used before', async (page) => await page.getByRole('button', { name: 'History' }).click()],
    ['paused', async (page) => await page.getByRole('button', { name: 'Pause' }).click()],
    ['in the order of time', async (page) => await page.getByRole('button', { name: 'Time order' }).click()],
    ['every flow', async (page) => void (await page.goto(`${sample.origin}/?flows=1`))],
    [
      'a suggestion',
      async (page) => {
        await page.goto(filtered('status_code == 503 && dst.name == "order"'));
        await page.getByRole('button', { name: /^Use ".*" and show/ }).waitFor();
      },
    ],
    [
      'the connection of an entry, which the filter leaves out',
      async (page) => {
        await page.locator('.er.r-server_error').last().click();
        await page.waitForURL(/sel=/);
        const link = new URL(page.url());
        link.searchParams.set('f', 'dns');
        link.searchParams.set('tab', 'connection');
        await page.goto(link.href);
        await page.getByText('Not in the list').waitFor();
        await page.getByRole('heading', { name: /Seen by/ }).waitFor();
      },
    ],
    [
      'an entry as JSON',
      async (page) => {
        await page.locator('.er').last().click();
        await page.getByRole('tab', { name: 'Entry' }).click();
        await page.getByRole('tree').waitFor();
      },
    ],
    [
      'bytes',
      async (page) => {
        await page.goto(filtered('response.body.contains("{")'));
        await page.locator('.er').last().click();
        await page.getByRole('button', { name: 'Hex' }).last().click();
        await page.locator('.hex').waitFor();
      },
    ],
    [
      'an entry that is not kept',
      async (page) => {
        await page.goto(`${sample.origin}/?sel=00000000.1.1@1700000000000000`);
        await page.getByText('This entry is no longer kept.').waitFor();
      },
    ],
  ];

  // What is dark differs in its colours alone.
  test.each([
    ['light', WCAG],
    ['dark', ['color-contrast']],
  ] as const)('in any state, %s', async (colorScheme, rules) => {
    const { page, context } = await sample.page(browser);
    await page.emulateMedia({ colorScheme });
    for (const [name, enter] of STATES) {
      await page.goto(`${sample.origin}/`);
      await page.locator('.er').first().waitFor();
      await enter(page);
      expect([name, ...(await findings(page, [...rules]))]).toEqual([name]);
    }
    await context.close();
  });

  test.each(['light', 'dark'] as const)('while the hub is away, %s', async (colorScheme) => {
    const own = await Stage.open('file');
    await own.read(SAMPLE);
    const { page } = await own.page(browser);
    await page.emulateMedia({ colorScheme });
    await page.locator('.er').first().waitFor();
    await own.stopHub();
    await page.getByText(/These rows are from before/).waitFor();
    expect(await findings(page)).toEqual([]);
    await own.close();
  });
});
