/** Rules that ask for less than one that selects no pod, and do select some. */
import { ruleInWords, type TargetRule, type Targets } from '@kubeshark/model';
import { useEffect, useState } from 'react';
import { previewTargets, putTargets } from '../connection/api.ts';
import { widened } from './widened.ts';

export interface WiderRule {
  words: string;
  pods: number;
  apply(this: void): void;
}

/** None for those who may not change it. */
export function useWiderRules(rule: TargetRule): readonly WiderRule[] {
  const question = JSON.stringify(rule);
  const [found, setFound] = useState<{ question: string; rules: WiderRule[] }>({ question: '', rules: [] });
  useEffect(() => {
    const abort = new AbortController();
    const rules = widened(JSON.parse(question) as TargetRule);
    Promise.all(rules.map((wider) => previewTargets(wider, abort.signal))).then(
      (answers) => setFound({ question, rules: rules.flatMap((wider, i) => offered(wider, answers[i]!)) }),
      () => {
        // Nothing to offer: the dialog says what the hub could not do.
      },
    );
    return () => abort.abort();
  }, [question]);
  return found.question === question ? found.rules : [];
}

function offered(rule: TargetRule, { mayChange, pods }: Targets): WiderRule[] {
  if (!mayChange || pods.length === 0) return [];
  return [
    { words: ruleInWords(rule), pods: pods.length, apply: () => void putTargets(rule).catch(() => {}) },
  ];
}
