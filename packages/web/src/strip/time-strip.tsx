/** The list's rows and failures over time; dragging chooses a range. */
import { ZoomOut } from 'lucide-react';
import { useCallback, useRef, useState } from 'react';
import type { Range } from '../connection/api.ts';
import type { How } from '../filter/conditions.ts';
import { barsFor } from './frame.ts';
import { Plot } from './plot.tsx';
import './strip.css';
import { Tallies } from './tallies.tsx';
import { useHistogram } from './use-histogram.ts';

export interface TimeStripProps {
  /** The filter in force, `''` when it is switched off. */
  filter: string;
  /** The range in force; open ends reach to the oldest entry and to now. */
  range: Range;
  /** Whether flows in which calls were recognised are listed. */
  flows: boolean;
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

export function TimeStrip({
  filter,
  range,
  flows,
  oldest,
  now,
  onScreen,
  onRange,
  onFilter,
}: TimeStripProps) {
  const [bars, setBars] = useState<number | null>(null);
  const { histogram, problem } = useHistogram({ filter, range, flows, bars, oldest, now });
  const onWidth = useCallback((width: number) => setBars(barsFor(width)), []);

  /** Ranges that were left for another one chosen here. */
  const left = useRef<{ before: Range; chosen: Range }[]>([]);
  const choose = (from: number, to: number) => {
    const chosen = { from, to };
    left.current.push({ before: range, chosen });
    onRange(chosen);
  };
  const narrowed = range.from !== undefined || range.to !== undefined;
  const undo = () => {
    if (!narrowed) return;
    const last = left.current.pop();
    const mine = last !== undefined && last.chosen.from === range.from && last.chosen.to === range.to;
    // The range came from elsewhere: back means everything.
    if (!mine) left.current = [];
    onRange(mine ? last.before : {});
  };

  return (
    <section className="timebar" aria-label="Time strip">
      <Tallies filter={filter} totals={histogram?.totals ?? null} onFilter={onFilter} />
      <Plot
        histogram={histogram}
        oldest={oldest}
        now={now}
        onScreen={onScreen}
        onWidth={onWidth}
        onChoose={choose}
        onUndo={undo}
      />
      {narrowed && (
        <button
          type="button"
          className="btn icon ghost small"
          title="Back to the range before (Esc in the strip)"
          aria-label="Back to the range before"
          onClick={undo}
        >
          <ZoomOut className="ic" size={14} aria-hidden="true" />
        </button>
      )}
      {problem !== null && (
        <p className="strip-problem" role="status" title={problem}>
          The strip is not up to date: {problem}
        </p>
      )}
    </section>
  );
}
