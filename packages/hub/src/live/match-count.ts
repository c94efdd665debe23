/** How many rows match, of how many: the store's count once, and from then on what the feed brings. */
import { RecordRow } from '@kubeshark/dissect';
import type { ListingSource } from './listing.ts';
import type { CheckedQuery, Fit } from './query.ts';
import { fitOf, storeQuery } from './query.ts';

const view = new RecordRow();

interface Sum {
  matched: number;
  total: number;
}

export class MatchCount {
  /** ms that the store took. */
  took = 0;
  private readonly checked: CheckedQuery;
  private readonly source: ListingSource;
  private stored: Sum = { matched: 0, total: 0 };
  /** Not among `stored`: what was held when that was counted, and what came since. */
  private added: Sum = { matched: 0, total: 0 };
  /** The same for a count that is being made. */
  private recounting: Sum | null = null;

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
    const added: Sum = { matched: 0, total: 0 };
    this.recounting = added;
    for (const { row } of this.source.intake.tail.values())
      if (row.seq > upTo) add(added, fitOf(this.checked, row, view), 'outside');
    const begin = performance.now();
    const stored = await this.source.store.count(
      { ...storeQuery(this.checked), upTo },
      this.checked.access,
      signal,
    );
    this.took = performance.now() - begin;
    this.stored = stored;
    this.added = added;
    this.recounting = null;
  }

  /** A row that stood otherwise to the query before. */
  offer(now: Fit, before: Fit): void {
    add(this.added, now, before);
    if (this.recounting) add(this.recounting, now, before);
  }
}

function add(sum: Sum, now: Fit, before: Fit): void {
  sum.matched += Number(now === 'match') - Number(before === 'match');
  sum.total += Number(now !== 'outside') - Number(before !== 'outside');
}
