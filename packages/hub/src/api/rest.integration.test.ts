// REST over a real hub: pages, entries, counts, the time strip and values are what was sent; every answer is as OpenAPI says.
import type { Entry, FieldValues, Histogram, Page } from '@kubeshark/model';
import { Flag } from '@kubeshark/model';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { z } from 'zod';
import { flowExtra } from '../../../dissect/src/expand/testing.ts';
import type { CallParts, TestHub } from '../testing.ts';
import { call, HOST_PLACE, newHub, TestWorker, targets } from '../testing.ts';

const SECOND = 1_000_000;
const T0 = 1_700_000_000 * SECOND;
const API = '/api/v1';

let hub: TestHub;
let worker: TestWorker;
let paths: Record<string, Record<string, { responses: Record<string, Described> }>>;
let components: Record<string, unknown>;

interface Described {
  content?: Record<string, { schema: Record<string, unknown> }>;
}

const get = (method: string, head: string, parts: CallParts = {}) =>
  call('/', {
    ...parts,
    sections: {
      requestHead: `${method} HTTP/1.1\r\nHost: shop\r\nX-Tenant: t1\r\n\r\n`,
      responseHead: `HTTP/1.1 ${head}\r\nContent-Type: text/plain\r\n\r\n`,
    },
  });

beforeAll(async () => {
  // What was sent last is held for a moment: answers are the same while it is and when it is stored.
  hub = await newHub({}, { holdMs: 400, commitMs: 10 });
  worker = new TestWorker('restbootid');
  await worker.connect(hub.url);
  const outcomes = ['ok', 'ok', 'server_error', 'no_response', 'ok'] as const;
  await worker.store({
    records: outcomes.map((outcome, i) =>
      get(
        i % 2 === 0 ? `GET /item/${i}` : `POST /item/${i}`,
        outcome === 'server_error' ? '500 No' : '200 OK',
        {
          index: i + 1,
          outcome,
          timestamp: T0 + i * SECOND,
          elapsed: 1_000 * i,
        },
      ),
    ),
    losses: [{ from: T0, to: T0 + SECOND, worker: '', place: 'eth0', cause: 'ring_full', count: 3 }],
    places: [HOST_PLACE],
  });
  const description = (await (await hub.get(`${API}/openapi.json`)).json()) as {
    paths: typeof paths;
    components: { schemas: typeof components };
  };
  paths = description.paths;
  components = description.components.schemas;
});

afterAll(async () => {
  worker.close();
  await hub.end();
});

/** The answer, checked against what OpenAPI says of this path and status. */
async function ask<T>(path: string, described: string, status = 200): Promise<T> {
  const response = await hub.get(`${API}${path}`);
  expect([path, response.status]).toEqual([path, status]);
  const answer = (await response.json()) as T;
  const { schema } = paths[`${API}${described}`]!['get']!.responses[status]!.content!['application/json']!;
  const whole = JSON.stringify({ ...schema, $defs: components }).replaceAll(
    '#/components/schemas/',
    '#/$defs/',
  );
  const checked = z.fromJSONSchema(JSON.parse(whole) as never).safeParse(answer);
  expect([path, checked.error?.issues ?? []]).toEqual([path, []]);
  return answer;
}

test('a page in either direction, its cursors, a range, an order, a filter', async () => {
  const newest = await ask<Page>('/entries?limit=2', '/entries');
  expect(targets(newest.rows)).toEqual(['/item/3', '/item/4']);
  const older = await ask<Page>(`/entries?limit=2&cursor=${newest.older}`, '/entries');
  expect(targets(older.rows)).toEqual(['/item/1', '/item/2']);
  const oldest = await ask<Page>(`/entries?limit=2&cursor=${older.older}`, '/entries');
  expect([targets(oldest.rows), oldest.older]).toEqual([['/item/0'], null]);
  expect(oldest.losses).toEqual([
    { from: T0, to: T0 + SECOND, worker: 'node-1', place: 'eth0', cause: 'ring_full', count: 3 },
  ]);
  const back = await ask<Page>(`/entries?direction=newer&cursor=${oldest.newer}`, '/entries');
  expect([targets(back.rows), back.newer]).toEqual([[1, 2, 3, 4].map((i) => `/item/${i}`), null]);
  const range = `from=${T0 + SECOND}&to=${T0 + 3 * SECOND}&order=timestamp`;
  expect(targets((await ask<Page>(`/entries?${range}`, '/entries')).rows)).toEqual(['/item/1', '/item/2']);
  const filter = encodeURIComponent('outcome == "server_error" || operation == "POST"');
  const matching = await ask<Page>(`/entries?filter=${filter}`, '/entries');
  expect(targets(matching.rows)).toEqual(['/item/1', '/item/2', '/item/3']);
});

test('an entry whole, from the store and from memory, by id and by a link', async () => {
  const [row] = (await ask<Page>('/entries?limit=1', '/entries')).rows;
  for (const name of [row!.id, `${row!.id}@${row!.timestamp}`, `${row!.id}@1`]) {
    const entry = await ask<Entry>(`/entries/${encodeURIComponent(name)}`, '/entries/{id}');
    expect(entry).toMatchObject({ id: row!.id, target: '/item/4', elapsed: 4_000 });
    expect(entry.request!.headers).toEqual([
      ['Host', 'shop'],
      ['X-Tenant', 't1'],
    ]);
    expect(entry.seenBy).toMatchObject([{ worker: 'node-1', interface: 'eth0', side: 'host' }]);
  }
  worker.send({ records: [call('/open', { index: 99, flow: 9, state: 'open' })] });
  const newest = async () => (await ask<Page>('/entries?limit=1', '/entries')).rows[0];
  await expect.poll(newest).toMatchObject({ target: '/open', state: 'open' });
  const entry = await ask<Entry>('/entries/restbootid.9.2r', '/entries/{id}');
  expect(entry).toMatchObject({ state: 'open', response: null });
  await ask('/entries/restbootid.7.7', '/entries/{id}', 404);
});

test('the time strip counts the rows that the list shows: flows too, and those with calls only when asked', async () => {
  const start = T0 + 200 * SECOND;
  const flow = (index: number, flags: number) =>
    call('/', {
      protocol: 'tcp',
      kind: 'flow',
      outcome: 'reset',
      flow: index,
      index: 0,
      flags,
      timestamp: start + index,
      sections: { extra: flowExtra({}, {}, {}) },
    });
  const sent = (from: number) => [
    get('GET /reset', '200 OK', { flow: from, index: 1, outcome: 'reset', timestamp: start }),
    flow(from, Flag.flowHasCalls),
    flow(from + 1, 0),
    flow(from + 2, 0),
  ];
  const where = `filter=${encodeURIComponent('outcome == "reset"')}&from=${start}&to=${start + SECOND}`;
  const seen = async (flows: boolean) => {
    const query = `${where}&flows=${flows}`;
    const { rows } = await ask<Page>(`/entries?${query}`, '/entries');
    const { matched } = await ask<{ matched: number }>(`/count?${query}`, '/count');
    const { totals } = await ask<Histogram>(`/histogram?${query}`, '/histogram');
    return [rows.length, matched, totals.reset];
  };
  await worker.store({ records: sent(200) });
  worker.send({ records: sent(300) });
  await expect.poll(() => seen(false)).toEqual([6, 6, 6]);
  expect(await seen(true)).toEqual([8, 8, 8]);
});

test('counts, the time strip and values, of what is stored and what is held', async () => {
  const path = encodeURIComponent('path.startsWith("/strip/")');
  const times = [0, 1, 1, 3].map((second) => T0 + 100 * SECOND + second * SECOND);
  const sent = (from: number) =>
    times.map((timestamp, i) =>
      get(`GET /strip/${from + i}`, '200 OK', { flow: 20, index: from + i, timestamp }),
    );
  await worker.store({ records: sent(1) });
  worker.send({ records: sent(5) });
  await expect
    .poll(() => ask(`/count?filter=${path}`, '/count'))
    .toMatchObject({ matched: 8, total: expect.any(Number) });
  const range = `from=${T0 + 100 * SECOND}&to=${T0 + 104 * SECOND}`;
  const strip = await ask<Histogram>(`/histogram?filter=${path}&${range}&buckets=4`, '/histogram');
  expect(strip).toMatchObject({ step: SECOND, totals: { ok: 8 } });
  expect(strip.buckets.map((bucket) => bucket.all)).toEqual([2, 4, 0, 2]);
  const whole = await ask<Histogram>('/histogram?buckets=10', '/histogram');
  expect([whole.from, whole.totals.server_error]).toEqual([T0, 1]);

  const values = async (name: string, more = '') =>
    (await ask<FieldValues>(`/fields/${name}/values?${more}`, '/fields/{name}/values')).values;
  expect(await values('outcome', 'prefix=s')).toEqual([{ value: 'server_error', count: 1 }]);
  // By the name that KFL2 has for `operation`; and of a map the keys.
  expect((await values('method', 'limit=1'))[0]).toMatchObject({ value: 'GET' });
  expect((await values('request.headers', 'prefix=x-')).map(({ value }) => value)).toEqual(['x-tenant']);
});

test('what cannot be answered says why, in the same shape', async () => {
  const problem = async (path: string, described: string, status: number) =>
    (await ask<{ error: { code: string } }>(path, described, status)).error;
  expect(await problem('/entries?filter=status_code%20%3E%3E', '/entries', 400)).toMatchObject({
    code: 'bad_filter',
    range: [expect.any(Number), expect.any(Number)],
  });
  expect((await problem('/entries?cursor=what', '/entries', 400)).code).toBe('bad_cursor');
  expect((await problem('/entries?limit=0', '/entries', 400)).code).toBe('bad_request');
  expect((await problem('/histogram?from=5&to=4', '/histogram', 400)).code).toBe('bad_range');
  expect((await problem('/histogram?from=-1e300', '/histogram', 400)).code).toBe('bad_range');
  expect((await problem('/fields/__proto__/values', '/fields/{name}/values', 404)).code).toBe('not_found');
  expect((await problem('/entries/%E0%A4%A', '/entries/{id}', 400)).code).toBe('bad_request');
});

test('OpenAPI describes every route, and each reference leads somewhere', async () => {
  expect(Object.keys(paths).toSorted()).toEqual([
    '/api/v1/count',
    '/api/v1/entries',
    '/api/v1/entries/{id}',
    '/api/v1/fields/{name}/values',
    '/api/v1/histogram',
    '/api/v1/live',
    '/api/v1/openapi.json',
    '/api/v1/session',
    '/api/v1/status',
    '/healthz',
    '/metrics',
    '/readyz',
  ]);
  const references = JSON.stringify({ paths, components }).match(/(?<="\$ref":")[^"]*/g) ?? [];
  for (const reference of references) expect(Object.keys(components)).toContain(reference.split('/').at(-1));
  expect(JSON.stringify(paths)).not.toContain('$defs');
  await ask('/status', '/status');
});

test('metrics name counters and sizes, and nothing of the traffic', async () => {
  const metrics = await (await fetch(`${hub.url}/metrics`)).text();
  expect(metrics).toMatch(/kubeshark_ingest\{name="records"\} [1-9]/);
  expect(metrics).toMatch(/kubeshark_store\{name="entries"\} [1-9]/);
  expect(metrics).toMatch(/kubeshark_cap_total\{limit="viewerSilenceMs"\} 0/);
  expect(metrics).not.toMatch(/node-1|item|shop/);
  expect(await (await fetch(`${hub.url}/readyz`)).text()).toBe('ok\n');
});

test.each([
  'seq',
  'timestamp',
])('every loss is told by a page, by %s: of its rows, between two pages, beyond them all', async (order) => {
  const begin = T0 + (order === 'seq' ? 2_000 : 3_000) * SECOND;
  const times = [10, 20, 30, 40, 50].map((second) => begin + second * SECOND);
  const lost = [5, 12, 25, 35, 45, 55].map((second, i) => begin + second * SECOND + i);
  await worker.store({
    records: times.map((timestamp, i) =>
      call(`/lossy/${i}`, { flow: begin / SECOND - T0 / SECOND, index: i, timestamp }),
    ),
    losses: lost.map((from) => ({ from, to: from, worker: '', place: 'eth0', cause: 'sampled', count: 1 })),
  });
  for (const direction of ['older', 'newer'] as const) {
    const told = new Set<number>();
    let pages = 0;
    for (let cursor: string | null = ''; cursor !== null; pages++) {
      const range = `from=${begin}&to=${begin + 60 * SECOND}&limit=2&order=${order}&direction=${direction}`;
      const page: Page = await ask<Page>(`/entries?${range}${cursor && `&cursor=${cursor}`}`, '/entries');
      for (const { from } of page.losses) told.add(from);
      cursor = page[direction];
    }
    expect([pages, [...told].toSorted((a, b) => a - b)]).toEqual([3, lost]);
  }
  const nothing = `from=${begin}&to=${begin + 60 * SECOND}&filter=${encodeURIComponent('path == "/none"')}`;
  expect((await ask<Page>(`/entries?${nothing}`, '/entries')).losses.map(({ from }) => from)).toEqual(lost);
});
