/** Conditions put into a filter and taken out of it: what a click on a value does. */
import { compile } from '@kubeshark/kfl';

/** `not` gives the expression as it stands: the negation is put here. */
export type How = 'and' | 'not' | 'replace';

/** The filter with one more condition. A condition that says the opposite gives way to it. */
export function withCondition(filter: string, expression: string, how: How): string {
  if (how === 'replace') return expression;
  const negated = negation(expression);
  const [wanted, opposite] = how === 'and' ? [expression, negated] : [negated, expression];
  if (hasCondition(filter, wanted)) return filter;
  const rest = withoutCondition(filter, opposite).trim();
  return rest === '' ? wanted : `${guarded(rest)} && ${wanted}`;
}

/** The filter without a condition that stands in it as a whole. */
export function withoutCondition(filter: string, expression: string): string {
  const kept = conditionsOf(filter)?.filter((text) => text !== expression);
  return kept === undefined ? filter : kept.join(' && ');
}

export function hasCondition(filter: string, expression: string): boolean {
  return conditionsOf(filter)?.includes(expression) ?? false;
}

/** `a == b` becomes `a != b` and the other way; anything else is put in `!( )`. */
export function negation(expression: string): string {
  const [, left, operator, right] = COMPARISON.exec(expression) ?? [];
  if (left !== undefined) return `${left}${operator === '==' ? '!=' : '=='}${right}`;
  return /^!?[\w.]+$/.test(expression)
    ? expression.startsWith('!')
      ? expression.slice(1)
      : `!${expression}`
    : `!(${expression})`;
}

/** One comparison with a literal, and nothing behind it. */
const COMPARISON = /^([\w.]+(?:\["(?:[^"\\]|\\.)*"\])? )(==|!=)( (?:"(?:[^"\\]|\\.)*"|-?[\w.]+))$/s;

function conditionsOf(filter: string): string[] | undefined {
  const result = compile(filter, { now: 0 });
  return 'filter' in result ? result.filter.conditions.map(({ text }) => text) : undefined;
}

/** What binds looser than `&&` needs parentheses before another condition is added. */
function guarded(filter: string): string {
  const parts = conditionsOf(filter);
  // A filter of one condition is given back with the parentheses it needs.
  return parts?.length === 1 ? parts[0]! : parts === undefined ? `(${filter})` : filter;
}
