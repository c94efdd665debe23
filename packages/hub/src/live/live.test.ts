// A page's list over a real hub: history, then live, then a disconnect, without a hole and without a double.
import { afterAll, beforeAll, expect, test } from 'vitest';
import type { TestHub } from '../testing.ts';
import { call, newHub, TestPage, TestWorker, targets } from '../testing.ts';

let hub: TestHub;
let worker: TestWorker;
const pages: TestPage[] = [];

beforeAll(async () => {
  hub = await newHub();
  worker = new TestWorker('liveboot01');
  await worker.connect(hub.url);
});

afterAll(async () => {
  for (const page of pages) page.close();
  worker.close();
  await hub.end();
});

function open(): TestPage {
  const page = new TestPage(hub.url);
  pages.push(page);
  return page;
}

let index = 0;
const next = (path: string, parts: Parameters<typeof call>[1] = {}) =>
  call(path, { flow: 1, index: ++index, ...parts });

test('history is in order, live rows follow, and a count says how many match', async () => {
  await worker.store({ records: [next('/a/1'), next('/a/2'), next('/b/1')] });
  const page = open();
  await page.subscribe('path.startsWith("/a/")');
  expect((await page.hears('history')).older).toBeNull();
  expect(targets(page.rows)).toEqual(['/a/1', '/a/2']);
  expect(await page.hears('count')).toMatchObject({ matched: 2, total: 3 });
  worker.send({ records: [next('/b/2'), next('/a/3')] });
  const live = await page.hears('rows', (m) => m.live);
  expect(targets(live.rows)).toEqual(['/a/3']);
  expect(await page.hears('count', (m) => m.total === 5)).toMatchObject({ matched: 3 });
  expect((await page.hears('status')).status).toMatchObject({ mode: 'live', restrictedTo: null });
});

test('an open row that ends is told again, at its place, also when it does not match any more', async () => {
  const page = open();
  await page.subscribe('state == "open"');
  await page.hears('history');
  const slow = { flow: 2, index: ++index };
  worker.send({ records: [call('/slow', { ...slow, state: 'open' })] });
  const first = (await page.hears('rows')).rows[0]!;
  expect(first).toMatchObject({ state: 'open', status: '', target: '/slow' });
  worker.send({ records: [call('/slow', { ...slow, revision: 1 })] });
  const last = (await page.hears('revised')).rows[0]!;
  expect(last).toMatchObject({ id: first.id, seq: first.seq, status: '200' });
  expect(last.revision).toBeGreaterThan(first.revision);
  await page.hears('count', (m) => m.matched === 0);
});
