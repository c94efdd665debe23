/** Two values of different types that are compared: what to write instead. */
import type { Ast } from './ast.ts';
import { FilterProblem } from './filter-problem.ts';
import type { Type, Value } from './ir.ts';
import { aType, isNumber } from './ir.ts';
import { quote } from './quote.ts';
import { parseDuration } from './time-literals.ts';

export interface Compared {
  readonly value: Value;
  readonly ast: Ast;
}

/** `text`: the whole filter, for the other value as it is written. */
export function mismatch(left: Compared, right: Compared, text: string): FilterProblem {
  return (
    ofField(left, right, text) ??
    ofField(right, left, text) ??
    new FilterProblem(`${aType(left.value.type)} is compared with ${aType(right.value.type)}`, [
      left.ast.range[0],
      right.ast.range[1],
    ])
  );
}

export function statusIsText(ast: Ast): FilterProblem {
  return new FilterProblem('`status` is a text', ast.range, 'Its number is `status_code`.', 'status_code');
}

function ofField({ value, ast }: Compared, other: Compared, text: string): FilterProblem | null {
  if (value.kind !== 'field') return null;
  const { name } = value.field;
  const written = text.slice(...other.ast.range);
  const constant = other.value.kind === 'const' ? String(other.value.value) : null;
  const problem = (type: Type, hint: string, fix: string) =>
    new FilterProblem(`\`${name}\` is ${aType(type)}`, other.ast.range, hint, fix);
  const { type } = other.value;
  if (name === 'status' && isNumber(type)) return statusIsText(ast);
  if (value.type === 'duration' && isNumber(type))
    return problem(
      'duration',
      'Write duration("100ms"), or compare `elapsed_time`, which is in microseconds.',
      // Only of a plain number is it known how it reads as a length of time.
      `duration("${constant !== null && Number(constant) >= 0 ? constant : 100}ms")`,
    );
  if (value.type === 'duration' && type === 'string' && !Number.isNaN(parseDuration(constant ?? '')))
    return problem('duration', 'A text becomes one by duration(…).', `duration(${written})`);
  if (value.type === 'timestamp' && type === 'string')
    return problem(
      'timestamp',
      'A text becomes one by timestamp(…), for example timestamp("2026-01-31T14:30:00Z").',
      `timestamp(${written})`,
    );
  if (isNumber(value.type) && type === 'string' && /^\d+$/.test(constant ?? ''))
    return problem('int', 'Leave out the quotes.', constant!);
  if (value.type === 'string' && isNumber(type))
    return problem('string', 'Put the value in quotes.', quote(written));
  return null;
}
