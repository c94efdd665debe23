/** The stretch of time that is shown. A stretch of one's own is dragged on the time strip. */
import type { RefObject } from 'react';
import { dayAndTime, shortTime } from '../list/clock-time.ts';

/** Minutes back from now. */
const SPANS = [
  [5, 'Last 5 min'],
  [15, 'Last 15 min'],
  [60, 'Last hour'],
  [24 * 60, 'Last 24 hours'],
] as const;

const MINUTE = 60_000_000;

interface Props {
  ref: RefObject<HTMLSelectElement | null>;
  /** µs since the epoch; null where it is open. */
  from: number | null;
  to: number | null;
  onRange(this: void, from: number | null, to: number | null): void;
  /** Stretches that end now make sense where traffic comes in now. */
  live: boolean;
}

export function RangeSelect({ ref, from, to, onRange, live }: Props) {
  const own = from !== null || to !== null;
  const choose = (value: string) => {
    if (value === 'all') onRange(null, null);
    // A fixed beginning: a link shows the same to whom it is sent.
    else if (value !== 'own') onRange(Date.now() * 1_000 - Number(value) * MINUTE, null);
  };
  return (
    <select
      ref={ref}
      aria-label="Time range"
      title="Time range (t). Drag on the time strip for one of your own"
      value={own ? 'own' : 'all'}
      onChange={(event) => choose(event.target.value)}
    >
      <option value="all">All that is kept</option>
      {own && <option value="own">{rangeWords(from, to)}</option>}
      {live &&
        SPANS.map(([minutes, words]) => (
          <option key={minutes} value={minutes}>
            {words}
          </option>
        ))}
    </select>
  );
}

/** `14:18 to 14:22:30`, `since 14:18`, with the day where it is not today. */
export function rangeWords(from: number | null, to: number | null): string {
  const words = (micros: number) =>
    new Date(micros / 1_000).toDateString() === new Date().toDateString()
      ? shortTime(micros)
      : dayAndTime(micros);
  if (from === null) return to === null ? 'all that is kept' : `before ${words(to)}`;
  return to === null ? `since ${words(from)}` : `${words(from)} to ${words(to)}`;
}
