/** The embedded store: DuckDB time slices in a process of their own. */
import { availableParallelism } from 'node:os';
import type { Access, Loss } from '@kubeshark/model';
import { Head } from '@kubeshark/model';
import type { HubRow } from '../row.ts';
import { type Ask, accessJson } from './ask.ts';
import { EventQueue } from './event-queue.ts';
import { Frame } from './frames.ts';
import type { StoreOptions } from './options.ts';
import { decodeRows, encodeRows } from './row-codec.ts';
import type {
  Commit,
  HistogramResult,
  PageEvent,
  PageQuery,
  RecentCalls,
  Store,
  StoreQuery,
  StoreStatus,
} from './store.ts';
import { StoreUnavailable } from './store.ts';
import { type ProcessEvents, StoreProcess } from './store-process.ts';

const DEFAULTS = {
  sliceRows: 250_000,
  sliceBytes: 256_000_000,
  sliceAgeMs: 6 * 3_600_000,
  memoryBytes: 512_000_000,
  lockPatienceMs: 5_000,
} as const;

export interface OpenOptions extends Partial<StoreOptions>, ProcessEvents {
  folder: string;
  maxBytes: number;
  maxAgeMs: number;
  minFreeBytes: number;
}

/** Rejects when the folder is another hub's, or cannot be written. */
export async function openStore({ log, ...options }: OpenOptions): Promise<EmbeddedStore> {
  const process = new StoreProcess({ ...DEFAULTS, threads: availableParallelism(), ...options }, { log });
  await process.start();
  return new EmbeddedStore(process);
}

/** How long a query waits for a process that is starting again. */
const PATIENCE_MS = 15_000;

const lostMessage = 'The store’s process has ended while it worked on this; it is started again.';

type Question = Ask extends infer T ? (T extends unknown ? Omit<T, 'access'> : never) : never;

export class EmbeddedStore implements Store {
  private readonly process: StoreProcess;

  constructor(process: StoreProcess) {
    this.process = process;
  }

  /** Of the store's process, for tests that kill it. */
  get pid(): number | undefined {
    return this.process.pid;
  }

  append(commit: Commit): Promise<void> {
    if (!this.process.up)
      return Promise.reject(new StoreUnavailable('The store is starting again; try in a moment.'));
    const { rows, ...rest } = commit;
    const json = Buffer.from(JSON.stringify(rest));
    const length = Buffer.allocUnsafe(4);
    length.writeUInt32LE(json.length);
    return new Promise((resolve, reject) => {
      this.process.send(Frame.append, [length, json, encodeRows(rows)], {
        rows() {},
        event() {},
        done: (status) => {
          this.process.status = status as StoreStatus;
          resolve();
        },
        failed: reject,
        lost: () => reject(new StoreUnavailable(lostMessage)),
      });
    });
  }

  /** Asks; when the process dies meanwhile, once more of the next one. */
  private async ask(
    question: Question,
    access: Access,
    signal: AbortSignal | undefined,
  ): Promise<{ json: unknown; rows: HubRow[] }> {
    const payload = Buffer.from(JSON.stringify({ ...question, access: accessJson(access) } satisfies Ask));
    for (let again = false; ; again = true) {
      await this.process.available(PATIENCE_MS);
      signal?.throwIfAborted();
      const answer = await this.once(payload, signal);
      if (answer !== 'lost') return answer;
      if (again) throw new StoreUnavailable(lostMessage);
    }
  }

  private once(
    payload: Buffer,
    signal: AbortSignal | undefined,
  ): Promise<{ json: unknown; rows: HubRow[] } | 'lost'> {
    return new Promise((resolve, reject) => {
      const rows: HubRow[] = [];
      const end = () => signal?.removeEventListener('abort', abort);
      const number = this.process.send(Frame.ask, [payload], {
        rows: (bytes) => rows.push(...decodeRows(bytes)),
        event() {},
        done: (json) => {
          end();
          resolve({ json, rows });
        },
        failed: (error) => {
          end();
          reject(error);
        },
        lost: () => {
          end();
          resolve('lost');
        },
      });
      const abort = () => {
        this.process.cancel(number);
        reject(signal?.reason as Error);
      };
      signal?.addEventListener('abort', abort, { once: true });
    });
  }

  async acknowledged(boot: string): Promise<number> {
    return (await this.ask({ what: 'acknowledged', boot }, ALL, undefined)).json as number;
  }

  async reserved(): Promise<number> {
    return (await this.ask({ what: 'reserved' }, ALL, undefined)).json as number;
  }

  async *page(query: PageQuery, access: Access, signal: AbortSignal): AsyncIterable<PageEvent> {
    let rest = query;
    for (let again = false; ; again = true) {
      await this.process.available(PATIENCE_MS);
      signal.throwIfAborted();
      const events = new EventQueue<PageEvent>();
      const payload = Buffer.from(
        JSON.stringify({ what: 'page', query: rest, access: accessJson(access) } satisfies Ask),
      );
      const number = this.process.send(Frame.ask, [payload], {
        rows: (bytes) => events.push({ type: 'rows', rows: decodeRows(bytes) }),
        event: (json) => events.push(json as PageEvent),
        done: () => events.end(),
        failed: (error) => events.fail(error),
        lost: () => events.fail(new Lost(lostMessage)),
      });
      const abort = () => events.fail(signal.reason as Error);
      signal.addEventListener('abort', abort, { once: true });
      try {
        for await (const event of events) {
          // What was given stays given: another process goes on after it.
          if (event.type === 'rows') rest = after(rest, event.rows);
          yield event;
        }
        return;
      } catch (error) {
        if (!(error instanceof Lost)) throw error;
        if (again) throw new StoreUnavailable(lostMessage);
      } finally {
        signal.removeEventListener('abort', abort);
        this.process.cancel(number);
      }
    }
  }

  async changedAfter(
    after: number,
    limit: number,
    query: StoreQuery,
    access: Access,
    signal: AbortSignal,
  ): Promise<HubRow[]> {
    return (await this.ask({ what: 'changedAfter', after, limit, query }, access, signal)).rows;
  }

  async count(
    query: StoreQuery,
    access: Access,
    signal: AbortSignal,
  ): Promise<{ matched: number; total: number }> {
    const answer = await this.ask({ what: 'count', query }, access, signal);
    return answer.json as { matched: number; total: number };
  }

  async histogram(
    query: StoreQuery & { from: number; to: number },
    buckets: number,
    access: Access,
    signal: AbortSignal,
  ): Promise<HistogramResult> {
    return (await this.ask({ what: 'histogram', query, buckets }, access, signal)).json as HistogramResult;
  }

  async values(
    field: number,
    prefix: string,
    query: StoreQuery,
    access: Access,
    limit: number,
    signal: AbortSignal,
  ): Promise<{ value: string; count: number }[]> {
    const answer = await this.ask({ what: 'values', field, prefix, query, limit }, access, signal);
    return answer.json as { value: string; count: number }[];
  }

  async get(id: string, timestamp: number | undefined, access: Access): Promise<HubRow | null> {
    return (await this.ask({ what: 'get', id, timestamp }, access, undefined)).rows[0] ?? null;
  }

  async losses(from: number, to: number, access: Access): Promise<Loss[]> {
    return (await this.ask({ what: 'losses', from, to }, access, undefined)).json as Loss[];
  }

  async recentCalls(age: number, limit: number, signal: AbortSignal): Promise<RecentCalls> {
    const { rows, json } = await this.ask({ what: 'recentCalls', age, limit }, ALL, signal);
    return { rows, cut: json as boolean };
  }

  async range(access: Access): Promise<{ from: number; to: number } | null> {
    return (await this.ask({ what: 'range' }, access, undefined)).json as { from: number; to: number } | null;
  }

  status(): StoreStatus {
    const { status, restarts } = this.process;
    return { ...status, counters: { ...status.counters, restarts } };
  }

  close(): Promise<void> {
    return this.process.close();
  }
}

/** The hub's own questions, not a viewer's. */
const ALL: Access = { all: true };

class Lost extends Error {}

/** What is left of a page after these rows. */
function after(query: PageQuery, rows: readonly HubRow[]): PageQuery {
  const last = rows.at(-1);
  if (!last) return query;
  const timestamp = last.record.readDoubleLE(Head.timestamp) + last.context.clockOffset;
  const start =
    query.order === 'seq'
      ? { order: 'seq' as const, seq: last.seq }
      : { order: 'timestamp' as const, timestamp, seq: last.seq };
  return { ...query, start, limit: query.limit - rows.length };
}
