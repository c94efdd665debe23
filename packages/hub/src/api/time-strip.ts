/** The list's rows over time: what the store counts, and what is held. */
import { RecordRow } from '@kubeshark/dissect';
import type { Histogram, Outcome } from '@kubeshark/model';
import type { ListingSource } from '../live/listing.ts';
import { timestampOf } from '../live/listing.ts';
import { lossesBetween } from '../live/losses.ts';
import type { CheckedQuery } from '../live/query.ts';
import { matches, storeQuery } from '../live/query.ts';

const view = new RecordRow();

/** Without a range of its own the query is about all that is kept. */
export async function histogramOf(
  source: ListingSource,
  checked: CheckedQuery,
  buckets: number,
  signal: AbortSignal,
): Promise<Histogram> {
  const { query, access } = checked;
  // Held rows first, and of the store only what it had then: each row is counted once.
  const upTo = source.storedSeq();
  const newer: number[] = [];
  const held: { time: number; outcome: Outcome }[] = [];
  let earliest = Number.POSITIVE_INFINITY;
  let latest = Number.NEGATIVE_INFINITY;
  for (const { row } of source.intake.tail.values()) {
    if (row.seq <= upTo) newer.push(row.seq);
    if (matches(checked, row, view)) {
      const { outcome } = view.record.at(row.record, 0);
      const time = timestampOf(row);
      earliest = Math.min(earliest, time);
      latest = Math.max(latest, time);
      held.push({ time, outcome });
    }
  }
  const stored = await source.store.range(access);
  const from = query.from ?? Math.min(stored?.from ?? earliest, earliest);
  const last = Math.max(stored?.to ?? latest, latest);
  if (!Number.isFinite(from) || !(Number.isFinite(last) || query.to !== undefined))
    return { from: query.from ?? 0, to: query.to ?? 0, step: 1, buckets: [], totals: {}, losses: [] };
  const to = Math.max(from + 1, query.to ?? last + 1);
  const asked = { ...storeQuery(checked), from, to, upTo, except: newer };
  const result = await source.store.histogram(asked, buckets, access, signal);
  for (const { time, outcome } of held) {
    const bucket = result.buckets[Math.floor((time - from) / result.step)];
    if (!bucket || time >= to) continue;
    bucket.all++;
    bucket.outcomes[outcome] = (bucket.outcomes[outcome] ?? 0) + 1;
  }
  const totals: Histogram['totals'] = {};
  for (const { outcomes } of result.buckets)
    for (const [outcome, n] of Object.entries(outcomes) as [Outcome, number][])
      totals[outcome] = (totals[outcome] ?? 0) + n;
  return { from, to, ...result, totals, losses: await lossesBetween(source, from, to, access) };
}
