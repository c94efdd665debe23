/** How many rows match, of how many: the store's count once, and from then on what the feed brings. */
import { RecordRow } from '@kubeshark/dissect';
import type { HubRow } from '../row.ts';
import type { ListingSource } from './listing.ts';
import type { CheckedQuery, Fit } from './query.ts';
import { fitOf, storeQuery } from './query.ts';

const view = new RecordRow();

interface Sum {
  matched: number;
  total: number;
}

interface Recount {
  /** What is held, and what came since. */
  sum: Sum;
  /** The store counts rows with a `seq` up to this, without those that are held in a newer state. */
  upTo: number;
  held: Set<number>;
  disturbed: boolean;
}

/** A list that is never still for as long as it takes to count is counted as well as can be. */
const ATTEMPTS = 3;

export class MatchCount {
  /** ms that the store took. */
  took = 0;
  private readonly checked: CheckedQuery;
  private readonly source: ListingSource;
  private stored: Sum = { matched: 0, total: 0 };
  /** Not among `stored`: what was held when that was counted, and what came since. */
  private added: Sum = { matched: 0, total: 0 };
  /** A count that is being made. */
  private recount: Recount | null = null;

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
    const begin = performance.now();
    for (let again = 0; again < ATTEMPTS; again++) if (await this.attempt(signal)) break;
    this.took = performance.now() - begin;
  }

  /** False when rows that the store was counting have changed meanwhile: it may have seen either state of them. */
  private async attempt(signal: AbortSignal): Promise<boolean> {
    const { checked, source } = this;
    const upTo = source.storedSeq();
    const recount: Recount = { sum: { matched: 0, total: 0 }, upTo, held: new Set(), disturbed: false };
    for (const { row } of source.intake.tail.values()) {
      add(recount.sum, fitOf(checked, row, view), 'outside');
      if (row.seq <= upTo) recount.held.add(row.seq);
    }
    this.recount = recount;
    const query = { ...storeQuery(checked), upTo, except: [...recount.held] };
    this.stored = await source.store.count(query, checked.access, signal);
    this.added = recount.sum;
    this.recount = null;
    return !recount.disturbed;
  }

  /** A row that stands to the query otherwise than before. */
  offer({ seq }: HubRow, now: Fit, before: Fit): void {
    add(this.added, now, before);
    const { recount } = this;
    if (!recount) return;
    add(recount.sum, now, before);
    if (now !== before && seq <= recount.upTo && !recount.held.has(seq)) recount.disturbed = true;
  }
}

function add(sum: Sum, now: Fit, before: Fit): void {
  sum.matched += Number(now === 'match') - Number(before === 'match');
  sum.total += Number(now !== 'outside') - Number(before !== 'outside');
}
