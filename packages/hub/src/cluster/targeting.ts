/** Which pods a rule selects. One meaning for the hub, and for the command before there is a hub. */
import { compilePattern } from '@kubeshark/kfl';
import type { TargetRule } from '@kubeshark/model';
import type { Labels } from './label-selector.ts';
import { parseSelector, SelectorError } from './label-selector.ts';

export { declaredPorts } from './pod-of.ts';

export interface TargetCandidate {
  readonly name: string;
  readonly namespace: string;
  readonly labels: Labels;
}

/** The rule cannot be meant so; `field` of it is wrong. */
export class TargetRuleError extends Error {
  override readonly name = 'TargetRuleError';
  readonly field: keyof TargetRule;
  constructor(field: keyof TargetRule, message: string) {
    super(message);
    this.field = field;
  }
}

export type Selects = (pod: TargetCandidate) => boolean;

/** `ownNamespace`: the product's, never a target. Throws `TargetRuleError`. */
export function compileRule(rule: TargetRule, ownNamespace: string): Selects {
  const namespaces = new Set(rule.namespaces);
  const excluded = new Set([...rule.excludeNamespaces, ownNamespace]);
  const pattern = rule.pods === '' ? null : patternOf(rule.pods);
  const labelled = selectorOf(rule.selector);
  return ({ name, namespace, labels }) =>
    (namespaces.size === 0 || namespaces.has(namespace)) &&
    !excluded.has(namespace) &&
    (pattern === null || pattern.matcher(name).find()) &&
    labelled(labels);
}

function patternOf(text: string) {
  try {
    return compilePattern(text);
  } catch (error) {
    // The library says the pattern once more where all of it is wrong.
    const why = (error instanceof Error ? error.message : String(error))
      .replace(/^error parsing regexp: /, '')
      .replace(`: \`${text}\``, '');
    throw new TargetRuleError('pods', `"${text}" is no regular expression (RE2): ${why}`);
  }
}

function selectorOf(text: string) {
  try {
    return parseSelector(text);
  } catch (error) {
    if (!(error instanceof SelectorError)) throw error;
    throw new TargetRuleError('selector', `no label selector: ${error.message}`);
  }
}
