/** How many rows of the list fulfil each condition on its own. */
import { useEffect, useState } from 'react';
import { fetchCount } from '../connection/api.ts';

const NONE: ReadonlyMap<string, number> = new Map();

/** Conditions are missing while they are counted, or when they cannot be. The array is the same as long as they are. */
export function useConditionCounts(
  conditions: readonly string[],
  from: number | null,
  to: number | null,
  flows: boolean,
): ReadonlyMap<string, number> {
  const question = JSON.stringify([conditions, from, to, flows]);
  const [counted, setCounted] = useState({ question, counts: NONE });
  useEffect(() => {
    const abort = new AbortController();
    const range = { ...(from === null ? {} : { from }), ...(to === null ? {} : { to }) };
    for (const condition of conditions) {
      fetchCount({ filter: condition, range, flows }, abort.signal).then(
        ({ matched }) => {
          if (abort.signal.aborted) return;
          setCounted((before) => {
            const counts = before.question === question ? before.counts : NONE;
            return { question, counts: new Map(counts).set(condition, matched) };
          });
        },
        () => {
          // Left uncounted: the list says what the hub could not do.
        },
      );
    }
    return () => abort.abort();
  }, [question, conditions, from, to, flows]);
  return counted.question === question ? counted.counts : NONE;
}
