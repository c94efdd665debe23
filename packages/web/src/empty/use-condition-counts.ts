/** How many entries fulfil each condition on its own. */
import { useEffect, useState } from 'react';
import { fetchHistogram } from '../connection/api.ts';

const NONE: ReadonlyMap<string, number> = new Map();

/** Conditions are missing while they are counted, or when they cannot be. The array is the same as long as they are. */
export function useConditionCounts(
  conditions: readonly string[],
  from: number | null,
  to: number | null,
): ReadonlyMap<string, number> {
  const [counted, setCounted] = useState<{
    of: readonly string[];
    from: number | null;
    to: number | null;
    counts: ReadonlyMap<string, number>;
  }>({ of: conditions, from, to, counts: NONE });
  useEffect(() => {
    const abort = new AbortController();
    const range = { ...(from === null ? {} : { from }), ...(to === null ? {} : { to }) };
    for (const condition of conditions) {
      fetchHistogram(condition, range, 1, abort.signal).then(
        ({ buckets }) => {
          if (abort.signal.aborted) return;
          const count = buckets.reduce((sum, bucket) => sum + bucket.all, 0);
          setCounted((before) => {
            const same = before.of === conditions && before.from === from && before.to === to;
            return {
              of: conditions,
              from,
              to,
              counts: new Map(same ? before.counts : NONE).set(condition, count),
            };
          });
        },
        () => {
          // Left uncounted: the list says what the hub could not do.
        },
      );
    }
    return () => abort.abort();
  }, [conditions, from, to]);
  return counted.of === conditions && counted.from === from && counted.to === to ? counted.counts : NONE;
}
