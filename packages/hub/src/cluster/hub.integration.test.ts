// A whole hub in a cluster: what the API server tells is on rows, live and stored, and for each as much as they may know.
import type { Entry, FieldValues, HubStatus, ListRow, Page, TargetRule } from '@kubeshark/model';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { now } from '../clock.ts';
import type { TestHub } from '../testing.ts';
import { call, HOST_PLACE, newHub, podPlace, TestPage, TestWorker } from '../testing.ts';
import { clusterSettings, FakeApi, testToken } from './testing-api.ts';
import { apiNode, apiOwned, apiPod, apiService, apiSlice, ownerReference } from './testing-objects.ts';

const [WORKER, ADMIN, SHOP] = ['worker', 'admin', 'shop'].map(testToken) as [string, string, string];
const WEB = '10.244.1.2';
const CART = '10.244.1.9';
const CART_SERVICE = '10.96.0.7';

let api: FakeApi;
let hub: TestHub;
let worker: TestWorker;
const pages: TestPage[] = [];

beforeEach(async () => {
  api = await FakeApi.start();
  api.accounts.set(WORKER, {
    username: 'system:serviceaccount:kubeshark:kubeshark-worker',
    extra: { 'authentication.kubernetes.io/pod-uid': ['uid-worker-a'] },
  });
  api.accounts.set(ADMIN, { username: 'admin' });
  api.accounts.set(SHOP, { username: 'shopkeeper' });
  api.readers.add('admin ');
  api.readers.add('shopkeeper shop');
  api.put('nodes', apiNode('node-1', '10.254.0.1', '10.244.1.0/24'));
  for (const name of ['shop', 'stock', 'kubeshark']) api.put('namespaces', { metadata: { uid: name, name } });
  api.put('pods', apiPod('worker-a', '10.244.1.3', { namespace: 'kubeshark' }));
  api.put('pods', apiPod('web', WEB, { uid: 'uid-of-web' }));
  api.put('services', apiService('cart', CART_SERVICE, 'stock'));
  worker = new TestWorker('clusterboot');
});

afterEach(async () => {
  worker.close();
  for (const page of pages.splice(0)) page.close();
  await hub.end();
  await api.down().catch(() => {});
});

async function start(): Promise<void> {
  hub = await newHub(
    {
      cluster: clusterSettings(api.kubeConfig),
    },
    { clusterRetryMs: 10, clusterReviewMs: 500 },
  );
}

const ready = async () => await (await fetch(`${hub.url}/readyz`)).text();
const isReady = async () => {
  await expect.poll(ready, { timeout: 10_000 }).toBe('ok\n');
};

async function page(token: string): Promise<TestPage> {
  const opened = new TestPage(hub.url, token);
  pages.push(opened);
  await opened.subscribe();
  return opened;
}

/** The pod that is called, with its Deployment and its service. */
function putCart(): void {
  const cart = apiPod('cart-7d9-x', CART, { namespace: 'stock', uid: 'uid-of-cart-7d9-x' });
  Object.assign(cart.metadata!, {
    labels: { app: 'cart', 'pod-template-hash': '7d9' },
    ownerReferences: [ownerReference({ kind: 'ReplicaSet', name: 'cart-7d9' })],
  });
  api.put('replicasets', apiOwned('cart-7d9', { kind: 'Deployment', name: 'cart' }, 'stock'));
  api.put('endpointslices', apiSlice('cart-1', 'cart', [CART], 'stock'));
  api.put('pods', cart);
}

const toCart = () => call('/cart', { src: WEB, dst: CART, dstPort: 8080, timestamp: now() });
const IN_WEB = podPlace('shop', 'web', WEB);
const row = (list: TestPage, fits: (row: ListRow) => boolean) =>
  list.hears('rows', ({ rows }) => rows.some(fits)).then(({ rows }) => rows.find(fits)!);

test('the hub is ready when it knows its cluster', async () => {
  await api.down();
  await start();
  expect(await ready()).toBe('learning the cluster\n');
  expect((await fetch(`${hub.url}/readyz`)).status).toBe(503);
  expect((await fetch(`${hub.url}/healthz`)).status).toBe(200);
  await api.up();
  await isReady();
  const metrics = await (await hub.get('/metrics')).text();
  expect(metrics).toMatch(/kubeshark_cluster\{name="pods"\} 2/);
  expect(metrics).toMatch(/kubeshark_cluster\{name="failures"\} [1-9]/);
});

test('what it asks the API server is counted: the watch for itself, users and workers for themselves', async () => {
  await start();
  await isReady();
  await worker.connect(hub.url, WORKER);
  const open = await page(ADMIN);
  await open.hears('status');
  const count = async (name: string) =>
    Number(
      new RegExp(`kubeshark_cluster{name="${name}"} (\\d+)`).exec(
        await (await hub.get('/metrics')).text(),
      )?.[1],
    );
  // A list and a watch for each of seven kinds, and for the target rule.
  await expect.poll(() => count('requests')).toBe(16);
  // Who the worker is; who the user is, may they read everything, and may they change the targets?
  expect(await count('reviews')).toBe(1 + 3);
  await hub.get('/api/v1/status', ADMIN);
  expect(await count('reviews')).toBe(4);
  // Who may not read everything is asked about for each of three namespaces.
  await hub.get('/api/v1/status', SHOP);
  expect(await count('reviews')).toBe(4 + 3 + 3);
  expect(api.asked).toHaveLength(16 + 10);
});

test.each([
  ['is away', () => api.down()],
  [
    'stands still',
    async () => {
      api.still = true;
    },
  ],
])('while the API server %s, who was let in goes on, others are told why they are not', async (_how, fails) => {
  await start();
  await isReady();
  await worker.connect(hub.url, WORKER);
  const admin = await page(ADMIN);
  await admin.hears('status');
  await fails();
  expect((await hub.get('/api/v1/status', ADMIN)).status).toBe(200);
  const refused = await hub.get('/api/v1/status', SHOP);
  expect(refused.status).toBe(503);
  expect(await refused.json()).toMatchObject({
    error: {
      code: 'api_server_away',
      message: 'The cluster’s API server does not say who you are: it does not answer.',
    },
  });
  expect((await fetch(`${hub.url}/readyz`)).status).toBe(200);
  expect(await ready()).toBe('ok\nnobody new is let in: the API server does not answer\n');
  const told = ({ status }: { status: HubStatus }) =>
    status.cluster?.problem?.includes('nobody new is let in');
  await admin.hears('status', (message) => told(message) === true);
  worker.send({ records: [toCart()], places: [IN_WEB] });
  await row(admin, ({ dst }) => dst.ip === CART);
});

test('a right that the hub lacks is named to who is turned away, and the problem ends with the first answer', async () => {
  await start();
  await isReady();
  api.reviewsForbidden.add('subjectaccessreviews');
  const refused = await hub.get('/api/v1/status', SHOP);
  expect([refused.status, await refused.json()]).toEqual([
    503,
    {
      error: {
        code: 'api_server_away',
        message: 'The cluster’s API server does not say who you are: it refuses (HTTP 403).',
        hint: expect.stringContaining('May the hub create subjectaccessreviews?'),
      },
    },
  ]);
  expect(await ready()).toBe('ok\nwhat users may see is not known: the API server refuses (HTTP 403)\n');
  expect(await (await hub.get('/metrics')).text()).toMatch(/kubeshark_cluster\{name="review_failures"\} 2\n/);
  api.reviewsForbidden.clear();
  expect((await hub.get('/api/v1/status', SHOP)).status).toBe(200);
  expect(await ready()).toBe('ok\n');
});

test('a call to a pod that the watch tells of a moment later is shown at once, then named, and stored so', async () => {
  await start();
  await isReady();
  await worker.connect(hub.url, WORKER);
  const [admin, shop] = [await page(ADMIN), await page(SHOP)];
  const stored = worker.store({ records: [toCart()], places: [IN_WEB] });
  const first = await row(admin, ({ dst }) => dst.ip === CART);
  expect([first.src.pod, first.dst]).toEqual([
    { name: 'web', namespace: 'shop', uid: 'uid-of-web' },
    { ip: CART, port: 8080 },
  ]);
  await row(shop, ({ dst }) => dst.ip === CART);

  putCart();
  const named = await row(admin, ({ dst }) => dst.pod !== undefined);
  expect(named.id).toBe(first.id);
  expect(named.dst).toEqual({
    ip: CART,
    port: 8080,
    name: 'cart-7d9-x',
    pod: { name: 'cart-7d9-x', namespace: 'stock', uid: 'uid-of-cart-7d9-x' },
    service: { name: 'cart', namespace: 'stock' },
    workload: { kind: 'Deployment', name: 'cart' },
    node: { name: 'node-1' },
  });
  // Who may not read there gets address, port and service.
  const restricted = await row(shop, ({ dst }) => dst.service !== undefined);
  expect(restricted.dst).toEqual({
    ip: CART,
    port: 8080,
    name: 'cart',
    service: { name: 'cart', namespace: '' },
  });

  await stored;
  const entryFor = async (token: string) =>
    (await (await hub.get(`/api/v1/entries/${first.id}`, token)).json()) as Entry;
  expect((await entryFor(ADMIN)).dst.labels).toEqual({ app: 'cart', 'pod-template-hash': '7d9' });
  expect((await entryFor(SHOP)).dst).toEqual(restricted.dst);
  const matched = async (filter: string, token: string) => {
    const answer = await hub.get(`/api/v1/count?filter=${encodeURIComponent(filter)}`, token);
    return ((await answer.json()) as { matched: number }).matched;
  };
  expect(await matched('dst.labels["app"] == "cart" && dst.workload.kind == "Deployment"', ADMIN)).toBe(1);
  expect(await matched('dst.labels["app"] == "cart"', SHOP)).toBe(0);
  expect(await matched('dst.service.name == "cart" && src.labels["app"] == "web"', SHOP)).toBe(1);
  expect(await (await hub.get('/metrics')).text()).toMatch(
    /kubeshark_ingest\{name="identified_late"\} [1-9]/,
  );
});

test('a call through a service’s address, seen at both ends, has the pod’s own address, and the service', async () => {
  putCart();
  await start();
  await isReady();
  await worker.connect(hub.url, WORKER);
  const admin = await page(ADMIN);
  const hashed = (record: Buffer) => {
    record.writeUInt32LE(0xabcdef, 112);
    return record;
  };
  const asked = hashed(call('/cart', { src: WEB, dst: CART_SERVICE, dstPort: 80, timestamp: now() }));
  const answered = hashed(
    call('/cart', { src: WEB, dst: CART, dstPort: 8080, timestamp: now(), place: 1, flow: 2 }),
  );
  worker.send({ records: [asked, answered], places: [IN_WEB, podPlace('stock', 'cart-7d9-x', CART)] });
  const both = await row(admin, ({ sightings }) => sightings === 2);
  expect(both.dst).toMatchObject({
    ip: CART,
    port: 8080,
    pod: { name: 'cart-7d9-x' },
    service: { name: 'cart' },
    workload: { name: 'cart' },
  });
});

test('where all of a node’s traffic is captured, that of the product’s own pods is left out', async () => {
  putCart();
  api.put('pods', apiPod('hub', '10.244.1.4', { namespace: 'kubeshark' }));
  await start();
  await isReady();
  await worker.connect(hub.url, WORKER);
  const admin = await page(ADMIN);
  const timestamp = now();
  const [src, ours] = ['10.254.0.1', '10.244.1.4'];
  await worker.store({
    records: [
      call('/probe-of-the-hub', { src, dst: ours, timestamp }),
      call('/by-the-hub', { src: ours, dst: src, timestamp, flow: 2 }),
      call('/of-others', { src, dst: CART, timestamp, flow: 3 }),
    ],
    places: [HOST_PLACE],
  });
  await row(admin, ({ target }) => target === '/of-others');
  const { rows } = (await (await hub.get('/api/v1/entries?limit=10', ADMIN)).json()) as Page;
  expect(rows.map(({ target }) => target)).toEqual(['/of-others']);
});

test('completion offers what the cluster has, behind what was seen, for each as much as they may know', async () => {
  putCart();
  await start();
  await isReady();
  await worker.connect(hub.url, WORKER);
  await worker.store({ records: [toCart()], places: [IN_WEB] });
  const offered = async (field: string, token: string) => {
    const answer = await hub.get(`/api/v1/fields/${field}/values`, token);
    return ((await answer.json()) as FieldValues).values.map(({ value, count }) => `${value} ${count}`);
  };
  await expect.poll(() => offered('src.pod.name', ADMIN)).toEqual(['web 1', 'cart-7d9-x 0', 'worker-a 0']);
  expect(await offered('src.namespace', ADMIN)).toEqual(['shop 1', 'kubeshark 0', 'stock 0']);
  expect(await offered('src.namespace', SHOP)).toEqual(['shop 1']);
  expect(await offered('dst.labels', SHOP)).toEqual(['app 0']);
});

test('who sees a namespace puts a rule in the place of the one they see: what they do not see stays captured', async () => {
  api.targeters.add('admin').add('shopkeeper');
  const kept = { namespaces: ['shop', 'stock'] };
  api.put('configmaps', {
    metadata: { uid: 'targets', name: 'kubeshark-targets', namespace: 'kubeshark' },
    data: { 'rule.json': JSON.stringify(kept) },
  });
  await start();
  await isReady();
  const put = (token: string, rule: object) =>
    fetch(`${hub.url}/api/v1/targets`, {
      method: 'PUT',
      headers: {
        authorization: `Bearer ${token}`,
        'x-kubeshark': '1',
        'content-type': 'application/json',
      },
      body: JSON.stringify(rule),
    });
  const inForce = async () =>
    (await (await hub.get('/api/v1/targets', ADMIN)).json()) as { rule: TargetRule };
  await expect.poll(async () => (await inForce()).rule.namespaces).toEqual(kept.namespaces);
  const answer = await put(SHOP, { namespaces: ['shop'], excludeNamespaces: ['shop'] });
  expect(((await answer.json()) as { rule: TargetRule }).rule.namespaces).toEqual(['shop']);
  expect((await inForce()).rule).toMatchObject({
    namespaces: ['shop', 'stock'],
    excludeNamespaces: ['shop'],
  });
  const refused = await put(SHOP, { namespaces: ['shop'], pods: 'web' });
  expect([refused.status, await refused.text()]).toEqual([
    403,
    expect.stringContaining('that you do not see'),
  ]);
  expect((await inForce()).rule.pods).toBe('');
  expect((await put(ADMIN, { namespaces: ['shop'] })).status).toBe(200);
  expect((await inForce()).rule.namespaces).toEqual(['shop']);
});
