import type { TargetRule } from '@kubeshark/model';

/** The rule without its labels, without its pattern, and at last in all namespaces: what asks for less, step by step. */
export function widened(rule: TargetRule): TargetRule[] {
  const steps: TargetRule[] = [];
  let last = rule;
  for (const less of [{ selector: '' }, { pods: '' }, { namespaces: [] }]) {
    const next = { ...last, ...less };
    if (JSON.stringify(next) !== JSON.stringify(last)) steps.push(next);
    last = next;
  }
  return steps;
}
