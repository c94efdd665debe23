/** Signing in at a real OpenID provider in a real browser; the provider is another site than the hub. */
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { Browser, BrowserContext, Page } from 'playwright-core';
import { afterAll, afterEach, beforeAll, expect, test } from 'vitest';
import { freePort } from '../packages/cli/src/hub-options.ts';
import { TestProvider } from '../packages/hub/src/cluster/oidc/testing-provider.ts';
import { clusterSettings, FakeApi, testToken } from '../packages/hub/src/cluster/testing-api.ts';
import { apiNode, apiPod } from '../packages/hub/src/cluster/testing-objects.ts';
import { call, newHub, podPlace, type TestHub, TestWorker } from '../packages/hub/src/testing.ts';
import { until } from './support/command.ts';
import { launchBrowser } from './support/page.ts';

const WEB_ROOT = fileURLToPath(new URL('../packages/web/dist', import.meta.url));
const AXE = readFileSync(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8');
const WORKER = testToken('worker');
const SECRET = 'the secret of the client';
const LIST = '?f=http';

let api: FakeApi;
let provider: TestProvider;
let hub: TestHub;
let worker: TestWorker;
let browser: Browser;
/** Of the hub, to browsers. */
let url: string;
const folder = mkdtempSync(join(tmpdir(), 'kubeshark-sign-in-'));
const contexts: BrowserContext[] = [];

beforeAll(async () => {
  if (!existsSync(`${WEB_ROOT}/index.html`)) throw new Error('no page is built: npm run build:web');
  [api, browser] = await Promise.all([FakeApi.start(), launchBrowser()]);
  const port = await freePort();
  url = `http://hub.localhost:${port}`;
  const many = Array.from({ length: 300 }, (_, n) => `a-group-of-the-company-${n}`);
  provider = await TestProvider.start({
    url,
    secret: SECRET,
    groups: { jane: ['shop-team'], tom: ['/shop-team'], boss: many },
  });
  writeFileSync(join(folder, 'client-secret'), `${SECRET}\n`);
  api.accounts.set(WORKER, {
    username: 'system:serviceaccount:kubeshark:kubeshark-worker',
    extra: { 'authentication.kubernetes.io/pod-uid': ['uid-worker-a'] },
  });
  api.readers.add('oidc:shop-team shop');
  api.put('nodes', apiNode('node-1', '10.254.0.1', '10.244.1.0/24'));
  for (const name of ['shop', 'stock', 'kubeshark']) api.put('namespaces', { metadata: { uid: name, name } });
  api.put('pods', apiPod('worker-a', '10.244.1.3', { namespace: 'kubeshark' }));
  api.put('pods', apiPod('web', '10.244.1.2'));
  api.put('pods', apiPod('cart', '10.244.1.9', { namespace: 'stock' }));
  hub = await newHub({
    port,
    webRoot: WEB_ROOT,
    cluster: clusterSettings(api.kubeConfig, {
      oidc: provider.settings(url, {
        clientSecretFile: join(folder, 'client-secret'),
        groupsClaim: 'groups',
        groupsPrefix: 'oidc:',
        scopes: ['groups'],
      }),
    }),
  });
  await until('the hub is ready', async () => (await fetch(`${hub.url}/readyz`)).ok);
  worker = new TestWorker('signinboot');
  await worker.connect(hub.url, WORKER);
  const timestamp = Date.now() * 1_000;
  await worker.store({
    records: [
      call('/of-shop', { src: '10.244.1.2', dst: '192.0.2.1', timestamp }),
      call('/of-stock', { src: '10.244.1.9', dst: '192.0.2.1', timestamp, place: 1 }),
    ],
    places: [podPlace('shop', 'web', '10.244.1.2'), podPlace('stock', 'cart', '10.244.1.9')],
  });
});

afterEach(async () => {
  writeFileSync(join(folder, 'client-secret'), SECRET);
  provider.idTokenSeconds = 3_600;
  for (const context of contexts.splice(0)) await context.close();
});

afterAll(async () => {
  worker?.close();
  await browser?.close();
  await hub?.end();
  await provider?.close();
  await api?.down();
  rmSync(folder, { recursive: true });
});

/** A browser that has never been here. */
async function newPage(): Promise<Page> {
  const context = await browser.newContext({ viewport: { width: 1440, height: 900 } });
  contexts.push(context);
  const page = await context.newPage();
  page.setDefaultTimeout(20_000);
  return page;
}

/** On the provider's own pages. */
async function signInAs(page: Page, name: string): Promise<void> {
  await page.getByPlaceholder('Enter any login').fill(name);
  await page.getByPlaceholder('and password').fill('anything');
  await page.getByRole('button', { name: 'Sign-in' }).click();
  await page.getByRole('button', { name: 'Continue' }).click();
}

const gate = (page: Page) => page.getByRole('heading', { name: 'This browser has not been let in yet' });
const rows = (page: Page) => page.locator('.er .wh').allTextContents();

test('who signs in comes back to the link that was opened, and sees what the cluster lets them see', async () => {
  const page = await newPage();
  await page.goto(url + LIST);
  await gate(page).waitFor();
  await page.evaluate(AXE);
  const found = await page.evaluate(async () => {
    const { axe } = window as unknown as { axe: typeof import('axe-core') };
    return (await axe.run(document)).violations.map(({ id }) => id);
  });
  expect(found).toEqual([]);
  await page.getByRole('link', { name: 'Sign in' }).click();
  await signInAs(page, 'jane');
  await page.getByText('You see the namespace shop.').waitFor();
  expect(page.url()).toBe(`${url}/${LIST}`);
  await expect.poll(() => rows(page)).toEqual([expect.stringContaining('/of-shop')]);

  const cookies = (await page.context().cookies()).filter(({ domain }) => domain === 'hub.localhost');
  expect(cookies).toEqual([
    expect.objectContaining({
      name: `kubeshark-${new URL(url).port}`,
      path: '/',
      httpOnly: true,
      sameSite: 'Strict',
    }),
  ]);
  const left = cookies[0]!.expires - Date.now() / 1_000;
  expect(left).toBeGreaterThan(3_500);
  expect(left).toBeLessThanOrEqual(3_600);
});

test('a session that ends while the page is open says so; one click comes back to the same filter and row', async () => {
  const page = await newPage();
  provider.idTokenSeconds = 8;
  await page.goto(url + LIST);
  await page.getByRole('link', { name: 'Sign in' }).click();
  await signInAs(page, 'jane');
  await page.locator('.er').first().click();
  await expect.poll(() => new URL(page.url()).searchParams.get('sel')).toMatch(/@/);
  const before = page.url();
  await page.getByRole('heading', { name: 'Your session has ended' }).waitFor();
  expect(await page.locator('.er').count()).toBe(0);
  provider.idTokenSeconds = 3_600;
  await page.getByRole('link', { name: 'Sign in again' }).click();
  await page.locator('.er[aria-selected="true"]', { hasText: '/of-shop' }).waitFor();
  expect(page.url()).toBe(before);
});

test('signing out takes the session away, and nothing is shown any more, in other tabs neither', async () => {
  const page = await newPage();
  await page.goto(url);
  await page.getByRole('link', { name: 'Sign in' }).click();
  await signInAs(page, 'jane');
  const other = await page.context().newPage();
  await other.goto(url + LIST);
  await other.locator('.er', { hasText: '/of-shop' }).waitFor();
  await page.getByRole('button', { name: 'Sign out' }).click();
  await gate(page).waitFor();
  await gate(other).waitFor();
  expect(await other.locator('.er').count()).toBe(0);
  expect((await page.context().cookies()).filter(({ domain }) => domain === 'hub.localhost')).toEqual([]);
});

test.each([
  '//evil.example/',
  'https://evil.example/',
  '/\\evil.example',
  'javascript:alert(1)',
  'blob:HUB/0',
])('a link that would lead to %s afterwards leads to the page', async (to) => {
  const page = await newPage();
  await page.goto(`${url}/api/v1/sign-in?to=${encodeURIComponent(to.replace('HUB', url))}`);
  await signInAs(page, 'jane');
  await page.getByText('You see the namespace shop.').waitFor();
  expect(page.url()).toBe(`${url}/`);
});

test('who sees nothing reads under which names the cluster would give rights', async () => {
  const page = await newPage();
  await page.goto(`${url}/api/v1/sign-in`);
  await signInAs(page, 'tom');
  await page.getByRole('heading', { name: 'You see no namespace' }).waitFor();
  const names = `The cluster knows you as ${provider.issuer}#tom, in the groups oidc:/shop-team and system:authenticated.`;
  expect(await page.locator('.why').innerText()).toContain(names);
});

test('while the issuer is away, a hub that knows no keys yet says so to who has a session; not that the hub is', async () => {
  const [port, nobody] = [await freePort(), await freePort()];
  const issuer = `http://localhost:${nobody}`;
  const other = await newHub({
    port,
    webRoot: WEB_ROOT,
    cluster: clusterSettings(api.kubeConfig, { oidc: { ...provider.settings(url), issuer } }),
  });
  try {
    const page = await newPage();
    const token = await provider.sign({ iss: issuer, sub: 'jane' });
    await page.context().addCookies([{ name: `kubeshark-${port}`, value: token, url: other.url }]);
    await page.goto(other.url);
    await page.getByRole('heading', { name: 'The hub cannot let you in now' }).waitFor();
    expect(await page.locator('.why').innerText()).toContain(
      `The issuer ${issuer} cannot be asked who you are.`,
    );
  } finally {
    await other.end();
  }
});

/** What the hub says instead of letting in; there is no session then. */
async function refusalOn(page: Page): Promise<string> {
  await page.getByRole('heading', { name: 'Not signed in' }).waitFor();
  // The policy lets no style into the page itself: it comes from the hub.
  expect(await page.evaluate(() => getComputedStyle(document.body).maxWidth)).not.toBe('none');
  const words = await page.locator('body').innerText();
  await page.getByRole('link', { name: 'To the page' }).click();
  await gate(page).waitFor();
  return words;
}

test('an answer that this browser did not ask for gives no session', async () => {
  const page = await newPage();
  await page.goto(`${url}/api/v1/sign-in/callback?code=stolen&state=of-somebody-else`);
  expect(await refusalOn(page)).toContain('was not begun in this browser');
});

test('a token that no cookie holds: what to ask the issuer for', async () => {
  const page = await newPage();
  await page.goto(`${url}/api/v1/sign-in`);
  await signInAs(page, 'boss');
  expect(await refusalOn(page)).toMatch(
    /token has \d{4,} characters; a cookie takes 3500\.\s.*fewer claims/s,
  );
});

test('a client whose secret is not the provider’s: who runs the hub reads what to look at', async () => {
  const page = await newPage();
  writeFileSync(join(folder, 'client-secret'), 'another');
  await page.goto(`${url}/api/v1/sign-in`);
  await signInAs(page, 'jane');
  const words = await refusalOn(page);
  expect(words).toContain('The issuer gave no token: invalid_client');
  expect(words).toContain(`${url}/api/v1/sign-in/callback`);
});
