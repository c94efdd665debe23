/** The same filter as SQL in the engine and as a predicate, over the same rows: where they differ. For tests and benchmarks. */
import { DuckDBInstance } from '@duckdb/node-api';
import { compile } from '@kubeshark/kfl';
import { appendColumns } from './chunk.ts';
import { COLUMNS, createTables } from './columns.ts';
import { select } from './database.ts';
import { duckdbDialect } from './duckdb-dialect.ts';
import { FilterWriter, hostileRow } from './filter-cases.ts';
import { RowReader } from './row-reader.ts';
import { columnValues } from './row-values.ts';
import { random, T0 } from './testing.ts';

export interface Agreement {
  filters: number;
  /** Those that the SQL says whole. */
  exact: number;
  /** Those that are true of some rows and not of others. */
  telling: number;
  /** A line for each filter of which the two differ, or that could not be compiled or run. */
  differences: string[];
}

/** `until`: tells after each filter whether there are enough. */
export async function compare(
  seed: number,
  count: number,
  until: (filters: number) => boolean,
): Promise<Agreement> {
  const below = random(seed);
  const rows = Array.from({ length: count }, (_, i) => hostileRow(below, i + 1));
  const connection = await (await DuckDBInstance.create(':memory:', { threads: '1' })).connect();
  for (const sql of createTables('memory')) await connection.run(sql);
  const appender = await connection.createAppender('e', null, 'memory');
  const arrived = rows.map((row) => ({ ...row, contextText: JSON.stringify(row.context) }));
  appendColumns(appender, COLUMNS, columnValues(arrived, 0).values, count);
  appender.closeSync();

  const reader = new RowReader();
  const writer = new FilterWriter(below, (index) => reader.at(rows[index]!), count);
  const result: Agreement = { filters: 0, exact: 0, telling: 0, differences: [] };
  do {
    result.filters++;
    const text = writer.condition();
    const compiled = compile(text, { now: T0 });
    if ('error' in compiled) {
      result.differences.push(`${text}: ${compiled.error.message}`);
      continue;
    }
    const { sql, params, exact } = compiled.filter.toSql(duckdbDialect());
    const wanted = rows.filter((row) => compiled.filter.matches(reader.at(row))).map((row) => row.seq);
    let found: Set<number>;
    try {
      const answer = await select(connection, `select seq from e where ${sql === '' ? 'true' : sql}`, params);
      found = new Set(answer.map(([seq]) => Number(seq)));
    } catch (error) {
      result.differences.push(`${text}: ${(error as Error).message}`);
      continue;
    }
    if (exact) result.exact++;
    if (wanted.length > 0 && wanted.length < count) result.telling++;
    const missing = wanted.filter((seq) => !found.has(seq));
    const tooMany = exact ? found.size - wanted.length + missing.length : 0;
    if (missing.length > 0 || tooMany > 0)
      result.differences.push(`${text}: ${missing.length} rows missing (${missing[0]}), ${tooMany} too many`);
  } while (!until(result.filters));
  connection.closeSync();
  return result;
}
