import type { Histogram } from '@kubeshark/model';
import { useEffect, useEffectEvent, useState } from 'react';
import { fetchHistogram, type Range, type Rows } from '../connection/api.ts';
import { waitBeforeNext } from './asking.ts';
import { frameOf } from './frame.ts';

export interface Question extends Rows {
  /** null until the strip is measured: nothing is asked before. */
  bars: number | null;
  oldest: number | null;
  /** null where nothing more comes. */
  now: number | null;
}

/**
 * Counts over time of a filter, asked for again while the page is visible. What was there stays until the answer
 * comes; null before the first one.
 */
export function useHistogram({ filter, range: { from, to }, flows, bars, oldest, now }: Question): {
  histogram: Histogram | null;
  problem: string | null;
} {
  const [histogram, setHistogram] = useState<Histogram | null>(null);
  const [problem, setProblem] = useState<string | null>(null);
  const live = now !== null;
  // The moving end is read when the hub is asked; it alone is no new question.
  const frame = useEffectEvent((range: Range, most: number) => frameOf(range, oldest, now, most));

  useEffect(() => {
    if (bars === null) return;
    const abort = new AbortController();
    let timer: ReturnType<typeof setTimeout> | undefined;
    let [last, unchanged] = ['', 0];
    let asking = false;

    const run = async () => {
      if (document.hidden || asking) return;
      asking = true;
      const began = performance.now();
      try {
        const { buckets, ...stretch } = frame(rangeOf(from, to), bars);
        const answer = await fetchHistogram({ filter, range: stretch, flows }, buckets, abort.signal);
        const totals = JSON.stringify(answer.totals);
        unchanged = totals === last ? unchanged + 1 : 0;
        last = totals;
        setHistogram(answer);
        setProblem(null);
      } catch (error) {
        if (abort.signal.aborted) return;
        unchanged++;
        setProblem(error instanceof Error ? error.message : String(error));
      }
      asking = false;
      timer = setTimeout(() => void run(), waitBeforeNext(performance.now() - began, live, unchanged));
    };
    const onVisible = () => {
      clearTimeout(timer);
      void run();
    };
    document.addEventListener('visibilitychange', onVisible);
    void run();
    return () => {
      document.removeEventListener('visibilitychange', onVisible);
      clearTimeout(timer);
      abort.abort();
    };
  }, [filter, from, to, flows, bars, live]);

  return { histogram, problem };
}

function rangeOf(from: number | undefined, to: number | undefined): Range {
  return { ...(from === undefined ? {} : { from }), ...(to === undefined ? {} : { to }) };
}
