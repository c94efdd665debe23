/** All pages that are connected. */
import type { Access, Loss } from '@kubeshark/model';
import type { WebSocket } from 'ws';
import { accessKey } from '../access.ts';
import type { HubParts } from '../hub.ts';
import type { ViewerSource } from './viewer.ts';
import { Viewer } from './viewer.ts';

const STATUS_EVERY_MS = 1_000;

export class Viewers {
  private readonly viewers = new Set<Viewer>();
  private readonly parts: Omit<HubParts, 'viewers'>;
  private readonly source: ViewerSource;
  private readonly timer: NodeJS.Timeout;
  private telling = false;

  constructor(parts: Omit<HubParts, 'viewers'>) {
    const { store, intake, committer, feed, limits, storeId } = parts;
    this.parts = parts;
    this.source = { source: { store, intake, storedSeq: () => committer.storedSeq }, feed, limits, storeId };
    this.timer = setInterval(() => void this.tellStatus(), STATUS_EVERY_MS);
    this.timer.unref();
  }

  get count(): number {
    return this.viewers.size;
  }

  /** Where lists are read from. */
  get listing(): ViewerSource['source'] {
    return this.source.source;
  }

  get full(): boolean {
    return this.viewers.size >= this.parts.limits.viewers;
  }

  accept(socket: WebSocket, access: Access): void {
    const viewer = new Viewer(this.source, socket, access, (gone) => this.viewers.delete(gone));
    this.viewers.add(viewer);
    void this.parts.status.of(access).then(
      (status) => viewer.send({ type: 'status', status }),
      () => {},
    );
  }

  tellLosses(losses: readonly Loss[]): void {
    for (const viewer of this.viewers) viewer.tellLosses(losses);
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
      for (const viewer of this.viewers) {
        const key = accessKey(viewer.access);
        if (!texts.has(key))
          texts.set(
            key,
            JSON.stringify({ type: 'status', status: await this.parts.status.of(viewer.access) }),
          );
        viewer.sendText(texts.get(key)!);
      }
    } catch (error) {
      this.parts.log.debug({ err: error }, 'a status could not be told');
    } finally {
      this.telling = false;
    }
  }
}
