import type { RowView } from '@kubeshark/model';
import { FIELDS, FieldNumber } from '@kubeshark/model';
import { expect, test } from 'vitest';
import { RecordRow } from './row.ts';
import { buildRecord, flowExtra } from './testing.ts';

const connection = buildRecord({
  protocol: 'tcp',
  kind: 'flow',
  outcome: 'reset',
  flow: 37,
  index: 0,
  elapsed: 1500.75,
  dstPort: 5432,
  numbers: { requestSize: 12, missing: 1e300 },
  sections: { extra: flowExtra({ state: 'reset' }, { packets: 1, syn: true }, { packets: 1, rst: true }) },
});

/** What a row answers for a field, by the field's type. */
function read(row: RowView, name: string): unknown {
  const field = FIELDS.find((f) => f.name === name)!;
  if (field.type === 'string') return row.text(field.number);
  if (field.type === 'bool') return row.flag(field.number);
  if (field.type === 'list') return row.list(field.number);
  if (field.type === 'map') return row.keys(field.number);
  return row.number(field.number);
}

test('every field of the filter language has a value of its type, for a record of any protocol', () => {
  const row = new RecordRow().at(connection, 0, 'boot');
  const types = {
    string: 'string',
    bool: 'boolean',
    int: 'number',
    timestamp: 'number',
    duration: 'number',
    list: 'array',
    map: 'array',
  };
  const kindOf = (value: unknown) => (Array.isArray(value) ? 'array' : typeof value);
  expect(FIELDS.map((field) => [field.name, kindOf(read(row, field.name))])).toEqual(
    FIELDS.map((field) => [field.name, types[field.type]]),
  );
});

test('a flow row reads as its head, its counters and its context say', () => {
  const row = new RecordRow().at(connection, 0, 'boot', {
    worker: 'node-1',
    interface: 'eth0',
    clockOffset: -50_000,
    src: { name: 'cart', namespace: 'shop', pod: 'cart-1', workload: 'cart' },
    dst: {},
  });
  const names = [
    'id',
    'kind',
    'outcome',
    'operation',
    'target',
    'status',
    'elapsed',
    'timestamp',
    'dst.port',
  ];
  const more = ['is_flow', 'tcp', 'http', 'flow', 'index', 'worker', 'src.name', 'src.pod.name', 'dst.name'];
  expect([...names, ...more].map((name) => read(row, name))).toEqual([
    'boot.11.0',
    'flow',
    'reset',
    'connection',
    '10.0.0.2:5432',
    'refused',
    1500,
    1_699_999_999_950_000,
    5432,
    true,
    true,
    false,
    'boot.11',
    0,
    'node-1',
    'cart',
    'cart-1',
    '',
  ]);
  expect(read(row, 'capture.missing')).toBe(Number.MAX_SAFE_INTEGER);
});

test('the cursor moved shows nothing of the row before', () => {
  const echo = buildRecord({
    protocol: 'icmp',
    kind: 'flow',
    transport: 1,
    dst: '192.0.2.7',
    sections: { extra: flowExtra({ icmpType: 8 }, { packets: 1 }, { packets: 1 }) },
  });
  const both = Buffer.concat([connection, echo]);
  const row = new RecordRow();
  const columns = () =>
    [FieldNumber.operation, FieldNumber.target, FieldNumber.status].map((f) => row.text(f));
  row.at(both, 0, 'a');
  columns();
  row.at(both, connection.length, 'a');
  expect(columns()).toEqual(['echo', '192.0.2.7', 'answered']);
  expect(row.number(FieldNumber.elapsed)).toBe(0);
  row.at(both, 0, 'a');
  expect(columns()).toEqual(['connection', '10.0.0.2:5432', 'refused']);
});
