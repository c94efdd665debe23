/** One list of one viewer: its history, then all that comes, under one bound. */
import { setTimeout as sleep } from 'node:timers/promises';
import type { ApiError, ListQuery, RowPlace } from '@kubeshark/model';
import { StoreQueryError, StoreUnavailable } from '../store/store.ts';
import { changeCursor, positionCursor, startOf } from './cursor.ts';
import type { FeedItem, FeedReader } from './feed.ts';
import { sendHistory } from './history.ts';
import { positionAt } from './listing.ts';
import { MatchCount } from './match-count.ts';
import type { CheckedQuery, Fit } from './query.ts';
import { readPage } from './read-page.ts';
import { LostPlace, sendMissed } from './resume.ts';
import { RowQueue } from './row-queue.ts';
import type { ViewerLink } from './viewer-link.ts';

const COUNT_EVERY_MS = 1_000;
const WAITING_EVERY_MS = 250;
const BUSY_RETRY_MS = 50;
const STORE_RETRY_MS = 1_000;

export interface SubscribeRequest {
  id: number;
  query: ListQuery;
  live: boolean;
  history: number;
  after?: string | undefined;
}

export class Subscription implements FeedReader {
  private readonly link: ViewerLink;
  private readonly checked: CheckedQuery;
  private readonly request: SubscribeRequest;
  private readonly stopped = new AbortController();
  /** Everything up to this is history; what changes later comes live. */
  private readonly bound: number;
  private readonly queue: RowQueue;
  private readonly counts: MatchCount;
  private readonly leave: () => void;
  /** A cursor of a live row would pass over what was missed and is not sent yet. */
  private resuming = false;
  /**
   * Searches that are under way: they may give a row as it was before it stopped matching, and word of that must not come
   * before the row.
   */
  private reading = 1;
  private paused = false;
  private flushTimer: NodeJS.Timeout | undefined;
  private countTimer: NodeJS.Timeout | undefined;
  private flushedAt = Number.NEGATIVE_INFINITY;
  private waitingTold = Number.NEGATIVE_INFINITY;
  private counted = { matched: -1, total: -1 };
  private counting = false;
  /** Rows that the store had dropped when it was counted; −1 before. */
  private dropped = -1;
  private pages: Promise<void> = Promise.resolve();
  private pagesWaiting = 0;

  constructor(link: ViewerLink, checked: CheckedQuery, request: SubscribeRequest) {
    this.link = link;
    this.checked = checked;
    this.request = request;
    this.counts = new MatchCount(checked, link.source);
    this.bound = link.feed.lastChange;
    this.queue = new RowQueue(link.limits.viewerQueueRows, this.bound);
    this.leave = link.feed.add(checked, this);
    this.resuming = request.after !== undefined;
    this.run().catch((error: unknown) => this.end(error));
  }

  private async run(): Promise<void> {
    const { signal } = this.stopped;
    try {
      while (!(await this.readPast())) await sleep(STORE_RETRY_MS, undefined, { signal });
    } finally {
      this.doneReading();
    }
    await this.count();
    if (!this.request.live) this.leave();
    else if (!signal.aborted) this.countTimer = setInterval(() => this.countAgain(), COUNT_EVERY_MS);
  }

  /** Without what was there before there is no telling what lies between old rows and new ones. */
  private end(error: unknown): void {
    this.failed(error);
    this.stop();
  }

  /** What was there before, or was missed. False when the store is away. */
  private async readPast(): Promise<boolean> {
    const { link, checked, bound } = this;
    const { id, history, live, after } = this.request;
    const { signal } = this.stopped;
    try {
      if (after === undefined)
        await sendHistory(link, checked, { id, history, live, bound, cursor: this.cursorAt(bound) }, signal);
      else {
        const cursorAt = (change: number) => this.cursorAt(change);
        await sendMissed(link, checked, { id, after, bound, cursorAt }, signal);
        this.resuming = false;
      }
      return true;
    } catch (error) {
      if (!(error instanceof StoreUnavailable)) throw error;
      this.failed(error);
      return false;
    }
  }

  stop(): void {
    this.stopped.abort(new DOMException('nobody waits for it', 'AbortError'));
    this.leave();
    clearTimeout(this.flushTimer);
    clearInterval(this.countTimer);
  }

  pause(paused: boolean): void {
    this.paused = paused;
    if (paused) this.queue.arrived = 0;
    else if (!this.queue.empty) this.flushSoon();
  }

  /** One after the other, and none before the viewer has taken the last one. */
  page(request: number, direction: 'older' | 'newer', cursor: string | RowPlace, limit: number): void {
    const { link, checked } = this;
    const { id } = this.request;
    const start =
      typeof cursor === 'string'
        ? startOf(cursor, direction, link.storeId)
        : positionAt(cursor, checked.query.order);
    if (!start) {
      this.error({ code: 'bad_cursor', message: 'This place in the list is not known here.' });
      return;
    }
    if (this.pagesWaiting >= link.limits.pagesPerSubscription) {
      link.caps.pagesPerSubscription++;
      this.error({ code: 'too_many', message: 'Too many pages were asked for at once.' });
      return;
    }
    this.pagesWaiting++;
    this.reading++;
    const { signal } = this.stopped;
    this.pages = this.pages
      .then(async () => {
        await link.free(signal);
        const page = await readPage(link.source, checked, { direction, start, limit }, signal);
        signal.throwIfAborted();
        link.send({ type: 'page', id, request, page });
      })
      .catch((error: unknown) => this.failed(error))
      .finally(() => {
        this.pagesWaiting--;
        this.doneReading();
      });
  }

  private doneReading(): void {
    this.reading--;
    if (!this.stopped.signal.aborted && !this.queue.empty) this.flushSoon();
  }

  offer(item: FeedItem, now: Fit, before: Fit): void {
    this.counts.offer(item.row, now, before);
    if (this.request.live && this.queue.add(item, now, before)) this.flushSoon();
  }

  /** At once when nothing was sent for a while, else together with what comes until then. */
  private flushSoon(): void {
    if (this.flushTimer !== undefined || this.resuming) return;
    const due = this.flushedAt + this.link.limits.liveFlushMs - performance.now();
    // Not within the call that publishes: one batch is one message.
    this.flushTimer = setTimeout(() => this.flush(), Math.max(0, due));
  }

  private flush(): void {
    this.flushTimer = undefined;
    if (this.paused) {
      this.tellWaiting();
      return;
    }
    const { link, queue } = this;
    if (link.busy) {
      link.caps.viewerSocketBytes++;
      this.flushTimer = setTimeout(() => this.flush(), BUSY_RETRY_MS);
      return;
    }
    if (this.reading > 0 && queue.hasGone) return;
    const { id } = this.request;
    const reached = link.feed.lastChange;
    const cursor = this.cursorAt(reached);
    const { rows, gone, skip } = queue.take(reached);
    this.flushedAt = performance.now();
    if (skip) {
      link.caps.viewerQueueRows += skip.count;
      const from = positionCursor({ order: 'seq', seq: skip.after });
      link.send({ type: 'skipped', id, from, to: cursor, count: skip.count });
    }
    // The cursor of the rows stands after both.
    if (gone.length > 0) link.sendRevised(id, gone);
    if (rows.length > 0) link.sendRows(id, true, rows, cursor);
  }

  private tellWaiting(): void {
    const due = this.waitingTold + WAITING_EVERY_MS - performance.now();
    if (due > 0) {
      this.flushTimer = setTimeout(() => this.flush(), due);
      return;
    }
    this.waitingTold = performance.now();
    this.link.send({ type: 'waiting', id: this.request.id, count: this.queue.arrived });
  }

  private async count(): Promise<void> {
    const dropped = this.droppedRows();
    this.counting = true;
    try {
      await this.counts.start(this.stopped.signal);
    } catch (error) {
      if (!(error instanceof StoreUnavailable)) throw error;
      // The list itself is whole; it is counted when the store is there again.
      return;
    } finally {
      this.counting = false;
    }
    this.dropped = dropped;
    this.tellCount();
  }

  private countAgain(): void {
    // Which of the rows that retention took had matched nobody knows any more.
    if (this.droppedRows() === this.dropped) this.tellCount();
    else if (!this.counting) this.count().catch((error: unknown) => this.end(error));
  }

  private droppedRows(): number {
    return this.link.source.store.status().counters['rows_dropped'] ?? 0;
  }

  private tellCount(): void {
    const { matched, total, took } = this.counts;
    if (matched === this.counted.matched && total === this.counted.total) return;
    this.counted = { matched, total };
    this.link.send({ type: 'count', id: this.request.id, matched, total, took });
  }

  private cursorAt(change: number): string {
    return changeCursor({ store: this.link.storeId, change });
  }

  private failed(error: unknown): void {
    if (this.stopped.signal.aborted) return;
    if (error instanceof LostPlace) {
      this.link.caps.resumeRows++;
      this.error({ code: 'bad_cursor', message: 'Too much has changed since; the list begins again.' });
    } else if (error instanceof StoreUnavailable)
      this.error({ code: 'store_unavailable', message: error.message, hint: 'It comes back by itself.' });
    else {
      const message = error instanceof Error ? error.message : String(error);
      const code = error instanceof StoreQueryError ? 'bad_filter' : 'query_failed';
      this.error({ code, message: `The search failed: ${message}` });
    }
  }

  private error(error: ApiError): void {
    this.link.send({ type: 'error', id: this.request.id, error });
  }
}
