/** The page's own list without a browser: its socket, its subscription, its rows. */
import { LIVE_PATH } from '@kubeshark/model';
import { WebSocket } from 'ws';
import { LiveSocket } from '../../packages/web/src/connection/live-socket.ts';
import { Subscription } from '../../packages/web/src/connection/subscription.ts';
import { RowStore } from '../../packages/web/src/rows/row-store.ts';

export class Viewer {
  readonly rows = new RowStore();
  /** Times that it began again with an empty list. */
  resets = 0;
  connections = 0;
  readonly problems: string[] = [];
  private readonly socket: LiveSocket;
  private readonly subscription: Subscription;

  constructor(hub: string, token: string, filter = '') {
    const url = new URL(LIVE_PATH, hub.replace(/^http/, 'ws'));
    this.socket = new LiveSocket(
      (events) => {
        const wire = new WebSocket(url, { headers: { authorization: `Bearer ${token}` } });
        wire.on('open', () => events.opened());
        wire.on('close', () => events.closed());
        wire.on('error', () => {});
        wire.on('message', (data: Buffer) => events.text(data.toString()));
        return { send: (text) => wire.send(text), close: () => wire.terminate() };
      },
      {
        state: (state) => {
          if (state.kind === 'connected') {
            this.connections++;
            this.subscription.onConnected();
          } else this.subscription.onDisconnected();
        },
        message: (message) => this.subscription.onMessage(message),
      },
    );
    this.subscription = new Subscription((request) => this.socket.send(request), {
      reset: () => {
        this.resets++;
        this.rows.clear();
      },
      rows: (rows) => this.rows.add(rows),
      revised: (rows) => this.rows.revise(rows),
      losses() {},
      history() {},
      resumed() {},
      progress() {},
      count() {},
      waiting() {},
      older() {},
      error: (error) => this.problems.push(error.message),
    });
    this.subscription.start({ filter, order: 'seq', flows: true });
    this.socket.start();
  }

  /** Ids of rows that have ended. */
  closedIds(): Set<string> {
    const ids = new Set<string>();
    for (let i = 0; i < this.rows.size; i++) {
      const row = this.rows.at(i)!;
      if (row.state === 'closed') ids.add(row.id);
    }
    return ids;
  }

  close(): void {
    this.socket.stop();
  }
}
