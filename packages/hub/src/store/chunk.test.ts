// Texts come out of the engine as they went in: short or long, once or again and again, with any characters, as text or as bytes.
import { DuckDBInstance } from '@duckdb/node-api';
import { expect, onTestFinished, test } from 'vitest';
import { appendColumns, CHUNK_ROWS } from './chunk.ts';
import type { Column } from './columns.ts';
import { random } from './testing.ts';

const COLUMNS: Column[] = [
  { name: 'n', type: 'number', field: -1 },
  { name: 't', type: 'text', field: -1 },
  { name: 'm', type: 'map', field: -1 },
];
/** The two of 15 characters that end alike take each other's place in what is remembered. */
const TEXTS = [
  '',
  'short',
  'twelve chars',
  'thirteen char',
  'shop-7f9c-abcde',
  'cart-0d41-xyzze',
  'Straße',
  'a name with ß and more',
  'with\0nul',
  'a long text with\0nul in it',
];

test('texts that come again and again, between others, in columns and maps', async () => {
  const connection = await (await DuckDBInstance.create(':memory:')).connect();
  onTestFinished(() => connection.closeSync());
  await connection.run('create table t (n bigint, t varchar, m map(varchar, varchar))');
  const below = random(11);
  const pick = () => (below(4) === 0 ? `only once, number ${below(1e9)}` : TEXTS[below(TEXTS.length)]!);
  const count = CHUNK_ROWS + 500;
  const texts = Array.from({ length: count }, pick);
  const maps = Array.from(
    { length: count },
    () => new Map(Array.from({ length: below(4) }, () => [pick(), pick()])),
  );
  const given = texts.map((text, i) => (i % 7 === 0 ? Buffer.from(text) : text));
  const appender = await connection.createAppender('t');
  appendColumns(appender, COLUMNS, [texts.map((_, i) => i), given, maps], count);
  appender.closeSync();
  const rows = await (
    await connection.run('select t, map_keys(m), map_values(m) from t order by n')
  ).getRowsJson();
  expect(rows).toEqual(texts.map((text, i) => [text, [...maps[i]!.keys()], [...maps[i]!.values()]]));
});
