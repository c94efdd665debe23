/** One time slice: a DuckDB file with the rows that arrived in a stretch of time. */
import { existsSync, renameSync, rmSync, statSync } from 'node:fs';
import { basename, join } from 'node:path';
import type { DuckDBConnection } from '@duckdb/node-api';
import type { Column } from './columns.ts';
import { COLUMNS, createTables, emptyOf, SCHEMA_VERSION } from './columns.ts';
import { literal, select } from './database.ts';

/** What a slice holds, so that queries can pass it over. Kept by the process; stored in the slice when it is finished. */
export interface Extent {
  rows: number;
  hidden: number;
  /** Late sightings; losses. */
  sightings: number;
  losses: number;
  minSeq: number;
  maxSeq: number;
  minTimestamp: number;
  maxTimestamp: number;
  minChange: number;
  maxChange: number;
  minArrival: number;
  maxArrival: number;
}

export const EMPTY_EXTENT: Extent = {
  rows: 0,
  hidden: 0,
  sightings: 0,
  losses: 0,
  minSeq: Infinity,
  maxSeq: -Infinity,
  minTimestamp: Infinity,
  maxTimestamp: -Infinity,
  minChange: Infinity,
  maxChange: -Infinity,
  minArrival: Infinity,
  maxArrival: -Infinity,
};

export interface Slice {
  readonly number: number;
  /** Name under which the file is attached. */
  readonly catalog: string;
  readonly path: string;
  readonly extent: Extent;
  /** Columns that it was written without, by a version that did not know them. */
  readonly missing: readonly Column[];
  /** Its columns are those of this version: it can take commits. */
  readonly appendable: boolean;
  /** µs, hub's clock. */
  readonly created: number;
  /** Takes the commits, and its `open` table holds the calls that are not over. */
  active: boolean;
  /** Its extent is stored and its log is part of the file. */
  finished: boolean;
  readOnly: boolean;
  /** Requests that read it now. */
  readers: number;
  /** Not to be read any more: it goes when its readers are done. */
  leaving: boolean;
  /** Of the file when it was finished; the active one is measured anew. */
  bytes: number;
}

export function slicePath(folder: string, number: number): string {
  return join(folder, `${String(number).padStart(8, '0')}.duckdb`);
}

export function sliceNumber(file: string): number | null {
  const found = /^(\d{8})\.duckdb$/.exec(basename(file));
  return found ? Number(found[1]) : null;
}

export const walPath = (path: string) => `${path}.wal`;

const sizeOf = (path: string) => statSync(path, { throwIfNoEntry: false })?.size ?? 0;
export const walBytes = (path: string) => sizeOf(walPath(path));
export const sliceBytes = (path: string) => sizeOf(path) + walBytes(path);

export function unlinkSlice(path: string): void {
  // The file first: a log without its file is nothing, a file without its log would be an older state.
  rmSync(path, { force: true });
  rmSync(walPath(path), { force: true });
}

/** Out of the way, for whoever wants to look: the store goes on without it. */
export function renameAside(path: string): void {
  for (const file of [path, walPath(path)]) if (existsSync(file)) renameSync(file, `${file}.aside`);
}

export async function attach(
  connection: DuckDBConnection,
  catalog: string,
  path: string,
  readOnly: boolean,
): Promise<void> {
  const options = readOnly ? 'read_only' : "storage_version 'latest'";
  await connection.run(`attach ${literal(path)} as ${catalog} (${options})`);
}

export async function detach(connection: DuckDBConnection, catalog: string): Promise<void> {
  await connection.run(`detach ${catalog}`);
}

/** How the columns of a slice's row tables differ from those of this version. */
export async function columnsOf(
  connection: DuckDBConnection,
  catalog: string,
): Promise<{ missing: Column[]; equal: boolean }> {
  const rows = await select(
    connection,
    "select column_name from duckdb_columns() where database_name = $1 and table_name = 'e' order by column_index",
    [catalog],
  );
  const names = rows.map(([name]) => name as string);
  const missing = COLUMNS.filter(({ name }) => !names.includes(name));
  return { missing, equal: names.join() === COLUMNS.map(({ name }) => name).join() };
}

/** A row table as one of this version: what it lacks is empty. */
export function rowTable(
  { catalog, missing }: Pick<Slice, 'catalog' | 'missing'>,
  name: 'e' | 'open',
): string {
  if (missing.length === 0) return `${catalog}.${name}`;
  const empty = missing.map((column) => `${emptyOf(column.type)} as "${column.name}"`);
  return `(select *, ${empty.join(', ')} from ${catalog}.${name})`;
}

/**
 * A new slice: its tables, the open calls and the numbers of the one before, all in one transaction. A file without
 * that transaction was never part of the store.
 */
export async function createSlice(
  connection: DuckDBConnection,
  catalog: string,
  options: { created: number; previous: Slice | null; openSince: number; acknowledgedSince: number },
): Promise<void> {
  await connection.run('begin');
  try {
    for (const sql of createTables(catalog)) await connection.run(sql);
    await select(connection, `insert into ${catalog}.number values ('schema', $1), ('created', $2)`, [
      SCHEMA_VERSION,
      options.created,
    ]);
    const { previous } = options;
    if (previous !== null) {
      const columns = COLUMNS.map(({ name }) => `"${name}"`).join(', ');
      await select(
        connection,
        `insert into ${catalog}.open select ${columns} from ${rowTable(previous, 'open')} where arrival >= $1`,
        [options.openSince],
      );
      await connection.run(
        `insert into ${catalog}.number select name, max(value) from ${previous.catalog}.number where name = 'reserved' group by name`,
      );
      await select(
        connection,
        `insert into ${catalog}.acknowledged select boot, max(number), max(arrival) from ${previous.catalog}.acknowledged
         group by boot having max(arrival) >= $1`,
        [options.acknowledgedSince],
      );
    }
    await connection.run('commit');
  } catch (error) {
    await connection.run('rollback').catch(() => {});
    throw error;
  }
}

/** What an attached file is: its numbers, or null when it never became part of the store. */
export async function readNumbers(
  connection: DuckDBConnection,
  catalog: string,
): Promise<Map<string, number> | null> {
  const tables = await select(
    connection,
    "select count(*) from duckdb_tables() where database_name = $1 and table_name = 'number'",
    [catalog],
  );
  if (Number(tables[0]?.[0]) === 0) return null;
  const rows = await select(connection, `select name, max(value) from ${catalog}.number group by name`);
  return new Map(rows.map(([name, value]) => [name as string, Number(value)]));
}

const extentKeys = Object.keys(EMPTY_EXTENT) as (keyof Extent)[];

/** From the numbers of a finished slice, else by looking at all of it. */
export async function readExtent(
  connection: DuckDBConnection,
  catalog: string,
  numbers: ReadonlyMap<string, number>,
): Promise<Extent> {
  const extent = { ...EMPTY_EXTENT };
  if (numbers.has('finished')) {
    for (const key of extentKeys) extent[key] = numbers.get(key) ?? extent[key];
    return extent;
  }
  const [row] = await select(
    connection,
    `select count(*), count(*) filter (where hidden), (select count(*) from ${catalog}.sighting),
       (select count(*) from ${catalog}.loss), min(seq), max(seq), min("timestamp"), max("timestamp"),
       min(change), max(change), min(arrival), max(arrival) from ${catalog}.e`,
  );
  for (const [i, key] of extentKeys.entries()) if (row?.[i] != null) extent[key] = Number(row[i]);
  return extent;
}

export async function writeExtent(
  connection: DuckDBConnection,
  catalog: string,
  extent: Extent,
): Promise<void> {
  const known = extentKeys.filter((key) => Number.isFinite(extent[key]));
  const lines = known.map((_, i) => `($${i * 2 + 1}, $${i * 2 + 2}::bigint)`);
  await select(
    connection,
    `insert into ${catalog}.number values ('finished', 1), ${lines.join(', ')}`,
    known.flatMap((key) => [key, extent[key]]),
  );
}
