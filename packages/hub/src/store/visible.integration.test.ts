// What a viewer may know of a row is said twice, for filters in SQL and for rows in code: both say the same of every field.
import { DuckDBInstance, DuckDBListValue, DuckDBMapValue, type DuckDBValue } from '@duckdb/node-api';
import type { Access, Field, Identity, RowView } from '@kubeshark/model';
import { accessTo, FIELDS, mayRead } from '@kubeshark/model';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { isInnerLeg, project } from '../access.ts';
import type { HubRow } from '../row.ts';
import { appendColumns } from './chunk.ts';
import { COLUMNS, createTables } from './columns.ts';
import { conditionOf } from './condition.ts';
import { select } from './database.ts';
import { RowReader } from './row-reader.ts';
import { columnValues } from './row-values.ts';
import { ALL, EVERYTHING, random, row, withLegs } from './testing.ts';

const NAMESPACES = ['shop', 'payments', 'infra'];
const below = random(77);
const pick = <T>(list: readonly T[]): T => list[below(list.length)]!;

function podOf(namespace: string): Identity {
  return {
    name: `${namespace}-pod-name`,
    namespace,
    pod: `${namespace}-pod`,
    podUid: `${namespace}-uid`,
    labels: { app: namespace, [`label-of-${namespace}`]: 'set' },
    ...(below(2) === 0 ? { service: `${namespace}-service` } : {}),
    workload: `${namespace}-workload`,
    workloadKind: 'Deployment',
    node: `node-of-${namespace}`,
  };
}

/** Pods, a service alone, a process of a node, a name learnt from DNS, nothing. */
const end = (): Identity =>
  pick([
    () => podOf(pick(NAMESPACES)),
    () => podOf(pick(NAMESPACES)),
    () => ({ name: 'infra', namespace: 'infra', service: 'infra' }),
    () => ({ name: 'node-of-host', node: 'node-of-host' }),
    () => ({ name: 'www.example.org' }),
    () => ({}),
  ])();

const rows = withLegs(
  Array.from({ length: 400 }, (_, i) => {
    const kind = pick(['call', 'call', 'flow'] as const);
    const one = row({
      seq: i + 1,
      kind,
      protocol: kind === 'flow' ? 'tcp' : 'http',
      hasCalls: below(3) === 0,
      src: end(),
      dst: end(),
      captured: pick([[], ['shop'], ['payments'], ['shop', 'payments'], ['infra', 'shop']]),
      worker: pick(['node-1', 'node-2']),
    });
    const pod = pick([undefined, { name: 'p', namespace: pick(NAMESPACES), uid: 'u' }]);
    const place = { worker: one.context.worker, interface: 'eth0', side: 'client', late: false } as const;
    const seen = { id: one.id, timestamp: 0, elapsed: 0, src: '', dst: '', ...place, ...(pod && { pod }) };
    return { ...one, context: { ...one.context, seenBy: [seen] } };
  }),
  78,
);
const VIEWERS: [string, Access][] = [
  ['everybody', ALL],
  ['the shop', accessTo('shop')],
  ['payments and infra', accessTo('payments', 'infra')],
  ['nobody', accessTo('nowhere')],
];

let connection: Awaited<ReturnType<DuckDBInstance['connect']>>;

beforeAll(async () => {
  connection = await (await DuckDBInstance.create(':memory:', { threads: '1' })).connect();
  for (const sql of createTables('memory')) await connection.run(sql);
  const appender = await connection.createAppender('e', null, 'memory');
  const arrived = rows.map((one) => ({ ...one, contextText: JSON.stringify(one.context) }));
  appendColumns(appender, COLUMNS, columnValues(arrived, 0).values, rows.length);
  appender.closeSync();
});

afterAll(() => connection.closeSync());

function inCode(view: RowView, { number, type }: Field): unknown {
  if (type === 'string') return view.text(number);
  if (type === 'bool') return view.flag(number);
  if (type === 'list') return view.list(number);
  if (type === 'map') return view.keys(number).map((key) => [key, view.entry(number, key)]);
  return view.number(number);
}

function inSql(value: DuckDBValue | undefined): unknown {
  if (value instanceof DuckDBListValue) return value.items;
  if (value instanceof DuckDBMapValue) return value.entries.map((entry) => [entry.key, entry.value]);
  return typeof value === 'bigint' ? Number(value) : value;
}

describe.each(VIEWERS)('as %s may know it', (_who, access) => {
  test.each(FIELDS.map((field) => [field.name, field] as const))('%s', async (_name, field) => {
    const condition = conditionOf(EVERYTHING, access);
    const found = await select(
      connection,
      // All parameters have to be used.
      `select seq, ${condition.column(field.number)}, ${condition.sql} from e order by seq`,
      condition.parameters,
    );
    const reader = new RowReader();
    expect(found.map(([, value]) => inSql(value))).toEqual(
      rows.map((one) => inCode(reader.at(project(one, access)), field)),
    );
  });

  test('the same rows are seen, and listed', async () => {
    for (const flows of [true, false]) {
      const { sql, parameters } = conditionOf({ ...EVERYTHING, flows }, access);
      const found = await select(connection, `select seq from e where ${sql} order by seq`, parameters);
      const hidden = (one: HubRow) => one.record[4] === 2 && (one.record.readUInt32LE(12) & 128) !== 0;
      const listed = (one: HubRow) => flows || (!hidden(one) && !isInnerLeg(one, access));
      expect(found.map(([seq]) => Number(seq))).toEqual(
        rows.filter((one) => mayRead(access, one.context.captured) && listed(one)).map((one) => one.seq),
      );
    }
  });
});

test('of the other end nothing is left but its service, and of the first place nothing', () => {
  const told = rows
    .map((one) => project(one, accessTo('shop')).context)
    .map(({ worker, interface: name, src, dst }) => JSON.stringify({ worker, name, src, dst }))
    .join('\n');
  const others = /(payments|infra)-(pod|workload|uid)|(of|-of)-(payments|infra|host)|node-[12]|eth0|example/g;
  expect(told.match(others)).toBeNull();
  expect(told).toMatch(/node-of-shop.*payments-service/);
});
