/** A filter that finds something, one value away from one that finds nothing. */
import { useEffect, useState } from 'react';
import { fetchCount, fetchFieldValues } from '../connection/api.ts';
import { nearValue, textCondition, withValue } from './near-value.ts';

export interface Suggestion {
  /** The condition at fault. */
  condition: string;
  field: string;
  written: string;
  /** What the traffic has. */
  value: string;
  filter: string;
  /** Rows that it finds. */
  matched: number;
}

/** Values of a field that are looked through, the commonest. */
const VALUES = 200;

/** `fault`: a condition that nothing fulfils. */
export function useSuggestion(
  conditions: readonly string[],
  fault: string | undefined,
  from: number | null,
  to: number | null,
  flows: boolean,
): Suggestion | null {
  const question = JSON.stringify([conditions, fault, from, to, flows]);
  const [found, setFound] = useState<{ question: string; suggestion: Suggestion } | null>(null);
  useEffect(() => {
    const parts = fault === undefined ? null : textCondition(fault);
    if (fault === undefined || !parts) return;
    const { field, value: written } = parts;
    const abort = new AbortController();
    const range = { ...(from === null ? {} : { from }), ...(to === null ? {} : { to }) };
    const look = async () => {
      // Of the rows that fulfil the other conditions: a value that none of those has is no help.
      const rest = conditions.filter((text) => text !== fault).join(' && ');
      const { values } = await fetchFieldValues(field, rest, range, '', VALUES, abort.signal);
      const value = nearValue(
        written,
        values.filter(({ count }) => count > 0).map((each) => each.value),
      );
      if (value === undefined) return;
      const filter = withValue(conditions, fault, field, value);
      const { matched } = await fetchCount({ filter, range, flows }, abort.signal);
      if (matched > 0 && !abort.signal.aborted)
        setFound({ question, suggestion: { condition: fault, field, written, value, filter, matched } });
    };
    look().catch(() => {
      // Without a suggestion: the list says what the hub could not do.
    });
    return () => abort.abort();
  }, [question, conditions, fault, from, to, flows]);
  return found?.question === question ? found.suggestion : null;
}
