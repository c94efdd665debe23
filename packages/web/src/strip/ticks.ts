/** Times below the strip, at whole steps of the browser's zone. */
import { clockTime } from '../list/clock-time.ts';

export interface Tick {
  /** µs since the epoch. */
  readonly at: number;
  readonly label: string;
}

const SECOND = 1_000_000;
const MINUTE = 60 * SECOND;
const HOUR = 60 * MINUTE;
const DAY = 24 * HOUR;

/** Distances between ticks, µs; below a second decimal ones. */
const DISTANCES = [
  ...[1, 2, 5, 10, 20, 50, 100, 200, 500].map((ms) => ms * 1_000),
  ...[1, 2, 5, 10, 15, 30].map((n) => n * SECOND),
  ...[1, 2, 5, 10, 15, 30].map((n) => n * MINUTE),
  ...[1, 2, 3, 6, 12].map((n) => n * HOUR),
  ...[1, 2, 7, 14, 30].map((n) => n * DAY),
];

const DATE = new Intl.DateTimeFormat('en-GB', { day: 'numeric', month: 'short' });

/** At most `most` ticks within [from, to]; none for a stretch below a millisecond. */
export function ticksOf(from: number, to: number, most: number): Tick[] {
  const distance = DISTANCES.find((each) => (to - from) / each <= most);
  if (distance === undefined || to - from < 1_000) return [];
  // Whole hours and days are those of the reader. Where the clock changes within the strip, one part is off by an hour.
  const zone = new Date(from / 1_000).getTimezoneOffset() * MINUTE;
  const ticks: Tick[] = [];
  for (let at = Math.ceil((from - zone) / distance) * distance + zone; at <= to; at += distance)
    ticks.push({ at, label: labelOf(at, distance) });
  return ticks;
}

function labelOf(at: number, distance: number): string {
  if (distance >= DAY) return DATE.format(at / 1_000);
  const [time, fraction] = clockTime(at);
  if (distance < SECOND) return time.slice(3) + fraction;
  // Where a day begins, which one it is says more than 00:00.
  if (distance >= MINUTE && time === '00:00:00') return DATE.format(at / 1_000);
  return distance < MINUTE ? time : time.slice(0, 5);
}
