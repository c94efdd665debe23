/** Coverage as the hub tells it, every 2 s while somebody looks. */
import type { ApiError, Coverage } from '@kubeshark/model';
import { useEffect, useState } from 'react';
import { ApiProblem, fetchCoverage } from '../connection/api.ts';
import { type Arrangement, arrange, NOTHING_ARRANGED } from './arrangement.ts';

const EVERY_MS = 2_000;

interface Known {
  coverage: Coverage | null;
  /** In which places its nodes and pods are shown. */
  arrangement: Arrangement;
  /** The last question was not answered: what is shown is older. */
  error: ApiError | null;
}

export function useCoverage(wanted = true): Known {
  const [known, setKnown] = useState<Known>({ coverage: null, arrangement: NOTHING_ARRANGED, error: null });
  useEffect(() => {
    if (!wanted) return;
    const abort = new AbortController();
    let timer: ReturnType<typeof setTimeout>;
    const ask = async () => {
      if (!document.hidden)
        try {
          const coverage = await fetchCoverage(abort.signal);
          setKnown(({ arrangement }) => ({
            coverage,
            arrangement: arrange(arrangement, coverage),
            error: null,
          }));
        } catch (error) {
          if (abort.signal.aborted) return;
          if (error instanceof ApiProblem) setKnown((before) => ({ ...before, error: error.error }));
        }
      if (!abort.signal.aborted) timer = setTimeout(() => void ask(), EVERY_MS);
    };
    void ask();
    return () => {
      abort.abort();
      clearTimeout(timer);
    };
  }, [wanted]);
  return known;
}
