/** A name that is no field: what may have been meant. */
import type { Range } from './ast.ts';
import { FilterProblem, WordProblem } from './filter-problem.ts';
import { insteadOf } from './kfl2.ts';
import { fieldNames, isLaterProtocol, nearest } from './names.ts';

export function unknownName(parts: readonly string[], range: Range): FilterProblem {
  const name = parts.join('.');
  const protocol = parts[0]!.split('_')[0]!;
  if (isLaterProtocol(protocol))
    return new FilterProblem(
      `${protocol} is not dissected by this version`,
      range,
      'Its traffic is shown as flows: is_flow && dst.port == …',
    );
  const instead = insteadOf(name);
  if (instead !== undefined) return new FilterProblem(`\`${name}\` is not a field yet`, range, instead);
  const longer = fieldNames().filter((field) => field.startsWith(`${name}.`));
  if (longer.length > 0)
    return new FilterProblem(
      `\`${name}\` is not a field by itself`,
      range,
      `It has ${longer.slice(0, 6).join(', ')}.`,
      longer[0],
    );
  const near = nearest(name, fieldNames());
  if (near !== undefined)
    return new FilterProblem(`\`${name}\` is not a field`, range, `Did you mean \`${near}\`?`, near);
  return new WordProblem(`\`${name}\` is not a field`, range);
}
