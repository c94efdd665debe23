import type { TargetRule } from './cluster.ts';

/** The rule in words: `pods cart.* of namespace shop`. */
export function ruleInWords({ namespaces, excludeNamespaces, pods, selector }: TargetRule): string {
  const where =
    namespaces.length === 0
      ? 'of all namespaces'
      : `of ${namespaces.length === 1 ? 'namespace' : 'namespaces'} ${namespaces.join(', ')}`;
  const what = pods === '' ? 'all pods' : `pods like ${pods}`;
  const but = excludeNamespaces.length === 0 ? '' : ` but ${excludeNamespaces.join(', ')}`;
  return `${what} ${where}${but}${selector === '' ? '' : ` with ${selector}`}`;
}
