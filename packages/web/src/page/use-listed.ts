/** Whether the selected entry is in the list, and if not, why. */
import { quote } from '@kubeshark/kfl';
import { useEffect, useState } from 'react';
import { fetchCount } from '../connection/api.ts';
import { withCondition } from '../filter/conditions.ts';
import type { SearchState } from './search.ts';

/** `range`: it began at another time than is chosen; `filter`: it is not, or no longer, what the filter asks for. */
export type NotListed = 'range' | 'filter';

/**
 * `here`: the page has the entry's row. Where it has not, the row may still be further up in the list: the hub is asked.
 * null while it is in the list, or as long as nobody knows.
 */
export function useNotListed(
  id: string | null,
  timestamp: number | null,
  here: boolean,
  { filter, from, to, flows }: SearchState,
): NotListed | null {
  const outside =
    timestamp !== null && ((from !== null && timestamp < from) || (to !== null && timestamp >= to));
  const question = JSON.stringify([id, filter, flows, here]);
  const [found, setFound] = useState({ question, listed: true });
  const asks = id !== null && !here && !outside && filter !== '';
  useEffect(() => {
    if (!asks || id === null) return;
    const abort = new AbortController();
    const range = timestamp === null ? {} : { from: timestamp, to: timestamp + 1 };
    const rows = { filter: withCondition(filter, `id == ${quote(id)}`, 'and'), range, flows };
    fetchCount(rows, abort.signal).then(
      ({ matched }) => {
        if (!abort.signal.aborted) setFound({ question, listed: matched > 0 });
      },
      () => {
        // Nobody knows: the list says what the hub could not do.
      },
    );
    return () => abort.abort();
  }, [question, asks, id, timestamp, filter, flows]);
  if (id === null || here) return null;
  if (outside) return 'range';
  return asks && found.question === question && !found.listed ? 'filter' : null;
}
