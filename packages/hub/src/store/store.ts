/**
 * What the hub asks of a store. Nothing outside the driver's folder knows which engine it is.
 * Every way out takes an `Access`; every long one an abort signal.
 */
import type { Access, Loss, Outcome, Sighting } from '@kubeshark/model';
import type { HubRow } from '../row.ts';

/** One transaction. */
export interface Commit {
  /** New rows and higher revisions; an open row replaced here moves to the closed ones when its new state is closed. */
  rows: HubRow[];
  /** Sightings of rows that were stored before (and never counted). Idempotent by sighting id. */
  sightings: { row: string; sighting: Sighting }[];
  losses: Loss[];
  /** Highest batch number per worker boot that this commit completes. */
  acknowledged: { boot: string; number: number }[];
  /** Change numbers up to this may have been given out: after a restart numbering goes on above it. */
  reserved: number;
}

export interface StoreQuery {
  filter: string;
  /** What `now()` in the filter means: µs since the epoch. */
  now: number;
  /** timestamp range, µs: from ≤ t < to. */
  from?: number | undefined;
  to?: number | undefined;
  /** Also rows that lists leave out: flows in which calls were recognised, handshakes that succeeded, inner legs. */
  flows: boolean;
  /** Only rows with `seq` at most this: the hub counts what comes after by itself. */
  upTo?: number | undefined;
  /** `seq` of rows left out, none of them closed in the store: the hub knows a newer state and counts that. */
  except?: readonly number[] | undefined;
}

/** A place in one of the two orders, exclusive; of a row's place also the row's timestamp. */
export type Position =
  | { order: 'seq'; seq: number; timestamp?: number }
  | { order: 'timestamp'; timestamp: number; seq: number };

export interface PageQuery extends StoreQuery {
  order: 'seq' | 'timestamp';
  direction: 'older' | 'newer';
  /** Exclusive start; undefined is the newest end for `older`, the oldest for `newer`. */
  start?: Position | undefined;
  limit: number;
}

export type PageEvent =
  /** Matches so far, nearest to the start first; rows are whole. */
  | { type: 'rows'; rows: HubRow[] }
  /** `looked` of `total` stored rows; `reached` is the timestamp searched back to. */
  | { type: 'progress'; looked: number; total: number; reached: number | null }
  /** `more`: there may be further matches beyond the last row given. */
  | { type: 'end'; more: boolean };

export interface StoreStatus {
  entries: number;
  bytes: number;
  maxBytes: number;
  /** timestamp of the oldest row kept, µs. */
  oldest: number | null;
  state: 'ok' | 'restarting' | 'disk_full';
  /** What is full, and by how much. */
  problem?: string;
  /** Counters for /metrics, by name. */
  counters: Record<string, number>;
}

export interface HistogramResult {
  step: number;
  buckets: { all: number; outcomes: Partial<Record<Outcome, number>> }[];
}

export interface Store {
  /** Resolves when the commit is durable. Rejects with `StoreUnavailable` when the engine is restarting or the disk is full: nothing of it is stored then, and the same commit may be given again. */
  append(commit: Commit): Promise<void>;
  /** Highest batch number stored of a worker boot; 0 for none. */
  acknowledged(boot: string): Promise<number>;
  /** The largest `reserved` ever committed; 0 for a new store. */
  reserved(): Promise<number>;
  /** Matching rows in pages. */
  page(query: PageQuery, access: Access, signal: AbortSignal): AsyncIterable<PageEvent>;
  /** Rows whose `change` is above `after`, matching or not by now, ascending by `change`: what a resumed viewer missed. */
  changedAfter(
    after: number,
    limit: number,
    query: StoreQuery,
    access: Access,
    signal: AbortSignal,
  ): Promise<HubRow[]>;
  count(query: StoreQuery, access: Access, signal: AbortSignal): Promise<{ matched: number; total: number }>;
  /** Calls over [from, to) in `buckets` equal steps. */
  histogram(
    query: StoreQuery & { from: number; to: number },
    buckets: number,
    access: Access,
    signal: AbortSignal,
  ): Promise<HistogramResult>;
  /** Most frequent values of a field that start with `prefix`, newest slices first until the deadline. */
  values(
    field: number,
    prefix: string,
    query: StoreQuery,
    access: Access,
    limit: number,
    signal: AbortSignal,
  ): Promise<{ value: string; count: number }[]>;
  /** One row with its late sightings merged into `seenBy`. `timestamp` (µs), when known, spares looking into every slice. */
  get(id: string, timestamp: number | undefined, access: Access): Promise<HubRow | null>;
  /** Losses that overlap the range. Of a restricted viewer the place is not told. */
  losses(from: number, to: number, access: Access): Promise<Loss[]>;
  /** Calls and flows that arrived in the last `age` µs of the hub's clock, at most `limit`: to know their keys again after a restart. */
  recentCalls(age: number, limit: number, signal: AbortSignal): Promise<RecentCalls>;
  /** Range of timestamps kept, of rows visible to the viewer. */
  range(access: Access): Promise<{ from: number; to: number } | null>;
  status(): StoreStatus;
  close(): Promise<void>;
}

export interface RecentCalls {
  /** Newest first. Their records are heads alone: what call keys are made of. */
  rows: HubRow[];
  /** There are more. */
  cut: boolean;
}

/** The store cannot take or answer this now; `retry` says whether it will by itself. */
export class StoreUnavailable extends Error {
  override readonly name = 'StoreUnavailable';
}

/** The filter's text is not valid; should have been checked before. */
export class StoreQueryError extends Error {
  override readonly name = 'StoreQueryError';
}
