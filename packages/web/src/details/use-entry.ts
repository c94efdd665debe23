/** The entry of an id, read again when its revision rises; what is shown stays while the next is on its way. */
import type { ApiError, Entry } from '@kubeshark/model';
import { useEffect, useState } from 'react';
import { ApiProblem, fetchEntry } from '../connection/api.ts';

interface Loaded {
  id: string;
  /** The reading that brought this. */
  reading: string;
  entry?: Entry;
  problem?: ApiError;
}

export interface EntryState {
  entry: Entry | undefined;
  problem: ApiError | undefined;
  /** A newer reading is on its way. */
  loading: boolean;
  retry: () => void;
}

export function useEntry(id: string, revision: number): EntryState {
  const [loaded, setLoaded] = useState<Loaded>({ id, reading: '' });
  const [attempt, setAttempt] = useState(0);
  const reading = `${id} ${revision} ${attempt}`;
  useEffect(() => {
    const abort = new AbortController();
    fetchEntry(id, abort.signal).then(
      (entry) => {
        if (!abort.signal.aborted) setLoaded({ id, reading, entry });
      },
      (error: unknown) => {
        if (abort.signal.aborted) return;
        const problem =
          error instanceof ApiProblem ? error.error : { code: 'page', message: 'The entry cannot be read.' };
        setLoaded((before) =>
          before.id === id ? { ...before, reading, problem } : { id, reading, problem },
        );
      },
    );
    return () => abort.abort();
  }, [id, reading]);
  const current = loaded.id === id ? loaded : undefined;
  return {
    entry: current?.entry,
    problem: current?.problem,
    loading: loaded.reading !== reading,
    retry: () => setAttempt((n) => n + 1),
  };
}
