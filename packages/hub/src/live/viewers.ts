/** All pages that are connected. */
import type { Access, Loss } from '@kubeshark/model';
import type { WebSocket } from 'ws';
import { accessKey } from '../access.ts';
import type { HubParts } from '../hub.ts';
import { liveCaps } from './caps.ts';
import { joinedLosses } from './losses.ts';
import { Viewer } from './viewer.ts';
import type { LiveSource } from './viewer-link.ts';

const STATUS_EVERY_MS = 1_000;

export class Viewers {
  readonly caps = liveCaps();
  private readonly viewers = new Set<Viewer>();
  private readonly parts: Omit<HubParts, 'viewers'>;
  private readonly live: LiveSource;
  private readonly timer: NodeJS.Timeout;
  private telling = false;

  constructor(parts: Omit<HubParts, 'viewers'>) {
    const { store, intake, committer, feed, limits, storeId } = parts;
    const source = { store, intake, limits, caps: this.caps, storedSeq: () => committer.storedSeq };
    this.parts = parts;
    this.live = { source, feed, limits, storeId, caps: this.caps };
    this.timer = setInterval(() => {
      for (const viewer of this.viewers) viewer.check();
      void this.tellStatus();
    }, STATUS_EVERY_MS);
    this.timer.unref();
  }

  get count(): number {
    return this.viewers.size;
  }

  /** Where lists are read from. */
  get listing(): LiveSource['source'] {
    return this.live.source;
  }

  get full(): boolean {
    return this.viewers.size >= this.parts.limits.viewers;
  }

  accept(socket: WebSocket, access: Access): void {
    const viewer = new Viewer(this.live, socket, access);
    this.viewers.add(viewer);
    socket.on('close', () => this.viewers.delete(viewer));
    void this.parts.status.of(access).then(
      (status) => viewer.send({ type: 'status', status }),
      (error: unknown) => this.parts.log.debug({ err: error }, 'a status could not be told'),
    );
  }

  tellLosses(losses: readonly Loss[]): void {
    if (this.viewers.size === 0) return;
    const some = joinedLosses(losses, this.parts.limits.losses, this.caps);
    for (const viewer of this.viewers) viewer.tellLosses(some);
  }

  close(): void {
    clearInterval(this.timer);
    for (const viewer of this.viewers) viewer.close();
  }

  /** Once for all who may know the same. */
  private async tellStatus(): Promise<void> {
    if (this.telling) return;
    this.telling = true;
    const texts = new Map<string, string>();
    try {
      for (const { access } of this.viewers) {
        const key = accessKey(access);
        if (!texts.has(key))
          texts.set(key, JSON.stringify({ type: 'status', status: await this.parts.status.of(access) }));
      }
      for (const viewer of this.viewers) {
        const text = texts.get(accessKey(viewer.access));
        // One who does not read needs no further status.
        if (text !== undefined && !viewer.busy) viewer.sendText(text);
      }
    } catch (error) {
      this.parts.log.debug({ err: error }, 'a status could not be told');
    } finally {
      this.telling = false;
    }
  }
}
