/** One page: its WebSocket and its lists. */
import { setTimeout as sleep } from 'node:timers/promises';
import type { Access, ApiError, LiveMessage, Loss } from '@kubeshark/model';
import { LiveRequest } from '@kubeshark/model/schemas';
import type { WebSocket } from 'ws';
import { projectLosses } from '../access.ts';
import { isTooLarge } from '../too-large.ts';
import { checkQuery } from './query.ts';
import { Subscription } from './subscription.ts';
import type { LiveSource, ViewerLink } from './viewer-link.ts';

const BUSY_RETRY_MS = 20;
/** How long a page may take to answer the hub's close. */
const GOODBYE_MS = 500;

export class Viewer implements ViewerLink {
  readonly source: LiveSource['source'];
  readonly feed: LiveSource['feed'];
  readonly limits: LiveSource['limits'];
  readonly caps: LiveSource['caps'];
  readonly storeId: string;
  readonly access: Access;
  private readonly socket: WebSocket;
  private readonly subscriptions = new Map<number, Subscription>();
  /** When the page last said something or took something, ms. */
  private aliveAt = performance.now();
  private waitingBytes = 0;

  constructor(live: LiveSource, socket: WebSocket, access: Access) {
    this.source = live.source;
    this.feed = live.feed;
    this.limits = live.limits;
    this.caps = live.caps;
    this.storeId = live.storeId;
    this.socket = socket;
    this.access = access;
    socket.on('pong', () => this.alive());
    socket.on('message', (data, binary) => {
      this.alive();
      if (binary) this.refuse('A text message was expected.');
      else this.hear((data as Buffer).toString());
    });
    socket.on('error', (error) => {
      if (isTooLarge(error)) this.caps.viewerMessageBytes++;
      socket.terminate();
    });
    socket.on('close', () => {
      for (const subscription of this.subscriptions.values()) subscription.stop();
      this.subscriptions.clear();
    });
  }

  get busy(): boolean {
    return this.socket.bufferedAmount > this.limits.viewerSocketBytes;
  }

  async free(signal: AbortSignal): Promise<void> {
    while (this.busy) await sleep(BUSY_RETRY_MS, undefined, { signal });
    signal.throwIfAborted();
  }

  send(message: LiveMessage): void {
    this.sendText(JSON.stringify(message));
  }

  sendRows(id: number, live: boolean, rows: readonly string[], cursor: string): void {
    this.sendText(
      `{"type":"rows","id":${id},"live":${live},"rows":[${rows.join(',')}],"cursor":${JSON.stringify(cursor)}}`,
    );
  }

  sendRevised(id: number, rows: readonly string[]): void {
    this.sendText(`{"type":"revised","id":${id},"rows":[${rows.join(',')}]}`);
  }

  sendText(text: string): void {
    if (this.socket.readyState === this.socket.OPEN) this.socket.send(text);
  }

  /** Now and then: a page that is gone without a word is let go. */
  check(): void {
    const { bufferedAmount } = this.socket;
    if (bufferedAmount < this.waitingBytes) this.alive();
    this.waitingBytes = bufferedAmount;
    if (performance.now() - this.aliveAt <= this.limits.viewerSilenceMs) this.socket.ping();
    else {
      this.caps.viewerSilenceMs++;
      this.socket.terminate();
    }
  }

  tellLosses(losses: readonly Loss[]): void {
    this.send({ type: 'losses', losses: projectLosses(losses, this.access) });
  }

  /** The hub ends: the page tries again until another is there. */
  close(): void {
    this.socket.close(1001, 'the hub is stopping');
    setTimeout(() => this.socket.terminate(), GOODBYE_MS).unref();
  }

  private alive(): void {
    this.aliveAt = performance.now();
  }

  private hear(text: string): void {
    let json: unknown;
    try {
      json = JSON.parse(text);
    } catch {
      this.refuse('The message is no JSON.');
      return;
    }
    const parsed = LiveRequest.safeParse(json);
    if (parsed.success) {
      this.handle(parsed.data);
      return;
    }
    const issue = parsed.error.issues[0];
    this.refuse(`The message is not understood: ${issue?.path.join('.')} ${issue?.message}`);
  }

  private handle(request: LiveRequest): void {
    const { id } = request;
    if (request.type === 'subscribe') {
      this.subscribe(request);
      return;
    }
    const subscription = this.subscriptions.get(id);
    if (request.type === 'unsubscribe') {
      subscription?.stop();
      this.subscriptions.delete(id);
    } else if (!subscription) this.error(id, { code: 'not_found', message: `There is no list ${id}.` });
    else if (request.type === 'pause') subscription.pause(request.paused);
    else subscription.page(request.request, request.direction, request.cursor, request.limit);
  }

  private subscribe(request: Extract<LiveRequest, { type: 'subscribe' }>): void {
    const { id, query } = request;
    const { subscriptionsPerViewer } = this.limits;
    this.subscriptions.get(id)?.stop();
    this.subscriptions.delete(id);
    const checked = checkQuery(query, this.access, this.caps);
    if ('error' in checked) this.error(id, checked.error);
    else if (this.subscriptions.size < subscriptionsPerViewer)
      this.subscriptions.set(id, new Subscription(this, checked.query, request));
    else {
      this.caps.subscriptionsPerViewer++;
      const message = `One page may have ${subscriptionsPerViewer} lists at once.`;
      this.error(id, { code: 'too_many', message });
    }
  }

  private refuse(message: string): void {
    this.error(null, { code: 'bad_request', message });
  }

  private error(id: number | null, error: ApiError): void {
    this.send({ type: 'error', id, error });
  }
}
