/** Calls and failures over time; dragging chooses a range. */
import type { Range } from '../connection/api.ts';
import type { How } from '../filter/conditions.ts';

export interface TimeStripProps {
  /** The filter in force, `''` when it is switched off. Invalid ones are not asked for. */
  filter: string;
  /** The range in force; open ends reach to the oldest entry and to now. */
  range: Range;
  /** The oldest entry kept, µs since the epoch: `status.store.oldest`. */
  oldest: number | null;
  /** The hub's clock while traffic is captured: the strip's end moves with it. null where nothing more comes (files). */
  now: number | null;
  /** Timestamps of the first and last row on screen. */
  onScreen: readonly [number, number] | null;
  onRange: (range: Range) => void;
  /** A tally was clicked; `without` takes the condition out again. */
  onFilter: (expression: string, how: How | 'without') => void;
}

export function TimeStrip({ filter }: TimeStripProps) {
  return <div className="timebar">{filter}</div>;
}
