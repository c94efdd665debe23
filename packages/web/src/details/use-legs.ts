/** The legs of a call through sidecars, the outermost first; those that are there while more are on their way. */
import type { ListRow } from '@kubeshark/model';
import { useEffect, useState } from 'react';
import { fetchLegs } from '../connection/api.ts';

/** `standing`: asked again when it is another. */
export function useLegs(call: string, standing: string): readonly ListRow[] {
  const [found, setFound] = useState<{ call: string; of: string; legs: ListRow[] }>({
    call,
    of: '',
    legs: [],
  });
  useEffect(() => {
    const abort = new AbortController();
    fetchLegs(call, abort.signal).then(
      (legs) => {
        if (!abort.signal.aborted) setFound({ call, of: standing, legs });
      },
      () => {
        // The details say themselves what the hub could not do.
      },
    );
    return () => abort.abort();
  }, [call, standing]);
  return found.call === call ? found.legs : [];
}
