/** One list of one viewer: its history, then all that comes, under one bound. */

import { RecordRow } from '@kubeshark/dissect';
import type { ApiError, ListQuery, LiveMessage } from '@kubeshark/model';
import type { HubLimits } from '../settings.ts';
import { StoreUnavailable } from '../store/store.ts';
import { changeCursor, parseChangeCursor, parsePositionCursor, positionCursor } from './cursor.ts';
import type { Feed, FeedReader } from './feed.ts';
import { FeedItem, rowOf } from './feed.ts';
import type { ListingSource } from './listing.ts';
import { listing, positionOf } from './listing.ts';
import { MatchCount } from './match-count.ts';
import type { CheckedQuery } from './query.ts';
import { matches, storeQuery } from './query.ts';
import { lossesAround, readPage } from './read-page.ts';
import { RowQueue } from './row-queue.ts';

/** A search says how far it is from here on, and then this often. */
const PROGRESS_AFTER_MS = 150;
const COUNT_EVERY_MS = 1_000;
const WAITING_EVERY_MS = 250;
const BUSY_RETRY_MS = 50;

export interface SubscriptionHost {
  readonly source: ListingSource;
  readonly feed: Feed;
  readonly limits: HubLimits;
  readonly storeId: string;
  send(message: LiveMessage): void;
  /** A message whose rows are JSON already. */
  sendText(text: string): void;
  /** The viewer has not taken what was sent. */
  readonly busy: boolean;
}

export interface SubscribeRequest {
  id: number;
  query: ListQuery;
  live: boolean;
  history: number;
  after?: string | undefined;
}

const view = new RecordRow();

export class Subscription implements FeedReader {
  private readonly host: SubscriptionHost;
  private readonly checked: CheckedQuery;
  private readonly request: SubscribeRequest;
  private readonly stopped = new AbortController();
  private readonly queue: RowQueue;
  private readonly counts: MatchCount;
  /** Open rows that were sent: should they not match when they end, their end is told all the same. */
  private readonly open = new Set<string>();
  private leave: () => void = () => {};
  private paused = false;
  private flushTimer: NodeJS.Timeout | undefined;
  private countTimer: NodeJS.Timeout | undefined;
  private flushedAt = Number.NEGATIVE_INFINITY;
  private toldCount = '';
  private waitingTold = 0;

  constructor(host: SubscriptionHost, checked: CheckedQuery, request: SubscribeRequest) {
    this.host = host;
    this.checked = checked;
    this.request = request;
    this.queue = new RowQueue(host.limits.viewerQueueRows);
    this.counts = new MatchCount(checked, host.source);
  }

  start(): void {
    const { request, host } = this;
    // From here on everything that changes is told live; what was there before is history.
    const bound = host.feed.lastChange;
    this.leave = host.feed.add(this.checked, this);
    const work = request.after === undefined ? this.history(bound) : this.resume(request.after, bound);
    work.then(() => this.count()).catch((error: unknown) => this.failed(error));
  }

  stop(): void {
    this.stopped.abort(new DOMException('nobody waits for it', 'AbortError'));
    this.leave();
    clearTimeout(this.flushTimer);
    clearInterval(this.countTimer);
  }

  pause(paused: boolean): void {
    this.paused = paused;
    if (!paused) this.flushSoon();
    else this.queue.arrived = 0;
  }

  async page(request: number, direction: 'older' | 'newer', cursor: string, limit: number): Promise<void> {
    const start = parsePositionCursor(cursor);
    if (!start) {
      this.error({ code: 'bad_cursor', message: 'This place in the list is not known here.' });
      return;
    }
    try {
      const { signal } = this.stopped;
      const page = await readPage(this.host.source, this.checked, { direction, start, limit }, signal);
      if (!signal.aborted) this.host.send({ type: 'page', id: this.request.id, request, page });
    } catch (error) {
      this.failed(error);
    }
  }

  // --- live

  offer(item: FeedItem, matched: boolean): void {
    this.counts.offer(item, matched);
    const { id } = item.row;
    const known = this.open.has(id);
    if (!this.request.live || !(matched || known)) return;
    if (item.open && matched) this.open.add(id);
    else this.open.delete(id);
    this.queue.add(item, !known && item.isNew);
    this.flushSoon();
  }

  /** At once when nothing was sent for a while, else together with what comes until then. */
  private flushSoon(): void {
    if (this.flushTimer !== undefined) return;
    const due = this.flushedAt + this.host.limits.liveFlushMs - performance.now();
    // Not within the call that publishes: one batch is one message.
    this.flushTimer = setTimeout(() => this.flush(), Math.max(0, due));
  }

  private flush(): void {
    this.flushTimer = undefined;
    if (this.stopped.signal.aborted) return;
    if (this.paused) {
      this.tellWaiting();
      return;
    }
    if (this.host.busy) {
      this.flushTimer = setTimeout(() => this.flush(), BUSY_RETRY_MS);
      return;
    }
    const { items, skip } = this.queue.take();
    this.flushedAt = performance.now();
    const cursor = this.cursor(this.host.feed.lastChange);
    if (skip)
      this.host.send({
        type: 'skipped',
        id: this.request.id,
        from: positionCursor({ order: 'seq', seq: skip.firstSeq - 1 }),
        to: cursor,
        count: skip.count,
      });
    if (items.length > 0)
      this.host.sendText(
        `{"type":"rows","id":${this.request.id},"live":true,"rows":[${items.map((item) => item.json).join(',')}],"cursor":${JSON.stringify(cursor)}}`,
      );
  }

  private tellWaiting(): void {
    const since = performance.now() - this.waitingTold;
    if (since < WAITING_EVERY_MS) {
      this.flushTimer = setTimeout(() => this.flush(), WAITING_EVERY_MS - since);
      return;
    }
    this.waitingTold = performance.now();
    this.host.send({ type: 'waiting', id: this.request.id, count: this.queue.arrived });
  }

  // --- what was there before

  private async history(bound: number): Promise<void> {
    const { host, request, checked } = this;
    const { signal } = this.stopped;
    const begun = performance.now();
    let toldAt = begun + PROGRESS_AFTER_MS - COUNT_EVERY_MS;
    let found = 0;
    let more = false;
    const rows = [];
    const pages = listing(host.source, checked, { direction: 'older', limit: request.history }, signal);
    for await (const event of pages) {
      signal.throwIfAborted();
      if (event.type === 'end') more = event.more;
      else if (event.type === 'rows') {
        found += event.rows.length;
        rows.push(...event.rows);
        for (const row of event.rows)
          if (view.record.at(row.record, 0).state === 'open') this.open.add(row.id);
        host.send({
          type: 'rows',
          id: request.id,
          live: false,
          rows: event.rows.toReversed().map((row) => rowOf(row, checked.access)),
          cursor: this.cursor(bound),
        });
      } else if (performance.now() - toldAt >= COUNT_EVERY_MS / 4) {
        toldAt = performance.now();
        if (toldAt - begun < PROGRESS_AFTER_MS) continue;
        const { looked, total, reached } = event;
        host.send({ type: 'progress', id: request.id, looked, total, found, reached });
      }
    }
    const oldest = rows.at(-1);
    host.send({
      type: 'history',
      id: request.id,
      older: more && oldest ? positionCursor(positionOf(oldest, checked.query.order)) : null,
      cursor: this.cursor(bound),
      took: performance.now() - begun,
    });
    const losses = await lossesAround(host.source, checked, rows, signal);
    if (losses.length > 0) host.send({ type: 'losses', losses });
  }

  /** What changed since the viewer was last here: stored, or still held. */
  private async resume(after: string, bound: number): Promise<void> {
    const { host, request, checked } = this;
    const { signal } = this.stopped;
    const begun = performance.now();
    const cursor = parseChangeCursor(after);
    if (!cursor || cursor.store !== host.storeId || cursor.change > bound) throw new LostPlace();
    const limit = host.limits.resumeRows;
    // Held rows first: one that is stored meanwhile is found twice, never not at all.
    const missed = new Map<string, FeedItem>();
    for (const { row, open } of host.source.intake.tail.values())
      if (row.change > cursor.change && matches(checked, row, view))
        missed.set(row.id, new FeedItem({ row, isNew: false, open, hidden: false }, checked.access));
    const stored = await host.source.store.changedAfter(
      cursor.change,
      limit + 1,
      storeQuery(checked),
      checked.access,
      signal,
    );
    if (stored.length > limit || missed.size > limit) throw new LostPlace();
    for (const row of stored) {
      if (missed.has(row.id) || !matches(checked, row, view)) continue;
      const open = view.record.at(row.record, 0).state === 'open';
      missed.set(row.id, new FeedItem({ row, isNew: false, open, hidden: false }, checked.access));
    }
    for (const item of missed.values()) if (item.open) this.open.add(item.row.id);
    const rows = [...missed.values()].toSorted((a, b) => a.row.seq - b.row.seq);
    host.sendText(
      `{"type":"rows","id":${request.id},"live":true,"rows":[${rows.map((item) => item.json).join(',')}],"cursor":${JSON.stringify(this.cursor(bound))}}`,
    );
    host.send({
      type: 'history',
      id: request.id,
      older: null,
      cursor: this.cursor(bound),
      took: performance.now() - begun,
    });
  }

  // --- how many

  private async count(): Promise<void> {
    await this.counts.start(this.stopped.signal);
    this.tellCount();
    this.countTimer = setInterval(() => this.tellCount(), COUNT_EVERY_MS);
    this.countTimer.unref();
  }

  private tellCount(): void {
    const { matched, total, took } = this.counts;
    const text = `${matched} ${total}`;
    if (text === this.toldCount) return;
    this.toldCount = text;
    this.host.send({ type: 'count', id: this.request.id, matched, total, took });
  }

  private cursor(change: number): string {
    return changeCursor({ store: this.host.storeId, change });
  }

  private failed(error: unknown): void {
    if (this.stopped.signal.aborted) return;
    if (error instanceof LostPlace)
      this.error({ code: 'bad_cursor', message: 'Too much has changed since; the list begins again.' });
    else if (error instanceof StoreUnavailable)
      this.error({ code: 'store_unavailable', message: error.message, hint: 'It comes back by itself.' });
    else
      this.error({
        code: 'query_failed',
        message: `The search failed: ${error instanceof Error ? error.message : String(error)}`,
      });
  }

  private error(error: ApiError): void {
    this.host.send({ type: 'error', id: this.request.id, error });
  }
}

/** The viewer's cursor is of another store, or of too long ago. */
class LostPlace extends Error {}
