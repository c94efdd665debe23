/** One page: its WebSocket and its lists. */
import type { Access, LiveMessage, Loss } from '@kubeshark/model';
import { LiveRequest } from '@kubeshark/model';
import type { WebSocket } from 'ws';
import { projectLosses } from '../access.ts';
import type { HubLimits } from '../settings.ts';
import { checkQuery } from './query.ts';
import type { SubscriptionHost } from './subscription.ts';
import { Subscription } from './subscription.ts';

export type ViewerSource = Pick<SubscriptionHost, 'source' | 'feed' | 'limits' | 'storeId'>;

export class Viewer implements SubscriptionHost {
  readonly source: SubscriptionHost['source'];
  readonly feed: SubscriptionHost['feed'];
  readonly limits: HubLimits;
  readonly storeId: string;
  readonly access: Access;
  private readonly socket: WebSocket;
  private readonly subscriptions = new Map<number, Subscription>();
  private readonly onClose: (viewer: Viewer) => void;

  constructor(source: ViewerSource, socket: WebSocket, access: Access, onClose: (viewer: Viewer) => void) {
    this.source = source.source;
    this.feed = source.feed;
    this.limits = source.limits;
    this.storeId = source.storeId;
    this.socket = socket;
    this.access = access;
    this.onClose = onClose;
    socket.on('message', (data, binary) => {
      if (binary) this.refuse('A text message was expected.');
      else this.hear((data as Buffer).toString());
    });
    socket.on('error', () => socket.terminate());
    socket.on('close', () => this.closed());
  }

  get busy(): boolean {
    return this.socket.bufferedAmount > this.limits.viewerSocketBytes;
  }

  send(message: LiveMessage): void {
    this.sendText(JSON.stringify(message));
  }

  sendText(text: string): void {
    if (this.socket.readyState === this.socket.OPEN) this.socket.send(text);
  }

  tellLosses(losses: readonly Loss[]): void {
    this.send({ type: 'losses', losses: projectLosses(losses, this.access) });
  }

  /** The hub ends: the page tries again until another is there. */
  close(): void {
    this.socket.close(1001, 'the hub is stopping');
    setTimeout(() => this.socket.terminate(), 500).unref();
  }

  private closed(): void {
    for (const subscription of this.subscriptions.values()) subscription.stop();
    this.subscriptions.clear();
    this.onClose(this);
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
    if (!parsed.success) {
      const issue = parsed.error.issues[0];
      this.refuse(`The message is not understood: ${issue?.path.join('.')} ${issue?.message}`);
      return;
    }
    this.handle(parsed.data);
  }

  private handle(request: LiveRequest): void {
    const subscription = this.subscriptions.get(request.id);
    switch (request.type) {
      case 'subscribe':
        this.subscribe(request);
        return;
      case 'page':
        void subscription?.page(request.request, request.direction, request.cursor, request.limit);
        return;
      case 'pause':
        subscription?.pause(request.paused);
        return;
      case 'unsubscribe':
        subscription?.stop();
        this.subscriptions.delete(request.id);
        return;
    }
  }

  private subscribe(request: Extract<LiveRequest, { type: 'subscribe' }>): void {
    const { id } = request;
    const result = checkQuery(request.query, this.access);
    if ('error' in result) {
      this.send({ type: 'error', id, error: result.error });
      return;
    }
    this.subscriptions.get(id)?.stop();
    this.subscriptions.delete(id);
    if (this.subscriptions.size >= this.limits.subscriptionsPerViewer) {
      this.send({
        type: 'error',
        id,
        error: {
          code: 'too_many',
          message: `One page may have ${this.limits.subscriptionsPerViewer} lists at once.`,
        },
      });
      return;
    }
    const subscription = new Subscription(this, result.query, request);
    this.subscriptions.set(id, subscription);
    subscription.start();
  }

  private refuse(message: string): void {
    this.send({ type: 'error', id: null, error: { code: 'bad_request', message } });
  }
}
