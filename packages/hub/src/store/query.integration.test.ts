// Counts, the time strip, values, changes, lookups: each against looking at every row in JavaScript.
import { compile } from '@kubeshark/kfl';
import type { Access, FieldName, Outcome } from '@kubeshark/model';
import { accessTo, FIELDS, FieldNumber, Head, mayRead, RecordView } from '@kubeshark/model';
import { describe, expect, test } from 'vitest';
import { isInnerLeg, project } from '../access.ts';
import { namesLegs } from '../names-legs.ts';
import type { HubRow } from '../row.ts';
import { RowReader } from './row-reader.ts';
import type { StoreQuery } from './store.ts';
import { StoreQueryError } from './store.ts';
import {
  ALL,
  appendAll,
  commit,
  EVERYTHING,
  never,
  newStore,
  pageOf,
  random,
  row,
  rows,
  T0,
  withLegs,
} from './testing.ts';

const timestampOf = (r: HubRow) => r.record.readDoubleLE(16) + r.context.clockOffset;
const hidden = (r: HubRow) => r.record[4] === 2 && (r.record.readUInt32LE(12) & 128) !== 0;

/** Rows of a query, by looking at each. `every`: that the filter chooses from. */
function matching(all: readonly HubRow[], query: StoreQuery, access: Access, every = false): HubRow[] {
  const compiled = compile(query.filter, { now: query.now });
  if ('error' in compiled) throw new Error(compiled.error.message);
  const { filter } = compiled;
  const reader = new RowReader();
  return all
    .filter((r) => mayRead(access, r.context.captured))
    .filter((r) => query.flows || !hidden(r))
    .filter((r) => query.flows || namesLegs(filter) || !isInnerLeg(r, access))
    .filter((r) => query.from === undefined || timestampOf(r) >= query.from)
    .filter((r) => query.to === undefined || timestampOf(r) < query.to)
    .filter((r) => query.upTo === undefined || r.seq <= query.upTo)
    .filter((r) => every || filter.matches(reader.at(project(r, access))));
}

/** Those that list inner legs of calls through sidecars. */
const LEG_FILTERS = ['is_leg', 'is_leg == false || legs == 2', 'call == "call-3"'];

const FILTERS = [
  ...LEG_FILTERS,
  'legs > 1',
  'legs == 2 && http',
  '',
  'http',
  'src.namespace == "shop"',
  'dst.namespace == "payments" && outcome == "server_error"',
  'status_code >= 500',
  'path.startsWith("/cart") || operation == "PUT"',
  'src.pod.name == "infra-pod-2" || state == "open"',
  'index % 3 == 0 && !is_flow',
  '!(http && response.body.contains("answer 1"))',
  'request.headers["X-Tenant"] == "t7"',
  'request.body.contains("Straße")',
  'path.matches("/(users|pay)/[0-9]$")',
  'dst.name == "shop" || dst.service.name == "infra"',
  'src.name.contains("infra")',
  'dst.labels["app"] == "infra" && dst.workload.kind != "Job"',
  '"number" in src.labels || src.labels["number"] == ""',
  'size(dst.labels) == 2',
  'timestamp > timestamp("2026-01-01T00:00:00Z") && src.ip.startsWith("10.")',
];

const VIEWERS: [string, Access][] = [
  ['all', ALL],
  ['shop', accessTo('shop')],
  ['shop and infra', accessTo('shop', 'infra')],
  ['nobody', accessTo('nowhere')],
];

describe('600 rows in 4 slices and 60 open calls', async () => {
  const closed = withLegs(rows(600, 5), 3);
  const below = random(9);
  const plainOpen = Array.from({ length: 60 }, (_, i) =>
    row({
      seq: 2_000 + i,
      state: 'open',
      timestamp: T0 + below(600) * 1_000,
      captured: [['shop'], ['infra'], ['payments', 'shop']][below(3)]!,
      src: { name: 'shop-pod', namespace: 'shop', pod: 'shop-pod-1', service: 'shop' },
      dst: { name: 'infra-pod', namespace: 'infra', pod: 'infra-pod-1', service: 'infra' },
    }),
  );
  const open = withLegs(plainOpen, 4);
  const all = [...closed, ...open];
  const queries: { name: string; query: StoreQuery; access: Access }[] = [];
  // Everybody for all filters, the others in turn.
  for (const [i, filter] of FILTERS.entries())
    for (const [who, access] of [VIEWERS[0]!, VIEWERS[1 + (i % 3)]!])
      for (const flows of [true, false])
        queries.push({ name: `${who}: ${filter}`, query: { ...EVERYTHING, filter, flows }, access });
  for (const [who, access] of VIEWERS.slice(0, 2))
    for (const [what, part] of [
      ['without flows', { flows: false }],
      ['a time', { from: T0 + 150_000, to: T0 + 350_500 }],
      ['no time', { from: T0 - 2_000_000, to: T0 - 1_000_000 }],
      ['up to', { upTo: 377, filter: 'http' }],
    ] as const)
      queries.push({ name: `${who}: ${what}`, query: { ...EVERYTHING, ...part }, access });

  test('the filters select something and not all', () => {
    const found = FILTERS.map((filter) => matching(all, { ...EVERYTHING, filter }, ALL).length);
    expect(found.filter((n) => n > 0 && n < all.length).length).toBeGreaterThanOrEqual(6);
  });

  test('count, pages, time strip, values, range: the same for every filter and viewer, twice', async () => {
    const { store } = await newStore({ sliceRows: 150 });
    await appendAll(store, closed, 57);
    await appendAll(store, open, 60);
    expect(store.status().counters.slices).toBeGreaterThanOrEqual(4);

    for (const [i, { name, query, access }] of [...queries, ...queries.slice(0, 6)].entries()) {
      const expected = matching(all, query, access);
      const total = matching(all, query, access, true).length;
      expect({ name, ...(await store.count(query, access, never())) }).toEqual({
        name,
        matched: expected.length,
        total,
      });
      const page = await pageOf(store, { ...query, limit: 2_000, direction: 'newer' }, access);
      expect({ name, seqs: page.rows.map((r) => r.seq) }).toEqual({ name, seqs: expected.map((r) => r.seq) });
      if (i % 3 !== 0) continue;

      const [from, to, buckets] = [query.from ?? T0, query.to ?? T0 + 500_001, 7];
      const strip = await store.histogram({ ...query, from, to }, buckets, access, never());
      expect({ name, step: strip.step, buckets: strip.buckets }).toEqual({
        name,
        ...stripOf(matching(all, { ...query, from, to }, access), from, to, buckets),
      });
    }

    for (const [who, access] of VIEWERS)
      for (const field of [
        'src.name',
        'dst.namespace',
        'dst.labels',
        'dst.workload.kind',
        'operation',
        'status_code',
        'request.headers',
        'worker',
      ] as const)
        for (const prefix of ['', 's', 'X-']) {
          const found = await store.values(FieldNumber[field], prefix, EVERYTHING, access, 5, never());
          const expected = valuesOf(matching(all, EVERYTHING, access), field, prefix, access);
          expect({ who, field, prefix, found }).toEqual({ who, field, prefix, found: expected.slice(0, 5) });
        }

    for (const [, access] of VIEWERS) {
      const times = matching(all, EVERYTHING, access).map(timestampOf);
      expect(await store.range(access)).toEqual(
        times.length === 0 ? null : { from: Math.min(...times), to: Math.max(...times) },
      );
    }
    expect(store.status()).toMatchObject({
      entries: all.length,
      oldest: Math.min(...closed.map(timestampOf)),
    });

    await expect(store.count({ ...EVERYTHING, filter: '((' }, ALL, never())).rejects.toBeInstanceOf(
      StoreQueryError,
    );
  });
});

function stripOf(found: readonly HubRow[], from: number, to: number, buckets: number) {
  const step = Math.ceil((to - from) / buckets);
  const strip = Array.from({ length: Math.ceil((to - from) / step) }, () => ({
    all: 0,
    outcomes: {} as Partial<Record<Outcome, number>>,
  }));
  const view = new RecordView();
  for (const r of found) {
    const { outcome } = view.at(r.record, 0);
    const bucket = strip[Math.floor((timestampOf(r) - from) / step)]!;
    bucket.all++;
    bucket.outcomes[outcome] = (bucket.outcomes[outcome] ?? 0) + 1;
  }
  return { step, buckets: strip };
}

function valuesOf(found: readonly HubRow[], name: FieldName, prefix: string, access: Access) {
  const field = FieldNumber[name];
  const reader = new RowReader();
  const counts = new Map<string, number>();
  for (const r of found) {
    const view = reader.at(project(r, access));
    const values =
      FIELDS[field]!.type === 'map'
        ? view.keys(field)
        : [name === 'status_code' ? String(view.number(field)) : view.text(field)];
    for (const value of values)
      if (value !== '' && value.startsWith(prefix)) counts.set(value, (counts.get(value) ?? 0) + 1);
  }
  return [...counts]
    .map(([value, count]) => ({ value, count }))
    .toSorted((a, b) => b.count - a.count || (a.value < b.value ? -1 : 1));
}

test('what changed after a moment: rows a viewer may have in its list, and new ones that match', async () => {
  const { store } = await newStore({ sliceRows: 60 });
  const first = Array.from({ length: 100 }, (_, i) =>
    row({ seq: 1 + i, state: i % 4 === 0 ? 'open' : 'closed', captured: [i % 2 === 0 ? 'shop' : 'infra'] }),
  );
  await appendAll(store, first, 50);
  const second = [
    row({ seq: 1, change: 201, captured: ['shop'], protocol: 'tcp', kind: 'flow' }),
    row({ seq: 5, change: 202, state: 'open', revision: 1, captured: ['shop'] }),
    row({ seq: 203, captured: ['infra'] }),
    row({ seq: 204, captured: ['shop'], protocol: 'tcp', kind: 'flow' }),
    row({ seq: 205, captured: ['shop'] }),
  ];
  await store.append(commit({ rows: second }));
  const changed = async (after: number, access = ALL, limit = 100, filter = 'http') =>
    (await store.changedAfter(after, limit, { ...EVERYTHING, filter }, access, never())).map((r) => r.change);
  // 204 matches no filter and was never in the list; 1 was, and no longer matches.
  expect(await changed(100)).toEqual([201, 202, 203, 205]);
  expect(await changed(100, accessTo('shop'))).toEqual([201, 202, 205]);
  expect(await changed(100, ALL, 2)).toEqual([201, 202]);
  expect(await changed(202)).toEqual([203, 205]);
  expect(await changed(205)).toEqual([]);
  expect(await changed(100, ALL, 100, '')).toEqual([201, 202, 203, 204, 205]);
});

test('a row by id, with its late sightings, for whom it is visible; losses; what came lately', async () => {
  const { store } = await newStore({ sliceRows: 40 });
  const all = Array.from({ length: 120 }, (_, i) =>
    row({ seq: 1 + i, captured: [i % 2 === 0 ? 'shop' : 'infra'] }),
  );
  await appendAll(store, all, 40);
  const sighting = {
    id: 'other.1.1',
    worker: 'node-2',
    interface: 'eth1',
    side: 'server',
    timestamp: T0,
    elapsed: 5,
    src: '10.0.0.1:1',
    dst: '10.0.0.2:80',
  } as const;
  const late = commit({
    sightings: [{ row: all[0]!.id, sighting }],
    losses: [
      { worker: 'node-1', place: 'eth0', from: 1_000, to: 2_000, cause: 'kernel', count: 5 } as never,
      { worker: 'node-1', place: 'eth0', from: 5_000, to: 6_000, cause: 'kernel', count: 7 } as never,
    ],
  });
  await store.append(late);
  await store.append(late);

  const at = timestampOf(all[0]!);
  for (const timestamp of [at, undefined, at + 1e9]) {
    const found = await store.get(all[0]!.id, timestamp, ALL);
    expect(found?.record.equals(all[0]!.record)).toBe(true);
    expect(found?.context.seenBy).toEqual([{ ...sighting, late: true }]);
  }
  expect((await store.get(all[1]!.id, undefined, accessTo('infra')))?.seq).toBe(2);
  expect(await store.get(all[1]!.id, undefined, accessTo('shop'))).toBeNull();
  expect(await store.get('boot.zz.zz', undefined, ALL)).toBeNull();

  const counts = async (from: number, to: number, access = ALL) =>
    (await store.losses(from, to, access)).map((l) => [l.count, l.place, l.worker]);
  expect(await counts(0, 10_000)).toEqual([
    [5, 'eth0', 'node-1'],
    [7, 'eth0', 'node-1'],
  ]);
  expect(await counts(2_500, 4_000)).toEqual([]);
  expect(await counts(0, 3_000, accessTo('shop'))).toEqual([[5, '', '']]);

  const calls = all.filter((r) => new RecordView().at(r.record, 0).kind === 'call').toReversed();
  const recent = (age: number, limit: number) => store.recentCalls(age, limit, never());
  const some = await recent(60_000_000, 50);
  expect([some.rows.map((r) => r.seq), some.cut]).toEqual([calls.slice(0, 50).map((r) => r.seq), true]);
  for (const [i, { record, context }] of some.rows.entries()) {
    expect(record).toEqual(calls[i]!.record.subarray(0, Head.size));
    expect(context).toEqual(calls[i]!.context);
  }
  expect(await recent(60_000_000, calls.length)).toMatchObject({ cut: false });
  expect(await recent(-60_000_000, 50)).toEqual({ rows: [], cut: false });
});
