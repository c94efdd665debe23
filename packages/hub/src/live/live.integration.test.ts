// A page's list over a real hub: history, then live, then a disconnect, without a hole and without a double.
import type { ListRow } from '@kubeshark/model';
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

test('a search by body finds what is held and what is stored, newest first, and ends', async () => {
  const page = open();
  await page.subscribe('response.body.contains("needle")', { live: false, history: 5 });
  await page.hears('history');
  expect(page.rows).toEqual([]);
  const needle = { sections: { responseBody: 'a needle here' } };
  await worker.store({ records: [next('/hay'), next('/needle/1', needle)] });
  worker.send({ records: [next('/needle/2', needle)] });
  const again = open();
  await again.subscribe('response.body.contains("needle")');
  await again.hears('history');
  await expect.poll(() => targets(again.list)).toEqual(['/needle/1', '/needle/2']);
  // Of the list that does not go on nothing more was heard.
  expect(page.all('rows')).toEqual([]);
});

test('viewers that come at any moment of the traffic, and leave and come back, have the same list: no hole, no double', async () => {
  const below = (n: number) => Math.floor(Math.random() * n);
  const pause = (ms: number) => new Promise((resolve) => setTimeout(resolve, below(ms)));
  const filter = 'path.startsWith("/race/") && elapsed_time != 7';
  const opened: { path: string; index: number }[] = [];
  let sending = true;
  let last = 0;
  const traffic = (async () => {
    for (let batch = 0; batch < 70; batch++) {
      const records: Buffer[] = [];
      for (let i = below(20); i >= 0; i--) {
        const path = `/race/${++index}`;
        const kind = below(4);
        if (kind === 0) {
          opened.push({ path, index });
          records.push(call(path, { flow: 3, index, state: 'open' }));
        } else records.push(call(path, { flow: 3, index, elapsed: kind === 1 ? 7 : 8 }));
        if (opened.length > 0 && below(3) === 0) {
          const [{ path, index }] = opened.splice(below(opened.length), 1) as [(typeof opened)[number]];
          records.push(call(path, { flow: 3, index, revision: 1, elapsed: below(2) === 0 ? 7 : 8 }));
        }
      }
      last = worker.send({ records });
      await pause(8);
    }
    const rest = opened.splice(0).map(({ path, index }) => call(path, { flow: 3, index, revision: 1 }));
    last = worker.send({ records: rest });
    sending = false;
  })();

  interface Viewing {
    page: TestPage;
    earlier: TestPage[];
  }
  const viewings: Viewing[] = [];
  const viewing = async (): Promise<void> => {
    await pause(500);
    const view: Viewing = { page: open(), earlier: [] };
    viewings.push(view);
    await view.page.subscribe(filter, { history: 5_000 });
    await view.page.hears('history');
    while (sending) {
      await pause(300);
      const live = view.page.all('rows').findLast((m) => m.live);
      const after = live?.cursor ?? view.page.all('history')[0]!.cursor;
      view.page.close();
      view.earlier.push(view.page);
      await pause(100);
      view.page = open();
      await view.page.subscribe(filter, { after });
      await view.page.hears('history');
    }
  };
  await Promise.all([traffic, ...Array.from({ length: 4 }, viewing)]);
  await worker.storedUpTo(last);

  const query = new URLSearchParams({ filter, limit: '5000' });
  const { rows } = (await (await hub.get(`/api/v1/entries?${query}`)).json()) as { rows: ListRow[] };
  expect(rows.length).toBeGreaterThan(200);
  for (const { page, earlier } of viewings) {
    const connections = [...earlier, page];
    const states = new Map<string, ListRow>();
    const told = () => connections.flatMap((c) => c.heard);
    await expect
      .poll(() => {
        states.clear();
        // As the page does: the highest revision of each row counts, in whatever order they come.
        for (const message of told())
          if (message.type === 'rows' || message.type === 'revised')
            for (const row of message.rows) {
              const known = states.get(row.id);
              if (known ? row.revision > known.revision : message.type === 'rows') states.set(row.id, row);
            }
        return [...states.values()].filter((row) => row.elapsed !== 7).length;
      })
      .toBe(rows.length);
    const listed = [...states.values()].filter((row) => row.elapsed !== 7).toSorted((a, b) => a.seq - b.seq);
    expect(listed).toEqual(rows);
    expect([...states.values()].every((row) => row.state === 'closed')).toBe(true);
    for (const connection of connections) {
      const once = connection.rows.map((row) => `${row.id} ${row.revision}`);
      expect(new Set(once).size).toBe(once.length);
    }
    await expect.poll(() => page.all('count').at(-1)?.matched, { timeout: 3_000 }).toBe(rows.length);
  }
});
