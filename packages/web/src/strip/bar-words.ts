/** A bar, or bars being chosen, in words. */
import { formatCounted, type Histogram, type Loss } from '@kubeshark/model';
import { clockTime, dayAndTime } from '../list/clock-time.ts';
import { FAILED_OUTCOMES } from './lanes.ts';

/** µs. Below, a time of day says which one it is. */
const DATED = 20 * 3_600_000_000;

export interface BarSum {
  readonly from: number;
  readonly to: number;
  /** The strip is so wide that times alone do not say when. */
  readonly dated: boolean;
  readonly all: number;
  readonly failed: readonly { outcome: (typeof FAILED_OUTCOMES)[number]; count: number }[];
  readonly losses: readonly Loss[];
}

/** Bars `first` to `last` together. The last bar ends where the strip ends. */
export function sumBars(histogram: Histogram, first: number, last: number): BarSum {
  const { buckets, step, losses } = histogram;
  const from = histogram.from + first * step;
  const to = Math.min(histogram.to, histogram.from + (last + 1) * step);
  const bars = buckets.slice(first, last + 1);
  const counts = FAILED_OUTCOMES.map((outcome) => ({
    outcome,
    count: bars.reduce((sum, { outcomes }) => sum + (outcomes[outcome] ?? 0), 0),
  }));
  return {
    from,
    to,
    dated: histogram.to - histogram.from > DATED,
    all: bars.reduce((sum, { all }) => sum + all, 0),
    failed: counts.filter(({ count }) => count > 0),
    losses: losses.filter((loss) => loss.from < to && loss.to >= from),
  };
}

/** `14:30:04 – 14:30:12`, with fractions where seconds do not tell the ends apart; `25 Nov, 12:00 – 25 Nov, 12:30`. */
export function spanWords({ from, to, dated }: Pick<BarSum, 'from' | 'to' | 'dated'>): string {
  if (dated) return `${dayAndTime(from)} – ${dayAndTime(to)}`;
  const [begin, end] = [clockTime(from), clockTime(to)];
  const fine = to - from < 2_000_000;
  return `${begin[0]}${fine ? begin[1] : ''} – ${end[0]}${fine ? end[1] : ''}`;
}

/** `164 entries`. */
export function entryWords(count: number): string {
  return formatCounted(count, 'entry', 'entries');
}
