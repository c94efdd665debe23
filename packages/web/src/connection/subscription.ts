/**
 * The list's subscription: what it asks the hub, and what it makes of the answers. Over a disconnect it goes on from
 * the last cursor, so that no row is missing; rows that come twice are the same row to the store.
 */
import type { ApiError, ListQuery, ListRow, LiveMessage, LiveRequest, Loss } from '@kubeshark/model';

/** Rows asked for at first, and with each step back. */
export const HISTORY = 1_000;
const PAGE = 1_000;
/** Larger holes are not read row by row: the list starts anew. */
const READABLE_HOLE = 50_000;

export interface SubscriptionHandlers {
  /** What was there is of another query, or not whole: rows start anew. */
  reset(): void;
  rows(rows: readonly ListRow[], live: boolean): void;
  /** Newer states of rows that do not match any more: of those that are in the list. */
  revised(rows: readonly ListRow[]): void;
  losses(losses: readonly Loss[]): void;
  /** History is complete; `older`: there is more above. */
  history(older: boolean): void;
  progress(looked: number, total: number, found: number, reached: number | null): void;
  count(matched: number, total: number, took: number): void;
  waiting(count: number): void;
  /** Rows above were read, or there are none. */
  older(more: boolean): void;
  error(error: ApiError): void;
}

/** A cursor that stands after all rows up to `seq`: where to read on when the oldest rows left the page. */
interface Checkpoint {
  seq: number;
  cursor: string;
}

/** Rows between two checkpoints. */
const CHECKPOINT_EVERY = 1_000;

interface PageRequest {
  request: number;
  direction: 'older' | 'newer';
  cursor: string;
  /** Rows of a hole that are still to be read. */
  left: number;
  /** `seq` that rows must be below to be of use. */
  below: number;
}

export class Subscription {
  private readonly send: (request: LiveRequest) => void;
  private readonly handlers: SubscriptionHandlers;
  private id = 0;
  private query: ListQuery | null = null;
  private connected = false;
  private paused = false;
  private cursor: string | null = null;
  private complete = false;
  /** Stands before the rows from `olderSeq` on. */
  private olderCursor: string | null = null;
  private olderSeq = Number.POSITIVE_INFINITY;
  private checkpoints: Checkpoint[] = [];
  private nextRequest = 1;
  private pages: PageRequest[] = [];

  constructor(send: (request: LiveRequest) => void, handlers: SubscriptionHandlers) {
    this.send = send;
    this.handlers = handlers;
  }

  /** Another query, or the same from the newest row again. */
  start(query: ListQuery): void {
    if (this.query) this.send({ type: 'unsubscribe', id: this.id });
    this.query = query;
    this.restart();
  }

  /** Ends a search before it is through: what was found stays, and nothing more comes. */
  stop(): void {
    this.send({ type: 'unsubscribe', id: this.id });
    this.id++;
    this.query = null;
  }

  private restart(): void {
    // A new number: what still comes for the old one is not taken for this one's.
    this.id++;
    this.forget();
    this.handlers.reset();
    if (this.connected) this.subscribe();
  }

  /** While the hub still has the list. */
  private beginAgain(): void {
    this.send({ type: 'unsubscribe', id: this.id });
    this.restart();
  }

  private forget(): void {
    this.cursor = null;
    this.complete = false;
    this.olderCursor = null;
    this.olderSeq = Number.POSITIVE_INFINITY;
    this.checkpoints = [];
    this.pages = [];
  }

  private subscribe(): void {
    if (!this.query) return;
    this.send({
      type: 'subscribe',
      id: this.id,
      query: this.query,
      live: true,
      history: HISTORY,
      ...(this.cursor === null ? {} : { after: this.cursor }),
    });
    if (this.paused) this.send({ type: 'pause', id: this.id, paused: true });
  }

  /** The connection is there (again). */
  onConnected(): void {
    this.connected = true;
    if (!this.query) return;
    if (this.complete) {
      this.subscribe();
      for (const page of this.pages) this.sendPage(page);
    } else {
      // Without its whole history there is no telling what lies between old rows and new ones.
      this.restart();
    }
  }

  onDisconnected(): void {
    this.connected = false;
  }

  pause(paused: boolean): void {
    this.paused = paused;
    this.send({ type: 'pause', id: this.id, paused });
  }

  /** Reads rows before the first one that the page keeps. */
  loadOlder(first: number): void {
    if (!this.complete || this.pages.some((page) => page.direction === 'older')) return;
    const left = first > this.olderSeq;
    const checkpoint = left ? this.checkpoints.find(({ seq }) => seq >= first - 1) : undefined;
    const cursor = checkpoint?.cursor ?? this.olderCursor;
    if (cursor === null) this.handlers.older(false);
    else this.requestPage('older', cursor, 0, first);
  }

  private requestPage(direction: 'older' | 'newer', cursor: string, left: number, below = 0): void {
    const page = { request: this.nextRequest++, direction, cursor, left, below };
    this.pages.push(page);
    this.sendPage(page);
  }

  private sendPage({ request, direction, cursor }: PageRequest): void {
    this.send({ type: 'page', id: this.id, request, direction, cursor, limit: PAGE });
  }

  onMessage(message: LiveMessage): void {
    if (!('id' in message) || message.id !== this.id) return;
    switch (message.type) {
      case 'rows':
        if (message.live) this.follow(message.rows, message.cursor);
        else for (const { seq } of message.rows) this.olderSeq = Math.min(this.olderSeq, seq);
        this.handlers.rows(message.rows, message.live);
        return;
      case 'revised':
        this.handlers.revised(message.rows);
        return;
      case 'history':
        this.complete = true;
        // Live rows may come before a search is through: their cursor is the later one.
        this.cursor ??= message.cursor;
        this.olderCursor ??= message.older;
        this.handlers.history(message.older !== null);
        return;
      case 'skipped':
        this.cursor = message.to;
        if (message.count > READABLE_HOLE) this.beginAgain();
        else this.requestPage('newer', message.from, message.count);
        return;
      case 'page':
        this.onPage(message);
        return;
      case 'progress':
        this.handlers.progress(message.looked, message.total, message.found, message.reached);
        return;
      case 'count':
        this.handlers.count(message.matched, message.total, message.took);
        return;
      case 'waiting':
        this.handlers.waiting(message.count);
        return;
      case 'error':
        this.onError(message.error);
    }
  }

  private follow(rows: readonly ListRow[], cursor: string): void {
    this.cursor = cursor;
    const last = rows.at(-1);
    const known = this.checkpoints.at(-1)?.seq ?? Number.NEGATIVE_INFINITY;
    if (last && last.seq >= known + CHECKPOINT_EVERY) this.checkpoints.push({ seq: last.seq, cursor });
  }

  private onPage({ request, page }: Extract<LiveMessage, { type: 'page' }>): void {
    const asked = this.pages.find((p) => p.request === request);
    if (!asked) return;
    this.pages = this.pages.filter((p) => p !== asked);
    this.handlers.losses(page.losses);
    this.handlers.rows(page.rows, false);
    if (asked.direction === 'older') {
      this.olderCursor = page.older;
      this.olderSeq = page.rows[0]?.seq ?? this.olderSeq;
      const first = page.rows[0]?.seq ?? Number.NEGATIVE_INFINITY;
      // A checkpoint may stand so far behind that this page held nothing but rows that are here.
      if (page.older !== null && first >= asked.below) this.requestPage('older', page.older, 0, asked.below);
      else this.handlers.older(page.older !== null);
      return;
    }
    const left = asked.left - page.rows.length;
    if (left > 0 && page.newer !== null && page.rows.length > 0) this.requestPage('newer', page.newer, left);
  }

  private onError(error: ApiError): void {
    // The hub does not know where we were: another store, or rows that are no longer kept.
    if (error.code === 'bad_cursor' && this.cursor !== null) this.beginAgain();
    else this.handlers.error(error);
  }
}
