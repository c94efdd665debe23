// A call through sidecars in the list: one row, counted once; its legs are there for whoever asks for them and may see them.
import type { Histogram, ListRow, Page } from '@kubeshark/model';
import { API_PREFIX } from '@kubeshark/model';
import { afterAll, beforeAll, expect, test } from 'vitest';
import type { TestHub } from './testing.ts';
import { call, newHub, podPlace, SHOP, TestPage, TestWorker, USER } from './testing.ts';

const A = '10.71.0.2';
const B = '10.72.0.2';
const PAYMENTS = 'payments-token';
const T0 = 1_790_000_000_000_000;
/** Of the caller, inside and outside; of the server, outside and inside. */
const PLACES = [
  { ...podPlace('shop', 'front', A), interface: 'lo' },
  podPlace('shop', 'front', A),
  podPlace('payments', 'pay', B),
  { ...podPlace('payments', 'pay', B), interface: 'lo' },
];

let hub: TestHub;
let worker: TestWorker;
const pages: TestPage[] = [];
let flow = 0;

/** What the four places see of one call. */
function seen(id: string): Buffer[] {
  flow++;
  const at = (
    place: number,
    src: string,
    dst: string,
    dstPort: number,
    after: number,
    elapsed: number,
    hash: number,
  ) => {
    const record = call('/pay', {
      flow: flow * 10 + place,
      place,
      src,
      dst,
      dstPort,
      timestamp: T0 + flow * 1_000_000 + after,
      elapsed,
      sections: { requestHead: `POST /pay HTTP/1.1\r\nHost: pay\r\nx-request-id: ${id}\r\n\r\n` },
    });
    record.writeUInt32LE(flow * 10 + hash, 112);
    return record;
  };
  return [
    at(0, A, '127.0.0.1', 15_001, 0, 10_000, 1),
    at(1, A, B, 8_080, 1_000, 8_000, 2),
    at(2, A, B, 8_080, 1_100, 7_800, 2),
    at(3, '127.0.0.6', B, 80, 2_000, 6_000, 3),
  ];
}

beforeAll(async () => {
  hub = await newHub({
    restrictedUsers: [
      { token: SHOP, namespaces: ['shop'] },
      { token: PAYMENTS, namespaces: ['payments'] },
    ],
  });
  worker = new TestWorker('legsboot');
  await worker.connect(hub.url);
  await worker.store({ records: seen('r-1'), places: PLACES });
});

afterAll(async () => {
  for (const page of pages) page.close();
  worker.close();
  await hub.end();
});

async function ask<T>(path: string, token: string): Promise<T> {
  const response = await hub.get(API_PREFIX + path, token);
  expect(response.status).toBe(200);
  return (await response.json()) as T;
}

const ways = (rows: readonly ListRow[]) =>
  rows.map(({ src, dst, legs }) => [
    `${src.pod?.name ?? '?'}>${dst.pod?.name ?? '?'}:${dst.port}`,
    legs && [legs.outer, legs.inner],
  ]);
const listed = async (token: string, filter = '') =>
  ways((await ask<Page>(`/entries?filter=${encodeURIComponent(filter)}`, token)).rows);

const ALL_LEGS = [
  ['front>pay:15001', [0, 2]],
  ['front>pay:8080', [1, 1]],
  ['pay>pay:80', [2, 0]],
];

test('one row from the caller to the server, counted once; a filter that names legs lists them', async () => {
  expect(await listed(USER)).toEqual([ALL_LEGS[0]]);
  expect(await ask('/count', USER)).toMatchObject({ matched: 1, total: 1 });
  expect((await ask<Histogram>('/histogram', USER)).totals).toEqual({ ok: 1 });
  expect(await listed(USER, 'dst.pod.name == "pay" && legs == 3')).toEqual([ALL_LEGS[0]]);
  expect(await listed(USER, 'is_leg')).toEqual(ALL_LEGS.slice(1));
  const [row] = (await ask<Page>('/entries', USER)).rows;
  expect(await listed(USER, `call == "${row!.legs!.call}"`)).toEqual(ALL_LEGS);
  expect(await listed(USER, 'call == ""')).toEqual([]);
});

test('who sees the caller’s namespace only has its legs, and the server by its address', async () => {
  expect(await listed(SHOP)).toEqual([['front>?:15001', [0, 1]]]);
  expect(await listed(SHOP, 'legs == 2 && !is_leg')).toEqual([['front>?:15001', [0, 1]]]);
  expect(await listed(SHOP, 'is_leg')).toEqual([['front>?:8080', [1, 0]]]);
  expect(await ask('/count', SHOP)).toMatchObject({ matched: 1, total: 1 });
});

test('to who sees the server’s namespace only, the first leg of it stands for the call', async () => {
  expect(await listed(PAYMENTS)).toEqual([['?>pay:8080', [0, 1]]]);
  expect(await listed(PAYMENTS, '!is_leg && legs == 2')).toEqual([['?>pay:8080', [0, 1]]]);
  expect(await listed(PAYMENTS, 'is_leg')).toEqual([['pay>pay:80', [1, 0]]]);
  expect(await ask('/count', PAYMENTS)).toMatchObject({ matched: 1, total: 1 });
  const answer = await (await hub.get(`${API_PREFIX}/entries`, PAYMENTS)).text();
  expect(answer).not.toMatch(/front|shop|15001/);
});

test('live, a leg whose caller is known later leaves the list; who was away is told too', async () => {
  const [page, away] = [USER, USER].map((token) => new TestPage(hub.url, token)) as [TestPage, TestPage];
  pages.push(page, away);
  await Promise.all([page.subscribe(), away.subscribe()]);
  await Promise.all([page.hears('history'), away.hears('history')]);
  // Not over, so that it is not stored for good before its caller comes.
  const open = call('/pay', {
    flow: 900,
    place: 1,
    src: A,
    dst: B,
    state: 'open',
    timestamp: T0 + 9_000_000,
    elapsed: -1,
    sections: { requestHead: 'POST /pay HTTP/1.1\r\nHost: pay\r\nx-request-id: r-3\r\n\r\n' },
  });
  worker.send({ records: [open], places: PLACES });
  const { rows, cursor } = await away.hears('rows', (m) => m.live);
  await page.hears('rows', (m) => m.live);
  away.close();
  const caller = call('/pay', {
    flow: 901,
    place: 0,
    src: A,
    dst: '127.0.0.1',
    state: 'open',
    timestamp: T0 + 8_999_000,
    elapsed: -1,
    sections: { requestHead: 'POST /pay HTTP/1.1\r\nHost: pay\r\nx-request-id: r-3\r\n\r\n' },
  });
  await worker.store({ records: [caller], places: PLACES });
  const id = rows[0]!.id;
  const leaves = await page.hears('revised', (m) => m.rows.some((row) => row.id === id));
  expect(leaves.rows[0]!.legs).toMatchObject({ outer: 1, inner: 0 });
  const back = new TestPage(hub.url, USER);
  pages.push(back);
  await back.subscribe('', { after: cursor });
  const told = await back.hears('revised');
  expect(told.rows.map((row) => [row.id, row.legs?.outer])).toEqual([[id, 1]]);
});
