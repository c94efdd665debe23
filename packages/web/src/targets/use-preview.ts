/** What a rule would select, asked for a moment after it was last changed. */
import type { ApiError, TargetRule, Targets } from '@kubeshark/model';
import { useEffect, useState } from 'react';
import { ApiProblem, previewTargets } from '../connection/api.ts';

/** Typing goes on for so long without a question, ms. */
const PAUSE = 200;

export interface Preview {
  /** Of the last rule that held: it stays while the next one is looked at. */
  targets: Targets | null;
  error: ApiError | null;
  /** What is shown is not yet of the rule as it is. */
  pending: boolean;
}

export function usePreview(rule: TargetRule | null): Preview {
  const question = JSON.stringify(rule);
  const [answer, setAnswer] = useState<Omit<Preview, 'pending'> & { question: string }>({
    question: '',
    targets: null,
    error: null,
  });
  useEffect(() => {
    const asked = JSON.parse(question) as TargetRule | null;
    if (asked === null) return;
    const abort = new AbortController();
    const timer = setTimeout(() => {
      previewTargets(asked, abort.signal).then(
        (targets) => setAnswer({ question, targets, error: null }),
        (problem: unknown) => {
          if (!(problem instanceof ApiProblem)) return;
          setAnswer(({ targets }) => ({ question, targets, error: problem.error }));
        },
      );
    }, PAUSE);
    return () => {
      clearTimeout(timer);
      abort.abort();
    };
  }, [question]);
  const { targets, error } = answer;
  const pending = answer.question !== question;
  return { targets, error: pending ? null : error, pending };
}
