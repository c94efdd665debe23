/** The strip's drawing: bars as paths, one a colour, in pixels. */
import type { Histogram, Outcome } from '@kubeshark/model';

/** Height of the drawing; all rows stand on `BASE`, failures hang below `BASE` + 1. */
export const HEIGHT = 33;
const BASE = 22;
const HANG = BASE + 1;
/** Tallest bars of the lanes. */
const ALL = 20;
const FAILED = HEIGHT - HANG;
/** One failure among a million rows is drawn this high all the same. */
const LEAST_FAILED = 3;
const LEAST_ALL = 1;
/** Share of a bar's place that stays empty. */
const GAP = 0.18;

/** Failures in the order they hang, from the base down. */
export const FAILED_OUTCOMES = ['server_error', 'no_response', 'reset'] as const satisfies readonly Outcome[];

export interface Lanes {
  readonly all: string;
  readonly failed: Readonly<Record<(typeof FAILED_OUTCOMES)[number], string>>;
}

/** Each lane has its own scale, up to its tallest bar. */
export function lanesOf({ buckets, from, to, step }: Histogram, width: number): Lanes {
  const most = buckets.reduce((high, { all }) => Math.max(high, all), 0);
  const mostFailed = buckets.reduce((high, bucket) => Math.max(high, failedOf(bucket)), 0);
  const place = (step / (to - from)) * width;
  const bar = Math.max(1, place * (1 - GAP));
  let all = '';
  const failed = { server_error: '', no_response: '', reset: '' };
  for (const [index, bucket] of buckets.entries()) {
    const x = round(index * place);
    if (bucket.all > 0) {
      const height = round(Math.max(LEAST_ALL, (bucket.all / most) * ALL));
      all += rectangle(x, round(BASE - height), round(bar), height);
    }
    const sum = failedOf(bucket);
    if (sum === 0) continue;
    const whole = Math.max(LEAST_FAILED, (sum / mostFailed) * FAILED);
    let y = HANG;
    for (const outcome of FAILED_OUTCOMES) {
      const share = ((bucket.outcomes[outcome] ?? 0) / sum) * whole;
      if (share > 0) failed[outcome] += rectangle(x, round(y), round(bar), round(share));
      y += share;
    }
  }
  return { all, failed };
}

export function failedOf({ outcomes }: Histogram['buckets'][number]): number {
  return FAILED_OUTCOMES.reduce((sum, outcome) => sum + (outcomes[outcome] ?? 0), 0);
}

function rectangle(x: number, y: number, width: number, height: number): string {
  return `M${x} ${y}h${width}v${height}h${-width}Z`;
}

function round(pixels: number): number {
  return Math.round(pixels * 10) / 10;
}
