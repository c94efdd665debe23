/** How many entries fulfil each condition on its own. */
import { useEffect, useState } from 'react';
import { fetchHistogram } from '../connection/api.ts';

const NONE: ReadonlyMap<string, number> = new Map();

/** Conditions are missing while they are counted, or when they cannot be. */
export function useConditionCounts(
  conditions: readonly string[],
  from: number | null,
  to: number | null,
): ReadonlyMap<string, number> {
  const [counted, setCounted] = useState<{ asked: string; counts: ReadonlyMap<string, number> }>();
  const asked = JSON.stringify([conditions, from, to]);
  useEffect(() => {
    const abort = new AbortController();
    const range = { ...(from === null ? {} : { from }), ...(to === null ? {} : { to }) };
    for (const condition of conditions) {
      fetchHistogram(condition, range, 1, abort.signal).then(
        ({ buckets }) => {
          if (abort.signal.aborted) return;
          const count = buckets.reduce((sum, bucket) => sum + bucket.all, 0);
          setCounted((before) => ({
            asked,
            counts: new Map(before?.asked === asked ? before.counts : NONE).set(condition, count),
          }));
        },
        () => {
          // Left uncounted: the list says what the hub could not do.
        },
      );
    }
    return () => abort.abort();
    // `asked` stands for the conditions, whose array is another one with every filter.
    // oxlint-disable-next-line react-hooks/exhaustive-deps
  }, [asked]);
  return counted?.asked === asked ? counted.counts : NONE;
}
