// What a viewer gets that is slow, pauses, goes away and comes back, or asks for too much: every row, or word of where to read it.
import { setTimeout as sleep } from 'node:timers/promises';
import type { ListRow } from '@kubeshark/model';
import { afterAll, beforeAll, expect, test } from 'vitest';
import type { CallParts, TestHub } from '../testing.ts';
import { call, HOST_PLACE, newHub, QUICK, TestPage, TestWorker, targets } from '../testing.ts';

const LIMITS = {
  ...QUICK,
  viewerQueueRows: 200,
  viewerSocketBytes: 100_000,
  resumeRows: 300,
  subscriptionsPerViewer: 2,
};

let hub: TestHub;
let worker: TestWorker;
const pages: TestPage[] = [];

beforeAll(async () => {
  hub = await newHub({}, LIMITS);
  worker = new TestWorker('boundsboot');
  await worker.connect(hub.url);
});

afterAll(async () => {
  for (const page of pages) page.close();
  worker.close();
  await hub.end();
});

async function open(filter: string, history = 1_000, after?: string): Promise<TestPage> {
  const page = new TestPage(hub.url);
  pages.push(page);
  await page.subscribe(filter, { history, ...(after === undefined ? {} : { after }) });
  await page.hears('history');
  return page;
}

let index = 0;
const next = (path: string, parts: CallParts = {}) => call(path, { flow: 1, index: ++index, ...parts });
const many = (count: number, path: (i: number) => string) =>
  Array.from({ length: count }, (_, i) => next(path(i)));
const of = (name: string) => `path.startsWith("/${name}/")`;

let requests = 1_000;

/** Rows from a cursor on, as the page reads them: until there are `count`, or no more. */
async function rowsFrom(page: TestPage, from: string, count: number): Promise<ListRow[]> {
  const rows: ListRow[] = [];
  for (let cursor: string | null = from; cursor !== null && rows.length < count; ) {
    const request = ++requests;
    await page.ask({ type: 'page', id: 1, request, direction: 'newer', cursor, limit: 100 });
    const answer = await page.hears('page', (m) => m.request === request);
    rows.push(...answer.page.rows);
    cursor = answer.page.newer;
  }
  return rows;
}

test('a list is resumed with all that came, ended or changed meanwhile, once, in the order of changes', async () => {
  const slow = { flow: 9, index: ++index };
  const ending = { flow: 9, index: ++index };
  const filter = `${of('resume')} && status_code != 200`;
  await worker.store({
    records: [
      call('/resume/slow', { ...slow, state: 'open' }),
      call('/resume/ending', { ...ending, state: 'open' }),
    ],
  });
  const before = await open(filter);
  expect(targets(before.rows)).toEqual(['/resume/slow', '/resume/ending']);
  const { cursor } = await before.hears('history');
  before.close();
  const failed = { sections: { responseHead: 'HTTP/1.1 500 No\r\n\r\n' } };
  await worker.store({
    records: [
      call('/resume/slow', { ...slow, ...failed, revision: 1 }),
      call('/resume/ending', { ...ending, revision: 1 }),
      next('/resume/well'),
      ...Array.from({ length: 5 }, (_, i) => next(`/resume/${i}`, failed)),
      // More than the store answers at once.
      ...Array.from({ length: 7 }, (_, i) =>
        next(`/resume/large/${i}`, { sections: { ...failed.sections, responseBody: 'x'.repeat(1_000_000) } }),
      ),
    ],
  });
  const after = await open(filter, 1_000, cursor);
  expect(targets(after.rows)).toEqual([
    '/resume/slow',
    ...[0, 1, 2, 3, 4].map((i) => `/resume/${i}`),
    ...[0, 1, 2, 3, 4, 5, 6].map((i) => `/resume/large/${i}`),
  ]);
  expect(after.all('rows').every((m) => m.live)).toBe(true);
  // It does not match any more, and is open in the list of who has it.
  expect(after.all('revised').flatMap((m) => targets(m.rows))).toEqual(['/resume/ending']);
  worker.send({ records: [next('/resume/last', failed)] });
  await after.hears('rows', (m) => m.rows.some((row) => row.target === '/resume/last'));
  await after.hears('count', (m) => m.matched === 14);
});

test('more than may be resumed, another store’s cursor and no cursor at all: the list begins again', async () => {
  const before = await open(of('far'), 0);
  const { cursor } = await before.hears('history');
  await worker.store({ records: many(301, (i) => `/far/${i}`) });
  const otherStore = Buffer.from('1:c:other:5').toString('base64url');
  for (const after of [cursor, otherStore, 'what?']) {
    const page = new TestPage(hub.url);
    pages.push(page);
    await page.subscribe(of('far'), { after });
    expect((await page.hears('error')).error.code).toBe('bad_cursor');
    expect(page.rows).toEqual([]);
  }
});

test('a page that does not read is told what it missed and reads it, to the last row', async () => {
  const page = await open(of('slow'), 0);
  page.socket.pause();
  const long = 'x'.repeat(8_000);
  let last = 0;
  // More than the system takes in for a socket that nobody reads.
  for (let batch = 0; batch < 25; batch++)
    last = worker.send({ records: many(100, (i) => `/slow/${batch * 100 + i}?${long}`) });
  await worker.storedUpTo(last);
  page.socket.resume();
  // Each time it falls behind it is told what it has to read; from `to` on rows come live again.
  const heard = new Set<string>();
  await page.hears('skipped');
  for (let read = 0; heard.size < 2_500; ) {
    const skipped = page.all('skipped')[read];
    if (skipped) read++;
    else await sleep(20);
    for (const row of skipped ? await rowsFrom(page, skipped.from, skipped.count) : []) heard.add(row.id);
    for (const row of page.rows) heard.add(row.id);
  }
  worker.send({ records: [next('/slow/after')] });
  await page.hears('rows', (m) => m.rows.some((row) => row.target === '/slow/after'));
  const metrics = await (await hub.get('/metrics')).text();
  expect(metrics).toMatch(/kubeshark_cap_total\{limit="viewerQueueRows"\} [1-9]/);
});

test('while paused rows are counted and none is sent; then all come, or word of where to read them', async () => {
  const page = await open(of('pause'), 0);
  await page.ask({ type: 'pause', id: 1, paused: true });
  await worker.store({ records: many(30, (i) => `/pause/${i}`) });
  await page.hears('waiting', (m) => m.count === 30);
  expect(page.rows).toEqual([]);
  await page.ask({ type: 'pause', id: 1, paused: false });
  const rows = (await page.hears('rows')).rows;
  expect(targets(rows)).toEqual(Array.from({ length: 30 }, (_, i) => `/pause/${i}`));

  await page.ask({ type: 'pause', id: 1, paused: true });
  await worker.store({ records: many(250, (i) => `/pause/more/${i}`) });
  await page.hears('waiting', (m) => m.count === 250);
  await page.ask({ type: 'pause', id: 1, paused: false });
  const { from, count } = await page.hears('skipped');
  const later = await rowsFrom(page, from, count);
  const ids = new Set([...page.rows, ...later].map((row) => row.id));
  expect(ids.size).toBe(280);
});

test('the newest state of a row that was sent is never left out', async () => {
  const slow = { flow: 10, index: ++index };
  const page = await open(of('kept'));
  worker.send({ records: [call('/kept/slow', { ...slow, state: 'open' })] });
  await page.hears('rows');
  await page.ask({ type: 'pause', id: 1, paused: true });
  await worker.store({
    records: [call('/kept/slow', { ...slow, revision: 1 }), ...many(250, (i) => `/kept/${i}`)],
  });
  await page.hears('waiting');
  await page.ask({ type: 'pause', id: 1, paused: false });
  await page.hears('skipped');
  const rows = await page.hears('rows', (m) => m.rows.some((row) => row.state === 'closed'));
  expect(targets(rows.rows)[0]).toBe('/kept/slow');
});

test('older rows are read from any cursor that the list gave, also of a live row', async () => {
  await worker.store({ records: many(25, (i) => `/back/${i}`) });
  const page = await open(of('back'), 10);
  expect(targets(page.rows)).toEqual(Array.from({ length: 10 }, (_, i) => `/back/${15 + i}`));
  const { older } = await page.hears('history');
  worker.send({ records: [next('/back/live')] });
  const live = await page.hears('rows', (m) => m.live);
  await page.ask({ type: 'page', id: 1, request: 1, direction: 'older', cursor: older!, limit: 10 });
  const first = (await page.hears('page', (m) => m.request === 1)).page;
  expect(targets(first.rows)).toEqual(Array.from({ length: 10 }, (_, i) => `/back/${5 + i}`));
  await page.ask({ type: 'page', id: 1, request: 2, direction: 'older', cursor: live.cursor, limit: 2 });
  const second = (await page.hears('page', (m) => m.request === 2)).page;
  expect(targets(second.rows)).toEqual(['/back/24', '/back/live']);
  await page.ask({ type: 'page', id: 1, request: 3, direction: 'older', cursor: first.older!, limit: 10 });
  const last = (await page.hears('page', (m) => m.request === 3)).page;
  expect(targets(last.rows)).toEqual([0, 1, 2, 3, 4].map((i) => `/back/${i}`));
  expect(last.older).toBeNull();
});

test('a list by time goes back from any row it has, and what comes later stands where its time is', async () => {
  const time = 1_700_000_400_000_000;
  // The later a call came, the earlier it was.
  await worker.store({
    records: Array.from({ length: 25 }, (_, i) => next(`/time/${i}`, { timestamp: time - i })),
  });
  const page = new TestPage(hub.url);
  pages.push(page);
  const filter = of('time');
  await page.subscribe(filter, { history: 10, query: { filter, order: 'timestamp', flows: false } });
  const { older } = await page.hears('history');
  const back = (from: number, to: number) =>
    Array.from({ length: from - to + 1 }, (_, i) => `/time/${from - i}`);
  expect(targets(page.rows)).toEqual(back(9, 0));
  expect(older).toEqual({ seq: page.rows[0]!.seq, timestamp: time - 9 });
  await page.ask({ type: 'page', id: 1, request: 1, direction: 'older', cursor: older!, limit: 10 });
  const { page: first } = await page.hears('page', (m) => m.request === 1);
  expect(targets(first.rows)).toEqual(back(19, 10));
  const { seq, timestamp } = first.rows[5]!;
  await page.ask({
    type: 'page',
    id: 1,
    request: 2,
    direction: 'older',
    cursor: { seq, timestamp },
    limit: 99,
  });
  const { page: last } = await page.hears('page', (m) => m.request === 2);
  expect(targets(last.rows)).toEqual(back(24, 15));
  expect(last.older).toBeNull();
});

test('losses come live, with the history and to who comes back', async () => {
  const time = 1_700_000_500_000_000;
  const page = await open(of('loss'));
  const { cursor } = await page.hears('history');
  const cause = 'ring_full' as const;
  const loss = { from: time - 10, to: time + 10, worker: 'somebody', place: 'eth0', cause, count: 7 };
  worker.send({ records: [next('/loss/1', { timestamp: time })], losses: [loss], places: [HOST_PLACE] });
  // A worker speaks for itself only.
  const expected = { ...loss, worker: 'node-1' };
  expect((await page.hears('losses')).losses).toEqual([expected]);
  const later = await open(of('loss'));
  expect((await later.hears('losses')).losses).toEqual([expected]);
  const again = await open(of('loss'), 1_000, cursor);
  expect((await again.hears('losses')).losses).toEqual([expected]);
  // A list without a row says what is missing all the same.
  const empty = await open(of('nothing'));
  expect((await empty.hears('losses')).losses).toEqual([expected]);
});

test('requests that cannot be answered get an error, and the connection goes on', async () => {
  const page = new TestPage(hub.url);
  pages.push(page);
  await page.subscribe('status_code >>= 500', { id: 7 });
  const bad = await page.hears('error', (m) => m.id === 7);
  expect(bad.error).toMatchObject({ code: 'bad_filter', range: [expect.any(Number), expect.any(Number)] });
  await page.ask({ type: 'pause', id: 8, paused: true });
  expect((await page.hears('error', (m) => m.id === 8)).error.code).toBe('not_found');
  page.socket.send('{"type":"subscribe"');
  page.socket.send('{"type":"subscribe","id":1}');
  page.socket.send(Buffer.from([1, 2, 3]));
  await expect.poll(() => page.all('error').filter((m) => m.id === null).length).toBe(3);
  for (const id of [1, 2, 3]) await page.subscribe('', { id, history: 1 });
  expect((await page.hears('error', (m) => m.id === 3)).error.code).toBe('too_many');
  await page.ask({ type: 'unsubscribe', id: 1 });
  await page.subscribe('', { id: 3, history: 1 });
  await page.hears('history', (m) => m.id === 3);
});

test('a page that answers nothing for too long is let go; one that listens only is not', async () => {
  const impatient = await newHub({}, { ...QUICK, viewerSilenceMs: 1_500 });
  const [listening, silent] = [new TestPage(impatient.url), new TestPage(impatient.url)];
  await Promise.all([listening, silent].map((page) => page.hears('status')));
  const closed = new Promise((resolve) => silent.socket.on('close', resolve));
  silent.socket.pause();
  const metrics = async () => (await impatient.get('/metrics')).text();
  await expect.poll(metrics, { timeout: 10_000 }).toMatch(/kubeshark_cap_total\{limit="viewerSilenceMs"\} 1/);
  silent.socket.resume();
  await closed;
  expect(listening.socket.readyState).toBe(listening.socket.OPEN);
  listening.close();
  await impatient.end();
});
