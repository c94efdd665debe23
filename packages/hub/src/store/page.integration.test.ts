import type { Access } from '@kubeshark/model';
import { accessTo, mayRead } from '@kubeshark/model';
import { describe, expect, test } from 'vitest';
import type { HubRow } from '../row.ts';
import type { PageQuery, Position } from './store.ts';
import { ALL, appendAll, commit, newStore, pageOf, row, rows, T0 } from './testing.ts';

const timestampOf = (r: HubRow) => r.record.readDoubleLE(16) + r.context.clockOffset;
const hidden = (r: HubRow) => r.record[4] === 2 && (r.record.readUInt32LE(12) & 128) !== 0;

/** What the page is, by looking at every row. */
function naive(all: readonly HubRow[], query: PageQuery, access: Access): number[] {
  const sign = query.direction === 'older' ? -1 : 1;
  const byTime = query.order === 'timestamp';
  const compare = (a: [number, number], b: [number, number]) => sign * (a[0] - b[0] || a[1] - b[1]);
  const key = (r: HubRow): [number, number] => [byTime ? timestampOf(r) : 0, r.seq];
  const start = query.start;
  const at: [number, number] | null = start
    ? [start.order === 'timestamp' ? start.timestamp : 0, start.seq]
    : null;
  return all
    .filter((r) => mayRead(access, r.context.captured))
    .filter((r) => query.flows || !hidden(r))
    .filter((r) => query.from === undefined || timestampOf(r) >= query.from)
    .filter((r) => query.to === undefined || timestampOf(r) < query.to)
    .filter((r) => query.upTo === undefined || r.seq <= query.upTo)
    .filter((r) => !at || compare(key(r), at) > 0)
    .toSorted((a, b) => compare(key(a), key(b)))
    .slice(0, query.limit)
    .map((r) => r.seq);
}

describe('pages of 3,000 rows in 7 slices', async () => {
  const all = rows(3000);
  // Committed out of order: a slice's ranges of seq overlap its neighbours'.
  const arrived = all.toSorted((a, b) => a.seq + (a.seq % 7) * 40 - (b.seq + (b.seq % 7) * 40));
  const cases: { name: string; query: Partial<PageQuery>; access?: Access }[] = [];
  const starts: Record<PageQuery['order'], (Position | undefined)[]> = {
    seq: [undefined, { order: 'seq', seq: 1500 }, { order: 'seq', seq: 0 }],
    timestamp: [undefined, { order: 'timestamp', timestamp: T0 + 1_500_000, seq: 1510 }],
  };
  for (const order of ['seq', 'timestamp'] as const)
    for (const direction of ['older', 'newer'] as const)
      for (const start of starts[order])
        for (const access of [ALL, accessTo('shop')])
          for (const flows of [false, true])
            cases.push({
              name: `${order} ${direction} from ${start ? start.seq : 'the end'}${access.all ? '' : ', one namespace'}${flows ? ', flows' : ''}`,
              query: { order, direction, start, flows, limit: 100 },
              access,
            });
  cases.push({ name: 'a range of time', query: { from: T0 + 1_000_000, to: T0 + 1_100_000 } });
  cases.push({ name: 'up to a seq', query: { upTo: 700, limit: 5 } });
  cases.push({ name: 'more than there is', query: { limit: 5000 } });
  cases.push({ name: 'nobody’s namespace', query: {}, access: accessTo('nowhere') });

  test('every order, direction, start and viewer gets what looking at every row gives', async () => {
    const { store } = await newStore({ sliceRows: 400 });
    await appendAll(store, arrived, 137);
    expect(store.status().counters.slices).toBeGreaterThanOrEqual(5);
    const byId = new Map(all.map((r) => [r.id, r]));
    for (const { name, query, access = ALL } of cases) {
      const page = await pageOf(store, query, access);
      const whole = {
        filter: '',
        now: 0,
        flows: true,
        order: 'seq',
        direction: 'older',
        limit: 100,
        ...query,
      } as const;
      const expected = naive(all, whole, access);
      expect({ name, seqs: page.rows.map((r) => r.seq), more: page.more }).toEqual({
        name,
        seqs: expected,
        more: expected.length === whole.limit,
      });
      for (const found of page.rows) expect(found).toEqual(byId.get(found.id));
    }
  });
});

test('an open call keeps its place: replaced while open, closed later in another slice, one row at every moment', async () => {
  const { store } = await newStore({ sliceRows: 50 });
  await store.append(commit({ rows: [row({ seq: 1 }), row({ seq: 2, state: 'open' }), row({ seq: 3 })] }));
  const states = async () =>
    (await pageOf(store, { limit: 3, direction: 'newer' })).rows.map((r) => [r.seq, r.change, r.record[5]]);
  expect(await states()).toEqual([
    [1, 1, 1],
    [2, 2, 0],
    [3, 3, 1],
  ]);
  await store.append(commit({ rows: [row({ seq: 2, change: 4, revision: 1, state: 'open' })] }));
  expect(await states()).toEqual([
    [1, 1, 1],
    [2, 4, 0],
    [3, 3, 1],
  ]);
  await appendAll(
    store,
    Array.from({ length: 120 }, (_, i) => row({ seq: 10 + i })),
    60,
  );
  expect((await pageOf(store, { limit: 3, direction: 'newer' })).rows.map((r) => r.change)).toEqual([
    1, 4, 3,
  ]);
  await store.append(commit({ rows: [row({ seq: 2, change: 200, revision: 2 })] }));
  expect(store.status().counters).toMatchObject({ open: 0 });
  expect(store.status().counters.slices).toBeGreaterThanOrEqual(3);
  expect(await states()).toEqual([
    [1, 1, 1],
    [2, 200, 1],
    [3, 3, 1],
  ]);
  expect(store.status().entries).toBe(123);
});

test('bodies come back byte for byte, whatever they are', async () => {
  const { store } = await newStore();
  const bodies: (string | Buffer)[] = [
    'plain',
    'with \0 inside',
    '\uFEFFwith a byte order mark',
    'Grüße, 日本, 🦈',
    Buffer.from([0xff, 0xfe, 0x00, 0x80]),
    Buffer.concat([Buffer.from('cut in the middle of ü'), Buffer.from([0xc3])]),
    'x'.repeat(300_000),
    '',
  ];
  const all = bodies.flatMap((a, i) =>
    bodies.map((b, k) => row({ seq: 1 + i * bodies.length + k, requestBody: a, responseBody: b })),
  );
  await appendAll(store, all, 20);
  const page = await pageOf(store, { limit: 100, direction: 'newer' });
  expect(page.rows.map((r) => r.seq)).toEqual(all.map((r) => r.seq));
  for (const [i, r] of page.rows.entries())
    expect(r.record.equals(all[i]!.record), `row ${r.seq}`).toBe(true);
});

test('a page of large rows ends early and says that there is more', async () => {
  const { store } = await newStore();
  const all = Array.from({ length: 9 }, (_, i) =>
    row({ seq: 1 + i, responseBody: Buffer.alloc(5_000_000, i) }),
  );
  await appendAll(store, all, 3);
  const seen: number[] = [];
  let start: Position | undefined;
  for (let pages = 0; ; pages++) {
    const page = await pageOf(store, { limit: 50, start });
    seen.push(...page.rows.map((r) => r.seq));
    expect(page.rows.length).toBeLessThan(7);
    start = { order: 'seq', seq: seen.at(-1)! };
    if (!page.more) break;
    expect(pages).toBeLessThan(5);
  }
  expect(seen).toEqual(all.map((r) => r.seq).toReversed());
});

test('an aborted page ends at once, and the store goes on', async () => {
  const { store } = await newStore();
  await appendAll(store, rows(2000), 500);
  const controller = new AbortController();
  const query: PageQuery = {
    filter: '',
    now: 0,
    flows: true,
    order: 'seq',
    direction: 'older',
    limit: 5000,
  };
  const reading = (async () => {
    for await (const event of store.page(query, ALL, controller.signal)) void event;
  })();
  controller.abort(new Error('gone'));
  await expect(reading).rejects.toThrow('gone');
  expect((await pageOf(store, { limit: 3 })).rows).toHaveLength(3);
});
