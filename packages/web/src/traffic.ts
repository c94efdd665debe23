/** The page's one list of traffic: connection, subscription, rows, and what is known of the hub. No React here. */
import type { ApiError, HubStatus, ListQuery, ListRow, Loss } from '@kubeshark/model';
import { createStore } from 'zustand/vanilla';
import { ApiProblem, fetchStatus, openSession } from './connection/api.ts';
import { type ConnectionState, LiveSocket, openWire } from './connection/live-socket.ts';
import { Subscription } from './connection/subscription.ts';
import { joinLosses } from './rows/dividers.ts';
import { PaintClock } from './rows/paint-clock.ts';
import { RowStore } from './rows/row-store.ts';

export interface TrafficState {
  /** `asking`: not known yet whether this browser may. */
  session: 'asking' | 'open' | 'refused';
  /** Why the last token was not taken. */
  refusal: string | null;
  /** Where this browser may sign in, as the hub says when it refuses; null: nowhere. */
  signIn: string | null;
  /** The session was open before. */
  ended: boolean;
  connection: ConnectionState;
  /** When the connection was lost, ms; null while it is there. */
  lostAt: number | null;
  /** Why the hub lets nobody in now, in its words; null: not known, or it does. */
  unavailable: ApiError | null;
  status: HubStatus | null;
  /** Grows when rows are to be painted. */
  painted: number;
  losses: readonly Loss[];
  matched: { matched: number; total: number; took: number } | null;
  searching: { looked: number; total: number; found: number; reached: number | null } | null;
  /** History of this query is complete. */
  complete: boolean;
  /** The reader ended the search before it was through. */
  stopped: boolean;
  readingOlder: boolean;
  paused: boolean;
  /** Rows that came while paused. */
  waiting: number;
  error: ApiError | null;
}

const LIVE_PATH = '/api/v1/live';

/** What is known of a query before the hub has answered it. */
const UNANSWERED = {
  losses: [],
  matched: null,
  searching: null,
  complete: false,
  stopped: false,
  readingOlder: false,
  waiting: 0,
  error: null,
} satisfies Partial<TrafficState>;

export class Traffic {
  readonly rows = new RowStore();
  readonly state = createStore<TrafficState>(() => ({
    session: 'asking',
    refusal: null,
    signIn: null,
    ended: false,
    connection: { kind: 'connecting' },
    lostAt: null,
    unavailable: null,
    status: null,
    painted: 0,
    paused: false,
    ...UNANSWERED,
  }));
  /** The reader is near the oldest rows: when there are too many, the newest leave. */
  keepOldest = false;
  /** Rows at the end are not here: they came while the newest had to leave. */
  detached = 0;
  private query: ListQuery = { filter: '', order: 'seq', flows: false };
  private readonly clock = new PaintClock(() => this.paint());
  private readonly socket: LiveSocket;
  private readonly subscription: Subscription;

  constructor() {
    this.socket = new LiveSocket((events) => openWire(LIVE_PATH, events), {
      state: (connection) => this.onConnection(connection),
      message: (message) => {
        if (message.type === 'status') this.state.setState({ status: message.status });
        else if (message.type === 'losses') this.addLosses(message.losses);
        else this.subscription.onMessage(message);
      },
    });
    this.subscription = new Subscription((request) => this.socket.send(request), {
      reset: (order) => {
        this.rows.clear(order);
        this.detached = 0;
        this.state.setState(UNANSWERED);
        this.clock.request();
      },
      rows: (rows) => this.addRows(rows),
      revised: (rows) => {
        this.rows.revise(rows);
        this.clock.request();
      },
      losses: (losses) => this.addLosses(losses),
      history: (start) => {
        this.rows.startAt(start);
        this.state.setState({ complete: true, searching: null, error: null });
        this.clock.request();
      },
      resumed: () => this.state.setState({ error: null }),
      progress: (looked, total, found, reached) =>
        this.state.setState({ searching: { looked, total, found, reached } }),
      count: (matched, total, took) => this.state.setState({ matched: { matched, total, took } }),
      waiting: (waiting) => this.state.setState({ waiting }),
      older: (place, rows, start) => {
        this.detached += this.rows.addBefore(place, rows, start, this.keepOldest);
        this.state.setState({ readingOlder: false });
        this.clock.request();
      },
      error: (error) => this.state.setState({ error, searching: null }),
    });
  }

  /** Asks whether this browser may see the traffic, with the terminal's token if there is one, and connects. */
  async start(token: string | null): Promise<void> {
    try {
      if (token !== null) {
        await openSession(token);
        // Rows of a session that has ended may be somebody else's.
        this.subscription.start(this.query);
      }
      this.state.setState({
        status: await fetchStatus(new AbortController().signal),
        session: 'open',
        ended: false,
      });
    } catch (error) {
      if (error instanceof ApiProblem && (error.status === 401 || error.status === 403)) {
        const { message, hint = '', signIn = null } = error.error;
        // Without a token, a 401 says only that there is no session.
        const refusal = token === null && error.status === 401 ? null : `${message} ${hint}`.trim();
        this.state.setState({ session: 'refused', refusal, signIn });
        return;
      }
      // The hub is away, or what it must ask: the socket says so, and tries again.
      this.state.setState({ session: 'open' });
    }
    this.socket.start();
  }

  /** Another filter, range or order: rows start anew. */
  show(query: ListQuery): void {
    this.query = query;
    this.subscription.start(this.query);
  }

  /** From the newest row again, when rows at the end are not here. */
  rejoin(): void {
    if (this.detached > 0) this.subscription.start(this.query);
  }

  /** Ends a search that is running. */
  stop(): void {
    this.subscription.stop();
    this.state.setState({ stopped: true, searching: null });
  }

  /** The search that was stopped, or went wrong, from its beginning. */
  again(): void {
    this.subscription.start(this.query);
  }

  pause(paused: boolean): void {
    this.subscription.pause(paused);
    this.state.setState({ paused, waiting: 0 });
  }

  tryNow(): void {
    this.socket.tryNow();
  }

  /** Reads rows above the first one. */
  loadOlder(): void {
    const { readingOlder, complete } = this.state.getState();
    const first = this.rows.first();
    if (readingOlder || !complete || !first || !this.rows.hasMoreBefore) return;
    this.state.setState({ readingOlder: true });
    this.subscription.loadOlder(first);
  }

  private onConnection(connection: ConnectionState): void {
    const { lostAt } = this.state.getState();
    if (connection.kind === 'connected') {
      this.state.setState({ connection, lostAt: null, unavailable: null });
      this.subscription.onConnected();
      return;
    }
    this.subscription.onDisconnected();
    this.state.setState({
      connection,
      lostAt: lostAt ?? (connection.kind === 'waiting' ? Date.now() : null),
    });
    if (connection.kind === 'waiting') void this.askWhy();
  }

  /** A socket does not say why it was refused; the API does. */
  private async askWhy(): Promise<void> {
    try {
      await fetchStatus(new AbortController().signal);
    } catch (error) {
      if (!(error instanceof ApiProblem)) return;
      if (error.status !== 401) {
        this.state.setState({ unavailable: error.status === 503 ? error.error : null });
        return;
      }
      const { signIn = null } = error.error;
      this.socket.stop();
      this.state.setState({ session: 'refused', refusal: null, signIn, ended: true });
    }
  }

  private addRows(rows: readonly ListRow[]): void {
    this.detached += this.rows.add(rows, this.keepOldest);
    this.clock.request();
  }

  private addLosses(losses: readonly Loss[]): void {
    if (losses.length === 0) return;
    this.state.setState((state) => ({ losses: joinLosses(state.losses, losses) }));
    this.clock.request();
  }

  private paint(): void {
    this.state.setState((state) => ({ painted: state.painted + 1 }));
  }
}
