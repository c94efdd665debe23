/** All slices of a store: recovery, the switch to a new one, finishing the old, retention. */
import { mkdirSync, readdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import type { DuckDBConnection, DuckDBInstance } from '@duckdb/node-api';
import { formatSize } from '@kubeshark/model';
import { SCHEMA_VERSION } from './columns.ts';
import type { Counters } from './counters.ts';
import { isFatal } from './database.ts';
import { lockFolder } from './lock.ts';
import type { StoreOptions } from './options.ts';
import { MAX_SLICES } from './options.ts';
import type { Slice } from './slice.ts';
import {
  attach,
  columnsOf,
  createSlice,
  detach,
  EMPTY_EXTENT,
  readExtent,
  readNumbers,
  renameAside,
  sliceBytes,
  sliceNumber,
  slicePath,
  unlinkSlice,
  walBytes,
  writeExtent,
} from './slice.ts';
import { DiskFull, freeBytes } from './space.ts';

export interface SliceHost {
  log: (level: 'info' | 'warn' | 'error', message: string) => void;
  counters: Counters;
  /** µs. */
  now: () => number;
}

const WEEK = 7 * 86_400_000_000;
/** A file this small holds no table. */
const BLANK_BYTES = 3 * 4096;
/** How long readers of a slice that goes are waited for. */
const LEAVE_MS = 2000;

export class Slices {
  /** Newest first; the first one is active. Replaced, never changed in place: a reader's list stays as it was. */
  list: readonly Slice[] = [];
  private readonly options: StoreOptions;
  private readonly host: SliceHost;
  /** DDL, checkpoints, attaching: never the commits' connection, so that those go on meanwhile. */
  private readonly connection: DuckDBConnection;
  private readonly background: DuckDBConnection;
  private finishing: Slice | null = null;
  /** A slice is detached for a moment: who wants to read waits. */
  private reattaching: Promise<void> | null = null;
  private nextNumber = 1;

  private constructor(
    options: StoreOptions,
    host: SliceHost,
    connection: DuckDBConnection,
    background: DuckDBConnection,
  ) {
    this.options = options;
    this.host = host;
    this.connection = connection;
    this.background = background;
  }

  static async open(instance: DuckDBInstance, options: StoreOptions, host: SliceHost): Promise<Slices> {
    const connection = await instance.connect();
    mkdirSync(options.folder, { recursive: true });
    await lockFolder(connection, options.folder, options.lockPatienceMs);
    rmSync(join(options.folder, 'spill'), { recursive: true, force: true });
    const slices = new Slices(options, host, connection, await instance.connect());
    await slices.recover();
    return slices;
  }

  /** Takes the commits; null when the disk has no room for one. */
  get active(): Slice | null {
    const first = this.list[0];
    return first?.active ? first : null;
  }

  /** Reads all slices in one state of the list. */
  async reading<T>(work: (slices: readonly Slice[]) => Promise<T>): Promise<T> {
    while (this.reattaching) await this.reattaching;
    const list = this.list;
    for (const slice of list) slice.readers++;
    try {
      return await work(list);
    } finally {
      for (const slice of list) slice.readers--;
    }
  }

  private async recover(): Promise<void> {
    const files = readdirSync(this.options.folder);
    for (const file of files) {
      const number = sliceNumber(file.replace(/(\.duckdb).*$/, '$1'));
      if (number === null) continue;
      this.nextNumber = Math.max(this.nextNumber, number + 1);
      if (file.endsWith('.wal') && !files.includes(file.slice(0, -4)))
        rmSync(join(this.options.folder, file), { force: true });
    }
    const numbers = files.map(sliceNumber).filter((n) => n !== null);
    const found: Slice[] = [];
    for (const number of numbers.toSorted((a, b) => b - a)) {
      const slice = await this.attachFound(number, number === this.nextNumber - 1);
      if (slice) found.push(slice);
    }
    this.list = found;
    const first = found[0];
    // The newest goes on when it was in use to the last; its `open` table is then the valid one.
    if (first?.appendable && first.number === this.nextNumber - 1 && !first.finished) {
      first.active = true;
      return;
    }
    await this.switch().catch((error: unknown) => {
      if (!(error instanceof DiskFull)) throw error;
    });
  }

  private async attachFound(number: number, newest: boolean): Promise<Slice | null> {
    const path = slicePath(this.options.folder, number);
    const catalog = `s${number}`;
    let readOnly = !newest && walBytes(path) === 0;
    try {
      await attach(this.connection, catalog, path, readOnly);
      const numbers = await readNumbers(this.connection, catalog);
      if (readOnly && !numbers?.has('finished')) {
        readOnly = false;
        await detach(this.connection, catalog);
        await attach(this.connection, catalog, path, readOnly);
      }
      if (!numbers) {
        await detach(this.connection, catalog);
        unlinkSlice(path);
        return null;
      }
      const schema = numbers.get('schema');
      if (schema !== SCHEMA_VERSION)
        throw new Error(`its schema is version ${schema}, this program reads ${SCHEMA_VERSION}`);
      const { missing, equal } = await columnsOf(this.connection, catalog);
      return {
        number,
        catalog,
        path,
        extent: await readExtent(this.connection, catalog, numbers),
        missing,
        appendable: equal,
        created: numbers.get('created') ?? 0,
        active: false,
        finished: numbers.has('finished') && walBytes(path) === 0,
        readOnly,
        readers: 0,
        leaving: false,
        bytes: sliceBytes(path),
      };
    } catch (error) {
      if (isFatal(error)) throw error;
      await detach(this.connection, catalog).catch(() => {});
      // Died while the file was made: nothing was ever in it.
      if (newest && sliceBytes(path) <= BLANK_BYTES) unlinkSlice(path);
      else this.renameAside(path, error instanceof Error ? error.message : String(error));
      return null;
    }
  }

  private renameAside(path: string, why: string): void {
    renameAside(path);
    this.host.counters.add('slices_set_aside', 1);
    this.host.log(
      'error',
      `Slice ${path} cannot be read and is set aside; the rest of the history stays: ${why}`,
    );
  }

  /** A new active slice. Not while a commit runs. */
  async switch(): Promise<void> {
    const previous = this.list[0];
    await this.makeSpace(this.options.sliceBytes + (previous ? walBytes(previous.path) * 2 : 0));
    while (this.reattaching) await this.reattaching;
    const number = this.nextNumber++;
    const path = slicePath(this.options.folder, number);
    const catalog = `s${number}`;
    const created = this.host.now();
    try {
      await attach(this.connection, catalog, path, false);
      await createSlice(this.connection, catalog, {
        created,
        previous: previous ?? null,
        openSince: created - this.options.maxAgeMs * 1000,
        acknowledgedSince: created - Math.max(WEEK, this.options.maxAgeMs * 1000),
      });
    } catch (error) {
      await detach(this.connection, catalog).catch(() => {});
      if (!isFatal(error)) unlinkSlice(path);
      throw error;
    }
    const slice: Slice = {
      number,
      catalog,
      path,
      extent: { ...EMPTY_EXTENT },
      missing: [],
      appendable: true,
      created,
      active: true,
      finished: false,
      readOnly: false,
      readers: 0,
      leaving: false,
      bytes: 0,
    };
    this.list = [slice, ...this.list];
    if (previous) previous.active = false;
  }

  /** Whether the active slice has had its share. */
  get full(): boolean {
    const { active, options } = this;
    if (!active || active.extent.rows === 0) return false;
    return (
      active.extent.rows >= options.sliceRows ||
      walBytes(active.path) >= options.sliceBytes ||
      this.host.now() - active.created >= options.sliceAgeMs * 1000
    );
  }

  get bytes(): number {
    return bytesOf(this.list);
  }

  /** Retention, and finishing what was closed: called about once a second, beside commits and queries. */
  async tend(): Promise<void> {
    const oldestArrival = this.host.now() - this.options.maxAgeMs * 1000;
    for (const slice of this.list.slice(1))
      if (Math.max(slice.extent.maxArrival, slice.created) < oldestArrival) await this.drop(slice);
    while (this.bytes > this.options.maxBytes && (await this.dropOldest()));
    while (this.list.length > MAX_SLICES && (await this.dropOldest()));
    for (const slice of this.list.toReversed()) {
      if (slice.active || slice.leaving) continue;
      if (!slice.finished) await this.finish(slice);
      if (!slice.readOnly) await this.makeReadOnly(slice);
    }
  }

  private async finish(slice: Slice): Promise<void> {
    this.finishing = slice;
    try {
      // A checkpoint that runs out of disk takes the whole engine along: room for it comes first.
      await this.makeSpace(walBytes(slice.path) * 2);
      const started = performance.now();
      const numbers = await readNumbers(this.background, slice.catalog);
      if (!numbers?.has('finished')) await writeExtent(this.background, slice.catalog, slice.extent);
      await this.background.run(`checkpoint ${slice.catalog}`);
      slice.bytes = sliceBytes(slice.path);
      slice.finished = true;
      this.host.counters.add('checkpoints', 1);
      this.host.counters.add('checkpoint_ms', performance.now() - started);
    } catch (error) {
      if (!(error instanceof DiskFull)) throw error;
    } finally {
      this.finishing = null;
    }
  }

  /** When nobody reads it just now; otherwise the next time. */
  private async makeReadOnly(slice: Slice): Promise<void> {
    if (slice.readers > 0 || !slice.finished || slice.leaving) return;
    const change = (async () => {
      await detach(this.background, slice.catalog);
      await attach(this.background, slice.catalog, slice.path, true);
      slice.readOnly = true;
    })();
    this.reattaching = change.catch(() => {});
    try {
      await change;
    } catch (error) {
      if (isFatal(error)) throw error;
      this.setAside(slice, error instanceof Error ? error.message : String(error));
    } finally {
      this.reattaching = null;
    }
  }

  /** The newest is never among them: where there is no active one, it has the open calls and the acknowledgements. */
  private get droppable(): Slice[] {
    return this.list.slice(1).filter((s) => s !== this.finishing);
  }

  private async dropOldest(): Promise<boolean> {
    const oldest = this.droppable.at(-1);
    if (!oldest) return false;
    await this.drop(oldest);
    return true;
  }

  /** New readers do not see it; those that do are waited for. */
  private async drop(slice: Slice): Promise<void> {
    if (slice.leaving || slice === this.finishing) return;
    slice.leaving = true;
    this.list = this.list.filter((s) => s !== slice);
    const until = performance.now() + LEAVE_MS;
    while (slice.readers > 0 && performance.now() < until) await sleep(5);
    // Beside a reader the file's space comes free when that has ended.
    while (this.reattaching) await this.reattaching;
    await detach(this.background, slice.catalog);
    unlinkSlice(slice.path);
    this.host.counters.add('slices_dropped', 1);
    this.host.counters.add('rows_dropped', slice.extent.rows);
  }

  /**
   * Leaves at least so many bytes free beside the reserve, at the cost of the oldest slices. Throws `DiskFull`, and drops
   * nothing, when all of them would not be enough: others have filled the disk, and the history stays.
   */
  async makeSpace(bytes: number): Promise<void> {
    const { folder, minFreeBytes } = this.options;
    const needed = bytes + minFreeBytes;
    for (let free = freeBytes(folder); free < needed; free = freeBytes(folder))
      if (free + bytesOf(this.droppable) < needed || !(await this.dropOldest()))
        throw new DiskFull(
          `The disk of ${folder} is full: ${formatSize(needed)} must be free, ${formatSize(free)} are.`,
        );
  }

  /** The log of the active slice becomes part of its file: the next start need not read it. */
  async close(): Promise<void> {
    const { active } = this;
    if (!active || walBytes(active.path) === 0) return;
    await this.makeSpace(walBytes(active.path) * 2);
    await this.connection.run(`checkpoint ${active.catalog}`);
  }

  /**
   * Damage found while reading: history goes on without the slice. It stays attached until the process ends, so that
   * its readers end as they will; where it was the active one, the next commit makes another.
   */
  setAside(slice: Slice, why: string): void {
    if (slice.leaving) return;
    slice.leaving = true;
    slice.active = false;
    this.list = this.list.filter((s) => s !== slice);
    this.renameAside(slice.path, why);
  }
}

function bytesOf(slices: readonly Slice[]): number {
  return slices.reduce((sum, s) => sum + (s.finished ? s.bytes : sliceBytes(s.path)), 0);
}
