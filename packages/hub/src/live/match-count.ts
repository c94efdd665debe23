/** How many rows match, of how many: the store's count once, and from then on what the feed brings. */
import { RecordRow } from '@kubeshark/dissect';
import type { FeedItem } from './feed.ts';
import type { ListingSource } from './listing.ts';
import type { CheckedQuery } from './query.ts';
import { inFrame, matches, storeQuery } from './query.ts';

const view = new RecordRow();

export class MatchCount {
  /** ms that the store took. */
  took = 0;
  /** The store has answered. */
  ready = false;
  private readonly checked: CheckedQuery;
  private readonly source: ListingSource;
  private stored = { matched: 0, total: 0 };
  /** Not among `stored`: what was held when that was counted, and what came since. */
  private added = { matched: 0, total: 0 };
  /** Open rows that do not match, and may when they end. */
  private readonly waiting = new Set<string>();
  /** Open rows that count as matches, and may not match when they end. */
  private recounting: { matched: number; total: number } | null = null;
  private readonly open = new Set<string>();

  constructor(checked: CheckedQuery, source: ListingSource) {
    this.checked = checked;
    this.source = source;
  }

  get matched(): number {
    return this.stored.matched + this.added.matched;
  }

  get total(): number {
    return this.stored.total + this.added.total;
  }

  /** Counts anew. Changes from now on must be offered. */
  async start(signal: AbortSignal): Promise<void> {
    const upTo = this.source.storedSeq();
    const added = { matched: 0, total: 0 };
    this.recounting = added;
    for (const { row, open: isOpen } of this.source.intake.tail.values()) {
      if (row.seq <= upTo || !inFrame(this.checked, row, view)) continue;
      added.total++;
      if (!matches(this.checked, row, view)) {
        if (isOpen) this.waiting.add(row.id);
        continue;
      }
      added.matched++;
      if (isOpen) this.open.add(row.id);
    }
    const begin = performance.now();
    const stored = await this.source.store.count(
      { ...storeQuery(this.checked), upTo },
      this.checked.access,
      signal,
    );
    this.took = performance.now() - begin;
    this.stored = stored;
    this.added = added;
    this.ready = true;
    this.recounting = null;
  }

  offer(item: FeedItem, matched: boolean): void {
    const { id } = item.row;
    if (item.isNew) this.add(matched ? 1 : 0, 1);
    else if (this.open.has(id)) this.add(matched ? 0 : -1, 0);
    else if (matched && this.waiting.has(id)) this.add(1, 0);
    this.open.delete(id);
    this.waiting.delete(id);
    if (item.open) (matched ? this.open : this.waiting).add(id);
  }

  private add(matched: number, total: number): void {
    for (const sum of [this.added, this.recounting]) {
      if (!sum) continue;
      sum.matched += matched;
      sum.total += total;
    }
  }
}
