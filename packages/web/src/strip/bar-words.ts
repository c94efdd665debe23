/** A bar, or bars being chosen, in words. */
import { formatCount, type Histogram, type Loss } from '@kubeshark/model';
import { clockTime } from '../list/clock-time.ts';
import { FAILED_OUTCOMES } from './lanes.ts';

export interface BarSum {
  readonly from: number;
  readonly to: number;
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
    all: bars.reduce((sum, { all }) => sum + all, 0),
    failed: counts.filter(({ count }) => count > 0),
    losses: losses.filter((loss) => loss.from < to && loss.to >= from),
  };
}

/** `14:30:04 – 14:30:12`, with fractions where seconds do not tell the ends apart. */
export function spanWords({ from, to }: { from: number; to: number }): string {
  const [begin, end] = [clockTime(from), clockTime(to)];
  const fine = to - from < 2_000_000;
  return `${begin[0]}${fine ? begin[1] : ''} – ${end[0]}${fine ? end[1] : ''}`;
}

/** `164 calls`. */
export function callWords(count: number): string {
  return `${formatCount(count)} ${count === 1 ? 'call' : 'calls'}`;
}
