/**
 * The list's subscription: what it asks the hub, and what it makes of the answers. Over a disconnect it goes on from
 * the last cursor, so that no row is missing; rows that come twice are the same row to the store.
 */
import type {
  ApiError,
  ListQuery,
  ListRow,
  LiveMessage,
  LiveRequest,
  Loss,
  RowPlace,
} from '@kubeshark/model';

/** Rows asked for at first, and with each step back. */
export const HISTORY = 1_000;
const PAGE = 1_000;
/** Larger holes are not read row by row: the list starts anew. */
const READABLE_HOLE = 50_000;

export interface SubscriptionHandlers {
  /** What was there is of another query, or not whole: rows start anew. */
  reset(order: ListQuery['order']): void;
  rows(rows: readonly ListRow[]): void;
  /** Newer states of rows that do not match any more: of those that are in the list. */
  revised(rows: readonly ListRow[]): void;
  losses(losses: readonly Loss[]): void;
  /** History is complete. `start`: its first row, when there is more before it. */
  history(start: RowPlace | null): void;
  /** All that was missed is here. */
  resumed(): void;
  progress(looked: number, total: number, found: number, reached: number | null): void;
  count(matched: number, total: number, took: number): void;
  waiting(count: number): void;
  /** The rows before a place; `start`: where they begin, when there are more before them. */
  older(place: RowPlace, rows: readonly ListRow[], start: RowPlace | null): void;
  error(error: ApiError): void;
}

type PageRequest =
  | { request: number; direction: 'older'; cursor: RowPlace }
  /** `left`: rows of a hole that are still to be read. */
  | { request: number; direction: 'newer'; cursor: string; left: number };

export class Subscription {
  private readonly send: (request: LiveRequest) => void;
  private readonly handlers: SubscriptionHandlers;
  private id = 0;
  private query: ListQuery | null = null;
  private connected = false;
  private paused = false;
  private cursor: string | null = null;
  private complete = false;
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
    if (this.query) this.handlers.reset(this.query.order);
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
  loadOlder({ seq, timestamp }: RowPlace): void {
    if (!this.complete || this.pages.some((page) => page.direction === 'older')) return;
    this.requestPage({ request: this.nextRequest++, direction: 'older', cursor: { seq, timestamp } });
  }

  private readHole(cursor: string, left: number): void {
    this.requestPage({ request: this.nextRequest++, direction: 'newer', cursor, left });
  }

  private requestPage(page: PageRequest): void {
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
        if (message.live) this.cursor = message.cursor;
        this.handlers.rows(message.rows);
        return;
      case 'revised':
        this.handlers.revised(message.rows);
        return;
      case 'history':
        // Live rows may come before a search is through: their cursor is the later one.
        this.cursor ??= message.cursor;
        if (this.complete) this.handlers.resumed();
        else this.handlers.history(message.older);
        this.complete = true;
        return;
      case 'skipped':
        this.cursor = message.to;
        if (message.count > READABLE_HOLE) this.beginAgain();
        else this.readHole(message.from, message.count);
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

  private onPage({ request, page }: Extract<LiveMessage, { type: 'page' }>): void {
    const asked = this.pages.find((p) => p.request === request);
    if (!asked) return;
    this.pages = this.pages.filter((p) => p !== asked);
    this.handlers.losses(page.losses);
    if (asked.direction === 'older') {
      const start = page.older === null ? null : (page.rows[0] ?? null);
      this.handlers.older(asked.cursor, page.rows, start);
      return;
    }
    this.handlers.rows(page.rows);
    const left = asked.left - page.rows.length;
    if (left > 0 && page.newer !== null && page.rows.length > 0) this.readHole(page.newer, left);
  }

  private onError(error: ApiError): void {
    // The hub does not know where we were: another store, or rows that are no longer kept.
    if (error.code === 'bad_cursor' && this.cursor !== null) this.beginAgain();
    else this.handlers.error(error);
  }
}
