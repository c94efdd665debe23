/** Which fields a checked filter reads. */
import type { Condition, Value } from './ir.ts';

export function fieldsOf(condition: Condition): ReadonlySet<number> {
  const fields = new Set<number>();
  const visit = (node: Condition | Value): void => {
    if ('field' in node) fields.add(node.field.number);
    for (const part of Object.values(node))
      if (typeof part === 'object' && part !== null && 'kind' in part) visit(part as Condition | Value);
  };
  visit(condition);
  return fields;
}
