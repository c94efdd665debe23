/** What the lists of one viewer share: where rows come from, and the way to the viewer. */
import type { LiveMessage } from '@kubeshark/model';
import type { HubLimits } from '../settings.ts';
import type { LiveCaps } from './caps.ts';
import type { Feed } from './feed.ts';
import type { ListingSource } from './listing.ts';

export interface LiveSource {
  readonly source: ListingSource;
  readonly feed: Feed;
  readonly limits: HubLimits;
  readonly caps: LiveCaps;
  /** Names the store's numbering: cursors of another one mean nothing here. */
  readonly storeId: string;
}

export interface ViewerLink extends LiveSource {
  send(message: LiveMessage): void;
  /** Rows that are JSON already. */
  sendRows(id: number, live: boolean, rows: readonly string[], cursor: string): void;
  sendRevised(id: number, rows: readonly string[]): void;
  /** The viewer has not taken what was sent. */
  readonly busy: boolean;
  /** Waits until it has. */
  free(signal: AbortSignal): Promise<void>;
}
