/** A target rule as the dialog edits it: either these namespaces, or all but these. */
import type { TargetRule } from '@kubeshark/model';

export interface Draft {
  /** Only the chosen namespaces; otherwise all but these. */
  only: boolean;
  chosen: ReadonlySet<string>;
  pods: string;
  selector: string;
}

export const EVERY_POD: TargetRule = { namespaces: [], excludeNamespaces: [], pods: '', selector: '' };

export function draftOf({ namespaces, excludeNamespaces, pods, selector }: TargetRule): Draft {
  const only = namespaces.length > 0;
  const chosen = only ? namespaces.filter((name) => !excludeNamespaces.includes(name)) : excludeNamespaces;
  return { only, chosen: new Set(chosen), pods, selector };
}

/** null: it selects no namespace. To the rule an empty list means all, which nobody means who has unchosen the last one. */
export function ruleOf({ only, chosen, pods, selector }: Draft): TargetRule | null {
  if (only && chosen.size === 0) return null;
  const names = [...chosen].toSorted();
  return {
    namespaces: only ? names : [],
    excludeNamespaces: only ? [] : names,
    pods: pods.trim(),
    selector: selector.trim(),
  };
}

export function selects({ only, chosen }: Draft, namespace: string): boolean {
  return chosen.has(namespace) === only;
}
