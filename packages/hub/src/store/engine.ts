/** The store inside its own process: commits one after another, reads beside them. */
import type { DuckDBConnection } from '@duckdb/node-api';
import { expandCaps } from '@kubeshark/dissect';
import type { Access, Loss } from '@kubeshark/model';
import type { HubRow } from '../row.ts';
import * as aggregate from './aggregate.ts';
import { type ArrivedCommit, writeCommit } from './commit.ts';
import { Counters } from './counters.ts';
import { Connections, DamagedSlice, openInstance, type Reader } from './database.ts';
import { Ledger } from './ledger.ts';
import * as lookup from './lookup.ts';
import { type StoreOptions, withSmallEnoughSlices } from './options.ts';
import { page } from './page.ts';
import type { Source } from './row-select.ts';
import { walBytes } from './slice.ts';
import { Slices } from './slices.ts';
import { DiskFull } from './space.ts';
import type { HistogramResult, PageEvent, PageQuery, RecentCalls, StoreQuery, StoreStatus } from './store.ts';

/** Queries at once; the others wait. Commits have a connection of their own. */
const QUERY_CONNECTIONS = 4;
/** Looks at one row wait for no search. */
const LOOKUP_CONNECTIONS = 2;
/** Room that a commit leaves for its own log, beside twice that of the slice (the checkpoint to come). */
const COMMIT_RESERVE = 16_000_000;

export type Log = (level: 'info' | 'warn' | 'error', message: string) => void;

export class Engine {
  private readonly options: StoreOptions;
  private readonly writer: DuckDBConnection;
  private readonly queries: Connections;
  private readonly lookups: Connections;
  private readonly slices: Slices;
  private readonly ledger: Ledger;
  readonly counters: Counters;
  private readonly answers = new aggregate.SliceAnswers();
  private readonly log: Log;
  /** Why the last commit was refused, and how large it was: there is room again when that one fits. */
  private diskFull: { message: string; bytes: number } | null = null;
  /** Commits and switches, one after another. */
  private line: Promise<unknown> = Promise.resolve();

  private constructor(parts: {
    options: StoreOptions;
    writer: DuckDBConnection;
    queries: Connections;
    lookups: Connections;
    slices: Slices;
    ledger: Ledger;
    counters: Counters;
    log: Log;
  }) {
    this.options = parts.options;
    this.writer = parts.writer;
    this.queries = parts.queries;
    this.lookups = parts.lookups;
    this.slices = parts.slices;
    this.ledger = parts.ledger;
    this.counters = parts.counters;
    this.log = parts.log;
  }

  static async open(given: StoreOptions, log: Log): Promise<Engine> {
    const options = withSmallEnoughSlices(given);
    const instance = await openInstance({
      folder: options.folder,
      memoryBytes: options.memoryBytes,
      threads: options.threads,
      spillBytes: Math.min(2_000_000_000, options.maxBytes / 4),
    });
    const counters = new Counters();
    const slices = await Slices.open(instance, options, { log, counters, now });
    const writer = await instance.connect();
    const ledger = await Ledger.read(writer, slices);
    const queries = await Connections.open(instance, QUERY_CONNECTIONS);
    const lookups = await Connections.open(instance, LOOKUP_CONNECTIONS);
    return new Engine({ options, writer, queries, lookups, slices, ledger, counters, log });
  }

  append(commit: ArrivedCommit, bytes: number): Promise<void> {
    return this.inLine(async () => {
      const slice = await this.roomFor(bytes);
      const started = performance.now();
      const rows = await writeCommit(this.writer, slice, commit, this.ledger, now());
      this.counters.add('commits', 1);
      this.counters.add('rows', rows);
      this.counters.add('commit_ms', performance.now() - started);
    });
  }

  /** The active slice, with disk for a commit of so many bytes. Throws `DiskFull`. */
  private async roomFor(bytes: number) {
    try {
      if (!this.slices.active || this.slices.full) await this.switch();
      const slice = this.slices.active!;
      await this.slices.makeSpace(2 * walBytes(slice.path) + 3 * bytes + COMMIT_RESERVE);
      if (this.diskFull) this.log('info', 'There is room on the disk again.');
      this.diskFull = null;
      return slice;
    } catch (error) {
      if (error instanceof DiskFull) this.nowFull(error.message, bytes);
      throw error;
    }
  }

  private nowFull(message: string, bytes: number): void {
    const before = this.diskFull;
    this.diskFull = { message, bytes };
    if (before) return;
    this.counters.add('disk_full', 1);
    this.log('error', message);
  }

  private async switch(): Promise<void> {
    await this.slices.switch();
    await this.ledger.readOpen(this.writer, this.slices.active!);
  }

  private inLine<T>(work: () => Promise<T>): Promise<T> {
    const done = this.line.then(work);
    this.line = done.catch(() => {});
    return done;
  }

  /** About once a second: retention, slices to finish, a slice that has had its time. */
  async tend(): Promise<void> {
    if (this.slices.full || this.diskFull)
      await this.inLine(() => this.roomFor(this.diskFull?.bytes ?? 0)).catch((error: unknown) => {
        if (!(error instanceof DiskFull)) throw error;
      });
    await this.slices.tend();
  }

  acknowledged(boot: string): number {
    return this.ledger.acknowledged.get(boot) ?? 0;
  }

  reserved(): number {
    return this.ledger.reserved;
  }

  private read<T>(
    connections: Connections,
    signal: AbortSignal,
    work: (reader: Reader, sources: readonly Source[]) => Promise<T>,
  ): Promise<T> {
    return connections.use(signal, async (reader) => {
      for (;;) {
        try {
          return await this.slices.reading((list) =>
            work(
              reader,
              list.map((slice) => ({ slice, open: slice.active })),
            ),
          );
        } catch (error) {
          if (!(error instanceof DamagedSlice)) throw error;
          this.slices.setAside(error.slice, error.message);
        }
      }
    });
  }

  page(
    query: PageQuery,
    access: Access,
    signal: AbortSignal,
    emit: (event: PageEvent) => void,
  ): Promise<void> {
    return this.read(this.queries, signal, (reader, sources) =>
      page(reader, sources, query, access, emit, ({ slice, message }) =>
        this.slices.setAside(slice, message),
      ),
    );
  }

  changedAfter(
    after: number,
    limit: number,
    query: StoreQuery,
    access: Access,
    signal: AbortSignal,
  ): Promise<HubRow[]> {
    return this.read(this.queries, signal, (reader, sources) =>
      lookup.changedAfter(reader, sources, after, limit, query, access),
    );
  }

  count(query: StoreQuery, access: Access, signal: AbortSignal): Promise<{ matched: number; total: number }> {
    return this.read(this.queries, signal, (reader, sources) =>
      aggregate.count(reader, sources, query, access, this.answers),
    );
  }

  histogram(
    query: StoreQuery & { from: number; to: number },
    buckets: number,
    access: Access,
    signal: AbortSignal,
  ): Promise<HistogramResult> {
    return this.read(this.queries, signal, (reader, sources) =>
      aggregate.histogram(reader, sources, query, buckets, access, this.answers),
    );
  }

  values(
    field: number,
    prefix: string,
    query: StoreQuery,
    access: Access,
    limit: number,
    signal: AbortSignal,
  ): Promise<{ value: string; count: number }[]> {
    const deadline = performance.now() + 1000;
    return this.read(this.queries, signal, (reader, sources) =>
      aggregate.values(reader, sources, field, prefix, query, access, limit, deadline),
    );
  }

  get(
    id: string,
    timestamp: number | undefined,
    access: Access,
    signal: AbortSignal,
  ): Promise<HubRow | null> {
    return this.read(this.lookups, signal, (reader, sources) =>
      lookup.get(reader, sources, id, timestamp, access),
    );
  }

  losses(from: number, to: number, access: Access, signal: AbortSignal): Promise<Loss[]> {
    return this.read(this.lookups, signal, (reader, sources) =>
      lookup.losses(reader, sources, from, to, access),
    );
  }

  recentCalls(age: number, limit: number, signal: AbortSignal): Promise<RecentCalls> {
    return this.read(this.queries, signal, (reader, sources) =>
      lookup.recentCalls(reader, sources, now() - age, limit),
    );
  }

  range(access: Access, signal: AbortSignal): Promise<{ from: number; to: number } | null> {
    return this.read(this.queries, signal, (reader, sources) =>
      aggregate.range(reader, sources, access, this.answers),
    );
  }

  status(): StoreStatus {
    const { list, bytes } = this.slices;
    const oldest = list.reduce((least, s) => Math.min(least, s.extent.minTimestamp), Infinity);
    return {
      entries: list.reduce((sum, s) => sum + s.extent.rows, this.ledger.open.size),
      bytes,
      maxBytes: this.options.maxBytes,
      oldest: Number.isFinite(oldest) ? oldest : null,
      state: this.diskFull ? 'disk_full' : 'ok',
      ...(this.diskFull ? { problem: this.diskFull.message } : {}),
      counters: { ...this.counters.values, ...expandCaps, slices: list.length, open: this.ledger.open.size },
    };
  }

  /** After the commits given so far. The log becomes part of the file, so that the next start is quick. */
  async close(): Promise<void> {
    await this.inLine(() => this.slices.close());
  }
}

/** µs since the epoch. */
function now(): number {
  return Date.now() * 1000;
}
