/** The stretch of time that the strip shows, and how finely: what the hub is asked for. */
import type { Range } from '../connection/api.ts';

export interface Frame {
  readonly from?: number;
  readonly to?: number;
  readonly buckets: number;
}

const SECOND = 1_000_000;
const MINUTE = 60 * SECOND;
const HOUR = 60 * MINUTE;
const DAY = 24 * HOUR;

/** Widths of the strip while it grows with a capture, µs: the drawing is scaled anew only when one is full. */
const SPANS = [
  ...[1, 2, 5, 10, 15, 30].map((n) => n * MINUTE),
  ...[1, 2, 3, 6, 12].map((n) => n * HOUR),
  ...[1, 2, 4, 7, 14, 30, 60, 120, 365].map((n) => n * DAY),
];
/** Widths of a bar, µs. Each divides the days and hours it stands in, so that bars begin at whole times. */
const STEPS = [
  SECOND / 2,
  ...[1, 2, 5, 10, 15, 30].map((n) => n * SECOND),
  ...[1, 2, 5, 10, 15, 30].map((n) => n * MINUTE),
  ...[1, 2, 3, 6, 12].map((n) => n * HOUR),
  ...[1, 2, 4].map((n) => n * DAY),
];

/** Pixels a bar and the gap behind it take at least. */
const BAR = 8;

/** Bars for a width in pixels. In tens, so that a window that is being resized does not ask the hub at every pixel. */
export function barsFor(width: number): number {
  return Math.max(20, Math.floor(width / BAR / 10) * 10);
}

/**
 * `oldest`: the oldest entry kept; `now`: the hub's clock, null where nothing more comes. While more comes an open end is
 * put at a whole step ahead of now: bars keep their places until the next one begins.
 */
export function frameOf(range: Range, oldest: number | null, now: number | null, bars: number): Frame {
  if (now === null || (range.to !== undefined && range.from !== undefined))
    return { ...range, buckets: bars };
  if (range.to !== undefined)
    return { from: Math.min(oldest ?? now, range.to - 1), to: range.to, buckets: bars };
  if (range.from !== undefined) {
    const step = fitting(STEPS, Math.max(1, now - range.from) / bars);
    const buckets = Math.max(1, Math.ceil((now - range.from) / step));
    return { from: range.from, to: range.from + buckets * step, buckets };
  }
  const span = fitting(SPANS, now - (oldest ?? now));
  const step = fitting(STEPS, span / bars);
  const to = Math.ceil(now / step) * step;
  const buckets = Math.ceil(span / step);
  return { from: to - buckets * step, to, buckets };
}

function fitting(sizes: readonly number[], least: number): number {
  return sizes.find((size) => size >= least) ?? Math.ceil(least / DAY) * DAY;
}
