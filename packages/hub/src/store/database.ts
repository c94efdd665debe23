/** The engine: one in-memory DuckDB instance to which slices are attached, its settings, and its connections. */
import { join } from 'node:path';
import type { DuckDBConnection, DuckDBType, DuckDBValue } from '@duckdb/node-api';
import {
  BIGINT,
  BLOB,
  BOOLEAN,
  blobValue,
  DOUBLE,
  DuckDBInstance,
  LIST,
  listValue,
  VARCHAR,
} from '@duckdb/node-api';
import type { SqlValue } from '@kubeshark/kfl';
import type { Slice } from './slice.ts';

export interface DatabaseOptions {
  folder: string;
  memoryBytes: number;
  threads: number;
  /** Most that queries may spill to disk. */
  spillBytes: number;
}

export function openInstance(options: DatabaseOptions): Promise<DuckDBInstance> {
  return DuckDBInstance.create(':memory:', {
    memory_limit: `${Math.round(options.memoryBytes / 1e6)}MB`,
    threads: String(options.threads),
    temp_directory: join(options.folder, 'spill'),
    max_temp_directory_size: `${Math.round(options.spillBytes / 1e6)}MB`,
    // Automatic checkpoints run inside a commit and stop it for seconds: slices are checkpointed when they are closed.
    wal_autocheckpoint: '1TB',
    // Gives memory back early: the limit does not count what the allocator holds.
    allocator_flush_threshold: '16MB',
    preserve_insertion_order: 'false',
    autoinstall_known_extensions: 'false',
    autoload_known_extensions: 'false',
  });
}

/** A text as an SQL literal: for file names in ATTACH, which takes no parameters. */
export function literal(text: string): string {
  return `'${text.replaceAll("'", "''")}'`;
}

export type Parameter = SqlValue | readonly string[];

function toDuckDB(value: Parameter): { value: DuckDBValue; type: DuckDBType } {
  if (typeof value === 'string') return { value, type: VARCHAR };
  if (typeof value === 'bigint') return { value, type: BIGINT };
  if (typeof value === 'boolean') return { value, type: BOOLEAN };
  // A whole number compared as DOUBLE would keep the engine from skipping row groups.
  if (typeof value === 'number')
    return Number.isSafeInteger(value) ? { value: BigInt(value), type: BIGINT } : { value, type: DOUBLE };
  if (value instanceof Uint8Array) return { value: blobValue(value), type: BLOB };
  return { value: listValue([...value]), type: LIST(VARCHAR) };
}

export async function select(
  connection: DuckDBConnection,
  sql: string,
  parameters: readonly Parameter[] = [],
): Promise<DuckDBValue[][]> {
  const bound = parameters.map(toDuckDB);
  const reader = await connection.runAndReadAll(
    sql,
    bound.map((b) => b.value),
    bound.map((b) => b.type),
  );
  return reader.getRows();
}

/** The instance is lost and the process has to start anew: a failed checkpoint or write invalidates all of it. */
export function isFatal(error: unknown): boolean {
  return error instanceof Error && /FATAL|has been invalidated/.test(error.message);
}

/** A file of the store cannot be read: its bytes are damaged. */
export function isCorrupt(error: unknown): boolean {
  return error instanceof Error && /corrupt|checksum/i.test(error.message);
}

/** The request was called off: its viewer has gone, or its time was up. */
export class Cancelled extends Error {
  override readonly name = 'Cancelled';
}

/** Met while reading: the rest of the history can do without it. */
export class DamagedSlice extends Error {
  override readonly name = 'DamagedSlice';
  readonly slice: Slice;

  constructor(slice: Slice, cause: Error) {
    super(cause.message, { cause });
    this.slice = slice;
  }
}

/** Reads of one request on one connection. */
export class Reader {
  private readonly connection: DuckDBConnection;
  readonly signal: AbortSignal;
  private inTransaction = false;

  constructor(connection: DuckDBConnection, signal: AbortSignal) {
    this.connection = connection;
    this.signal = signal;
  }

  async select(slice: Slice, sql: string, parameters: readonly Parameter[] = []): Promise<DuckDBValue[][]> {
    this.check();
    try {
      return await select(this.connection, sql, parameters);
    } catch (error) {
      this.check();
      throw isCorrupt(error) ? new DamagedSlice(slice, error as Error) : error;
    }
  }

  check(): void {
    if (this.signal.aborted) throw new Cancelled(String(this.signal.reason));
  }

  /** Several reads of one state of the store. */
  async snapshot<T>(read: () => Promise<T>): Promise<T> {
    this.check();
    this.inTransaction = true;
    try {
      await this.connection.run('begin');
      return await read();
    } catch (error) {
      this.check();
      throw error;
    } finally {
      await this.leave();
    }
  }

  /** An interrupt may hit this too; the transaction is still open then, and it has to be tried again when no more come. */
  async leave(): Promise<void> {
    if (!this.inTransaction) return;
    try {
      await this.connection.run('rollback');
      this.inTransaction = false;
    } catch (error) {
      if (/no transaction is active/.test(String(error))) this.inTransaction = false;
    }
  }
}

/** One interrupt may still be on its way when the last was sent. */
const LEAVE_TRIES = 3;

const INTERRUPT_EVERY_MS = 20;

/** A few connections shared by all requests: what is more waits its turn, so that queries cannot crowd out commits. */
export class Connections {
  private readonly free: DuckDBConnection[];
  private readonly waiting: (() => void)[] = [];

  private constructor(connections: DuckDBConnection[]) {
    this.free = connections;
  }

  static async open(instance: DuckDBInstance, count: number): Promise<Connections> {
    return new Connections(await Promise.all(Array.from({ length: count }, () => instance.connect())));
  }

  async use<T>(signal: AbortSignal, work: (reader: Reader) => Promise<T>): Promise<T> {
    while (this.free.length === 0) {
      await new Promise<void>((resolve) => this.waiting.push(resolve));
      if (signal.aborted && this.free.length > 0) this.waiting.shift()?.();
      if (signal.aborted) break;
    }
    if (signal.aborted) throw new Cancelled(String(signal.reason));
    const connection = this.free.pop()!;
    let interrupting: NodeJS.Timeout | undefined;
    // Again and again: one that comes early in a query is forgotten, and the query would run to its end.
    const interrupt = () => {
      connection.interrupt();
      interrupting = setInterval(() => connection.interrupt(), INTERRUPT_EVERY_MS);
    };
    signal.addEventListener('abort', interrupt, { once: true });
    const reader = new Reader(connection, signal);
    try {
      return await work(reader);
    } finally {
      signal.removeEventListener('abort', interrupt);
      clearInterval(interrupting);
      for (let tries = 0; tries < LEAVE_TRIES; tries++) await reader.leave();
      this.free.push(connection);
      this.waiting.shift()?.();
    }
  }
}
