/** The page in a cluster: a real hub and browser, an API server that the test speaks for. */
import { existsSync, readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { fileURLToPath } from 'node:url';
import type { PodCapture, TargetRule } from '@kubeshark/model';
import type { Browser, Page } from 'playwright-core';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { clusterSettings, FakeApi, testToken } from '../packages/hub/src/cluster/testing-api.ts';
import { apiNode, apiPod } from '../packages/hub/src/cluster/testing-objects.ts';
import { call, newHub, podPlace, type TestHub, TestWorker } from '../packages/hub/src/testing.ts';
import { until } from './support/command.ts';
import { launchBrowser } from './support/page.ts';

const WEB_ROOT = fileURLToPath(new URL('../packages/web/dist', import.meta.url));
const AXE = readFileSync(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8');
const [WORKER, ADMIN, SHOP] = ['worker', 'admin', 'shop'].map(testToken) as [string, string, string];

let api: FakeApi;
let hub: TestHub;
let worker: TestWorker;
let browser: Browser;
let page: Page;

beforeAll(async () => {
  if (!existsSync(`${WEB_ROOT}/index.html`)) throw new Error('no page is built: npm run build:web');
  [api, browser] = await Promise.all([FakeApi.start(), launchBrowser()]);
  api.accounts.set(WORKER, {
    username: 'system:serviceaccount:kubeshark:kubeshark-worker',
    extra: { 'authentication.kubernetes.io/pod-uid': ['uid-worker-a'] },
  });
  api.accounts.set(ADMIN, { username: 'admin' });
  api.accounts.set(SHOP, { username: 'shopkeeper' });
  api.readers.add('admin ').add('shopkeeper shop');
  api.targeters.add('admin');
  api.put('nodes', apiNode('node-1', '10.254.0.1', '10.244.1.0/24'));
  for (const name of ['shop', 'stock', 'kubeshark']) api.put('namespaces', { metadata: { uid: name, name } });
  const own = apiPod('worker-a', '10.244.1.3', { namespace: 'kubeshark' });
  own.metadata!.labels = { 'app.kubernetes.io/component': 'worker' };
  api.put('pods', own);
  api.put('pods', apiPod('web-1', '10.244.1.2'));
  api.put('pods', apiPod('web-2', '10.244.1.4'));
  api.put('pods', apiPod('cart', '10.244.1.9', { namespace: 'stock' }));
  setRule({ namespaces: ['elsewhere'] });
  hub = await newHub({
    webRoot: WEB_ROOT,
    cluster: clusterSettings(api.kubeConfig),
  });
  await until('the hub is ready', async () => (await fetch(`${hub.url}/readyz`)).ok);
  worker = new TestWorker('clusterboot');
  page = await open(ADMIN);
});

afterAll(async () => {
  worker?.close();
  await browser?.close();
  await hub?.end();
  await api?.down();
});

function setRule(rule: Partial<TargetRule>): void {
  api.put('configmaps', {
    metadata: { uid: 'targets', name: 'kubeshark-targets', namespace: 'kubeshark' },
    data: { 'rule.json': JSON.stringify(rule) },
  });
}

function rule(): TargetRule {
  const { data } = api.get('configmaps', 'kubeshark', 'kubeshark-targets') as unknown as {
    data: Record<string, string>;
  };
  return JSON.parse(data['rule.json']!) as TargetRule;
}

/** What the worker says of its pods. */
function report(...pods: Partial<PodCapture>[]): void {
  const capture = { state: 'captured', since: 1, packets: 5, bytes: 500, dropped: 0 };
  worker.tell({
    type: 'status',
    status: {
      capturing: [],
      flows: 0,
      spoolBytes: 0,
      memoryBytes: 0,
      counters: {},
      pods: pods.map((pod) => ({ ...capture, ...pod })),
    },
  });
}

async function open(token: string): Promise<Page> {
  const context = await browser.newContext({ viewport: { width: 1440, height: 900 } });
  const opened = await context.newPage();
  opened.setDefaultTimeout(20_000);
  await opened.goto(`${hub.url}/#token=${token}`);
  await opened.locator('.status').waitFor();
  return opened;
}

/** Of WCAG 2.2, levels A and AA: what axe-core finds. */
async function findings(on: Page): Promise<string[]> {
  await on.evaluate(AXE);
  return await on.evaluate(async () => {
    const { axe } = window as unknown as { axe: typeof import('axe-core') };
    const { violations } = await axe.run(document, {
      runOnly: ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa'],
    });
    return violations.flatMap(({ id, nodes }) => nodes.map((node) => `${id}: ${node.html.slice(0, 200)}`));
  });
}

test('without a worker the page says how many there should be, and why there is none', async () => {
  await page.getByRole('heading', { name: 'No worker is connected' }).waitFor();
  await page.getByText('1 node should have one. node-1: Its worker').waitFor();
  expect(await findings(page)).toEqual([]);
});

test('a rule that selects no pod is said, and one that asks for less is a click away', async () => {
  await worker.connect(hub.url, WORKER);
  report();
  await page.getByRole('heading', { name: 'No pod is targeted' }).waitFor();
  await page.getByText('all pods of namespace elsewhere').first().waitFor();
  expect(await findings(page)).toEqual([]);
  await page.getByRole('button', { name: 'Target all pods of all namespaces, 3 pods' }).click();
  await expect.poll(() => rule().namespaces).toEqual([]);
  await page.getByRole('heading', { name: 'No pod is captured yet' }).waitFor();
});

test('the dialog tries a rule out, says at the field what is wrong with it, and sets it', async () => {
  await page.keyboard.press('Shift+T');
  const dialog = page.getByRole('dialog', { name: 'Which pods are captured' });
  await dialog.getByText('3 of 4 pods').waitFor();
  // Its own namespace is never captured.
  expect(await dialog.getByRole('checkbox', { name: /^kubeshark/ }).count()).toBe(0);
  await dialog.getByRole('button', { name: 'Only these' }).click();
  await dialog.getByText('Choose at least one namespace.').waitFor();
  expect(await dialog.getByRole('button', { name: 'Apply' }).isDisabled()).toBe(true);
  await dialog.getByRole('checkbox', { name: /^shop/ }).check();
  await dialog.getByText('2 of 4 pods').waitFor();
  await dialog.getByLabel('Pod name').fill('(web');
  await dialog.getByText('"(web" is no regular expression').waitFor();
  expect(await dialog.getByLabel('Pod name').getAttribute('aria-invalid')).toBe('true');
  await dialog.getByLabel('Pod name').fill('');
  await dialog.getByLabel('Labels').fill('app in (web-1');
  await dialog.getByText('no label selector').waitFor();
  await dialog.getByLabel('Labels').fill('app=web-1');
  await dialog.getByText('1 of 4 pods').waitFor();
  expect(await findings(page)).toEqual([]);
  await dialog.getByRole('button', { name: 'Capture 1 pod' }).click();
  await dialog.waitFor({ state: 'detached' });
  expect(rule()).toEqual({ namespaces: ['shop'], excludeNamespaces: [], pods: '', selector: 'app=web-1' });
  await page.getByRole('button', { name: 'all pods of namespace shop with app=web-1' }).waitFor();
});

test('the bar counts what is captured; Coverage says what is not, why, and since when', async () => {
  setRule({ namespaces: ['shop'] });
  report(
    { uid: 'uid-web-1', packets: 41 },
    { uid: 'uid-web-2', state: 'failed', reason: 'Its network namespace could not be opened.' },
  );
  await page.getByRole('button', { name: /1 of 2 pods/ }).waitFor();
  await page.keyboard.press('2');
  const row = (name: string) => page.locator('.cov .pod', { hasText: name });
  await row('web-2').getByText('Its network namespace could not be opened.').waitFor();
  expect(new URL(page.url()).search).toBe('?view=coverage');
  await expect
    .poll(() => page.locator('.cov .pod .pod-link').allTextContents())
    .toEqual(['shop/web-2', 'shop/web-1']);
  await row('web-1').getByText('41').waitFor();
  await page.getByRole('button', { name: 'Show 2 more' }).click();
  await row('cart').getByText('The target rule does not select it.').waitFor();
  expect(await findings(page)).toEqual([]);
});

test('what is mended stays where it stood', async () => {
  report({ uid: 'uid-web-1' }, { uid: 'uid-web-2' });
  // The node's row in Coverage says it too, a moment sooner or later.
  await page.locator('.targets', { hasText: '2 of 2 pods' }).waitFor();
  await expect.poll(() => page.locator('.cov .pod.captured').count()).toBe(2);
  expect((await page.locator('.cov .pod .pod-link').allTextContents()).slice(0, 2)).toEqual([
    'shop/web-2',
    'shop/web-1',
  ]);
  // Both saw packets and no call: what may be the reason is said once.
  await expect
    .poll(() => page.locator('.cov .pod.captured td:last-child').allTextContents())
    .toEqual([
      expect.stringMatching(/^Packets passed, no call was recognised in them\. No call was made yet, or/),
      'Packets passed, no call was recognised in them. ',
    ]);
});

test('a click on a pod leads to its traffic, named with its namespace', async () => {
  await worker.store({
    records: [
      call('/cart', { src: '10.244.1.2', dst: '10.244.1.9', dstPort: 8080, timestamp: Date.now() * 1_000 }),
    ],
    places: [podPlace('shop', 'web-1', '10.244.1.2')],
  });
  await page.locator('.cov .pod', { hasText: 'web-1' }).locator('.pod-link').click();
  await page.locator('.er').first().waitFor();
  expect(new URL(page.url()).searchParams.get('f')).toBe(
    'src.pod.name == "web-1" || dst.pod.name == "web-1"',
  );
  expect(await page.locator('.er .sp').first().textContent()).toMatch(/^shop\/web-1/);
  expect(await page.locator('.er .dp').first().textContent()).toMatch(/^stock\/cart/);
});

test('a filter for a pod that is not captured says why, and leads to the targets and to its row in Coverage', async () => {
  const f = 'src.pod.name == "cart"';
  await page.goto(`${hub.url}/?${new URLSearchParams({ f })}`);
  await page.getByRole('heading', { name: 'Pod cart is there, but is not captured' }).waitFor();
  await page.getByText('The target rule does not select it.').waitFor();
  expect(await findings(page)).toEqual([]);
  await page.getByRole('button', { name: 'Targets' }).click();
  const dialog = page.getByRole('dialog', { name: 'Which pods are captured' });
  await dialog.waitFor();
  await page.keyboard.press('Escape');
  await dialog.waitFor({ state: 'detached' });
  await page.locator('.why').getByRole('link', { name: 'Open Coverage' }).click();
  await page.locator('.cov .pod').first().waitFor();
  expect(await page.locator('.cov .pod .pod-link').allTextContents()).toEqual(['stock/cart']);
  expect(new URL(page.url()).searchParams.get('find')).toBe('cart');
});

test('who sees one namespace is told so, sees its pods alone, and may change nothing', async () => {
  const shop = await open(SHOP);
  await shop.getByText('You see the namespace shop.').waitFor();
  await shop.locator('.targets', { hasText: /^your namespaces2 of 2 pods/ }).waitFor();
  const since = shop.getByText(/^kept since \d\d:\d\d$/);
  await since.waitFor();
  expect(await since.getAttribute('title')).toContain('nothing of before is kept. A hub without a volume');
  await shop.getByRole('button', { name: 'Who can see more?' }).click();
  await shop.getByText('get on pods/log').waitFor();
  await shop.getByRole('button', { name: /2 of 2 pods/ }).click();
  const dialog = shop.getByRole('dialog', { name: 'Which pods are captured' });
  await dialog.getByText('You may look, not change').waitFor();
  expect(await dialog.getByLabel('Pod name').isDisabled()).toBe(true);
  expect(await dialog.getByRole('button', { name: 'Apply' }).count()).toBe(0);
  await shop.keyboard.press('Escape');
  await shop.goto(`${hub.url}/?${new URLSearchParams({ f: 'src.namespace == "stock"' })}`);
  await shop.getByRole('heading', { name: 'You may not see namespace stock, or it is not there' }).waitFor();
  // That all is well with what is captured answers another question.
  expect(await shop.locator('.steps').count()).toBe(0);
  await shop.keyboard.press('2');
  await shop.locator('.cov .pod').first().waitFor();
  expect(await shop.locator('.cov').textContent()).not.toContain('stock');
  await shop.context().close();
});
