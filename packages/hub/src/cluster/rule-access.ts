/** The target rule as somebody may know it, and as they may change it. */
import type { Access, TargetRule } from '@kubeshark/model';

/** Namespaces that somebody may not look into are not named to them. */
export function ruleFor(rule: TargetRule, access: Access): TargetRule {
  if (access.all) return rule;
  const visible = (namespaces: readonly string[]) => namespaces.filter((name) => access.namespaces.has(name));
  return {
    ...rule,
    namespaces: visible(rule.namespaces),
    excludeNamespaces: visible(rule.excludeNamespaces),
  };
}

/**
 * What becomes of the rule in force when somebody who sees it cut puts another in its place: namespaces that they do not see stay
 * in it. null when it would capture something else there.
 */
export function changedBy(asked: TargetRule, inForce: TargetRule, access: Access): TargetRule | null {
  if (access.all) return asked;
  const hidden = (namespaces: readonly string[]) => namespaces.filter((name) => !access.namespaces.has(name));
  const together = (mine: readonly string[], theirs: readonly string[]) => {
    const kept = hidden(theirs);
    return hidden(mine).every((name) => kept.includes(name)) ? [...new Set([...mine, ...kept])] : null;
  };
  const namespaces = together(asked.namespaces, inForce.namespaces);
  const excludeNamespaces = together(asked.excludeNamespaces, inForce.excludeNamespaces);
  if (!namespaces || !excludeNamespaces) return null;
  // No namespace is all of them, those that nobody knows yet too.
  const all = inForce.namespaces.length === 0;
  if (all !== (asked.namespaces.length === 0)) return null;
  const others =
    all || namespaces.some((name) => hidden([name]).length > 0 && !excludeNamespaces.includes(name));
  if (others && (asked.pods !== inForce.pods || asked.selector !== inForce.selector)) return null;
  return { ...asked, namespaces, excludeNamespaces };
}
