// Who may see one namespace sees nothing of the others: not in lists, counts, times, values, details, losses or live, nor by filters.
import type { Entry, Histogram, HubStatus, ListRow, Page } from '@kubeshark/model';
import { API_PREFIX, Head } from '@kubeshark/model';
import { afterAll, beforeAll, expect, test } from 'vitest';
import type { TestHub } from './testing.ts';
import { call, HOST_PLACE, newHub, podPlace, SHOP, TestPage, TestWorker, targets, USER } from './testing.ts';

const SECOND = 1_000_000;
const T0 = 1_790_000_000 * SECOND;
const CART = '10.0.0.1';
const PAY = '10.0.0.2';
const PLACES = [
  podPlace('shop', 'cart-7', CART),
  { ...podPlace('payments', 'pay-9', PAY), interface: 'veth-pay' },
  HOST_PLACE,
];
const [SHOP_PLACE, PAY_PLACE, ON_HOST] = [0, 1, 2];
/** What nobody of the shop may ever read. */
const SECRETS = /pay-9|payments|veth-pay|uid-of-pay/;

let hub: TestHub;
let worker: TestWorker;
const pages: TestPage[] = [];
let index = 0;

function at(place: number, path: string, parts: Parameters<typeof call>[1] = {}): Buffer {
  index++;
  return call(path, { flow: 1, index, timestamp: T0 + index * SECOND, place, ...parts });
}

/** One call from the shop to payments, seen at both ends. */
function seenTwice(path: string): Buffer[] {
  return [SHOP_PLACE, PAY_PLACE].map((place) => {
    const record = at(place, path, { src: CART, dst: PAY, timestamp: T0, flow: 10 + place });
    record.writeUInt32LE(0xabcdef, Head.hashLow);
    return record;
  });
}

beforeAll(async () => {
  hub = await newHub();
  worker = new TestWorker('accessboot');
  await worker.connect(hub.url);
  await worker.store({
    records: [
      ...seenTwice('/pay'),
      at(SHOP_PLACE, '/cart', { src: CART, dst: '10.0.0.3' }),
      at(PAY_PLACE, '/ledger', { src: PAY, dst: '10.0.0.4' }),
      at(PAY_PLACE, '/ledger', { src: PAY, dst: '10.0.0.4', outcome: 'server_error' }),
      at(ON_HOST, '/host'),
      at(PAY_PLACE, '/slow', { src: PAY, state: 'open', elapsed: -1 }),
    ],
    places: PLACES,
    losses: [{ from: T0, to: T0 + SECOND, worker: 'node-1', place: 'pay-9', cause: 'ring_full', count: 5 }],
  });
});

afterAll(async () => {
  for (const page of pages) page.close();
  worker.close();
  await hub.end();
});

function open(token: string): TestPage {
  const page = new TestPage(hub.url, token);
  pages.push(page);
  return page;
}

/** What the shop is answered, looked at for secrets as a whole. */
async function ask<T>(path: string, token = SHOP): Promise<T> {
  const response = await hub.get(API_PREFIX + path, token);
  const text = await response.text();
  expect(response.status).toBe(200);
  if (token === SHOP) expect(text).not.toMatch(SECRETS);
  return JSON.parse(text) as T;
}

const filtered = (path: string, filter: string) => `${path}?filter=${encodeURIComponent(filter)}`;

/** Filters that would tell what a row is hiding, were they answered with what is hidden. */
const PROBES = [
  'dst.pod.name == "pay-9"',
  'dst.namespace == "payments"',
  'src.namespace == "payments"',
  'dst.name.contains("pay")',
  'target == "/ledger"',
  // Where it was captured first may be the other end's node.
  'worker == "node-1"',
  'interface != ""',
];

test('lists hold the rows captured in the namespace, of the other end its address only', async () => {
  const { rows } = await ask<Page>('/entries');
  expect(targets(rows)).toEqual(['/pay', '/cart']);
  expect(rows[0]!.src).toMatchObject({ ip: CART, pod: { name: 'cart-7', namespace: 'shop' } });
  expect(rows[0]!.dst).toEqual({ ip: PAY, port: 80 });
  const all = await ask<Page>('/entries', USER);
  expect(targets(all.rows)).toEqual(['/pay', '/cart', '/ledger', '/ledger', '/host', '/slow']);
  expect(all.rows[0]!.dst.pod).toMatchObject({ name: 'pay-9', namespace: 'payments' });
});

test('counts, times and values are those of the namespace', async () => {
  expect(await ask('/count')).toMatchObject({ matched: 2, total: 2 });
  expect(await ask('/count', USER)).toMatchObject({ matched: 6, total: 6 });
  const strip = await ask<Histogram>('/histogram?buckets=4');
  expect(strip.totals).toEqual({ ok: 2 });
  expect([strip.from, strip.to]).toEqual([T0, T0 + 3 * SECOND + 1]);
  expect(await ask('/fields/target/values')).toEqual({
    values: [
      { value: '/cart', count: 1 },
      { value: '/pay', count: 1 },
    ],
  });
  expect(await ask('/fields/src.pod.name/values')).toEqual({ values: [{ value: 'cart-7', count: 2 }] });
  expect(await ask('/fields/dst.pod.name/values')).toEqual({ values: [] });
  expect(await ask('/fields/worker/values')).toEqual({ values: [] });
});

test.each(PROBES)('a filter tells nothing of what is hidden: %s', async (filter) => {
  expect((await ask<Page>(filtered('/entries', filter))).rows).toEqual([]);
  expect(await ask(filtered('/count', filter))).toMatchObject({ matched: 0, total: 2 });
  expect((await ask<Histogram>(filtered('/histogram', filter))).totals).toEqual({});
  expect((await ask<Page>(filtered('/entries', filter), USER)).rows).not.toEqual([]);
});

test('details are of rows of the namespace only, stored or in memory, and name no other place', async () => {
  const { rows } = await ask<Page>('/entries', USER);
  const [shared, , ledger, , host, slow] = rows as [ListRow, ListRow, ListRow, ListRow, ListRow, ListRow];
  for (const { id, timestamp } of [ledger, host, slow])
    for (const name of [id, `${id}@${timestamp}`])
      expect((await hub.get(`${API_PREFIX}/entries/${name}`, SHOP)).status).toBe(404);
  expect((await hub.get(`${API_PREFIX}/entries/${slow.id}`, USER)).status).toBe(200);
  const entry = await ask<Entry>(`/entries/${shared.id}`);
  expect(entry.seenBy.map(({ side, pod }) => [side, pod?.name])).toEqual([
    ['client', 'cart-7'],
    ['server', undefined],
  ]);
});

test('that something was lost is told, not where', async () => {
  const where = { worker: '', place: '', cause: 'ring_full', count: 5 };
  const { losses } = await ask<Page>('/entries');
  expect(losses).toEqual([{ from: T0, to: T0 + SECOND, ...where }]);
  expect((await ask<Histogram>('/histogram')).losses).toEqual(losses);
});

test('the status is of the namespace, and names no worker', async () => {
  const status = await ask<HubStatus>('/status');
  expect(status).toMatchObject({ restrictedTo: ['shop'], entries: 2, workers: [], packetsPerSecond: 0 });
  expect(status.store.oldest).toBe(T0);
});

test('a live list, its counts, its losses and its resumption hold nothing of others', async () => {
  const [page, all] = [open(SHOP), open(USER)];
  await Promise.all([page.subscribe(), all.subscribe()]);
  await Promise.all([page.hears('count'), all.hears('count')]);
  expect(targets(page.list)).toEqual(['/pay', '/cart']);
  worker.send({
    records: [at(PAY_PLACE, '/ledger/live'), at(ON_HOST, '/host/live'), at(SHOP_PLACE, '/cart/live')],
    places: PLACES,
    losses: [{ from: T0, to: T0 + 1, worker: 'node-1', place: 'pay-9', cause: 'spool_full', count: 1 }],
  });
  await all.hears('rows', (m) => m.live && m.rows.some((row) => row.target === '/cart/live'));
  const { cursor } = await page.hears('rows', (m) => m.live);
  expect(targets(page.list)).toEqual(['/pay', '/cart', '/cart/live']);
  await page.hears('count', (m) => m.matched === 3 && m.total === 3);
  const { losses } = await page.hears('losses', (m) => m.losses.some((loss) => loss.cause === 'spool_full'));
  expect(losses).toMatchObject([{ worker: '', place: '' }]);
  await worker.store({
    records: [at(PAY_PLACE, '/ledger/later'), at(SHOP_PLACE, '/cart/later')],
    places: PLACES,
  });
  const later = open(SHOP);
  await later.subscribe('', { after: cursor });
  await later.hears('history');
  expect(targets(later.list)).toEqual(['/cart/later']);
  expect(JSON.stringify([page.heard, later.heard])).not.toMatch(SECRETS);
});

test('what needs no token says nothing of the traffic', async () => {
  for (const path of ['/metrics', '/healthz', '/readyz']) {
    const response = await fetch(hub.url + path);
    expect(response.status).toBe(200);
    expect(await response.text()).not.toMatch(/pay-9|payments|node-1|eth0|cart|shop|10\.0\.0|ledger/);
  }
});
