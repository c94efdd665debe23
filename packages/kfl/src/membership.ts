/** `in`, and keys of maps. */
import type { Field } from '@kubeshark/model';
import { FIELDS } from '@kubeshark/model';
import type { Ast, Range } from './ast.ts';
import { nameOf } from './ast.ts';
import type { Checking } from './checking.ts';
import { FilterProblem } from './filter-problem.ts';
import type { Condition, Value } from './ir.ts';
import { aType, isNumber } from './ir.ts';
import { EXPRESSIONS } from './kfl2.ts';
import { statusIsText } from './mismatch.ts';
import { nearest } from './names.ts';
import { quote } from './quote.ts';

const MAPS = FIELDS.filter(({ type }) => type === 'map')
  .map(({ name }) => name)
  .join(', ');

export function membership(checker: Checking, item: Ast, container: Ast): Condition {
  const expression = container.kind === 'name' ? EXPRESSIONS.get(nameOf(container)) : undefined;
  const written = expression?.type === 'list' ? expression.ast : container;
  if (written.kind === 'list' && written.items.some((entry) => checker.value(entry).kind !== 'const'))
    return oneOf(checker, item, written.items, [item.range[0], container.range[1]]);
  const list = checker.value(container);
  if (list.type === 'map' && list.kind === 'field') {
    if (item.kind !== 'string') throw new FilterProblem('a key is a text', item.range, 'Write it in quotes.');
    return { kind: 'has', field: list.field, key: keyOf(list.field, item.value) };
  }
  if (list.type !== 'list')
    throw new FilterProblem(
      `${aType(list.type)} holds no values`,
      container.range,
      list.type === 'string'
        ? 'A part of a text is asked for by .contains("…").'
        : 'Write a list: status in ["200", "201"].',
    );
  const value = checker.value(item);
  const of = list.kind === 'constList' ? list.of : 'string';
  if (list.kind === 'constList' && list.values.length === 0) return { kind: 'false' };
  if (value.type !== of && !(isNumber(value.type) && isNumber(of))) {
    if (value.kind === 'field' && value.field.name === 'status' && isNumber(of)) throw statusIsText(item);
    throw new FilterProblem(`${aType(value.type)} is looked for among values that are each ${aType(of)}`, [
      item.range[0],
      container.range[1],
    ]);
  }
  if (container.kind === 'list')
    for (const [i, entry] of container.items.entries())
      refuseNever(
        value,
        {
          kind: 'const',
          type: of,
          value: (list as { values: readonly (string | number | boolean)[] }).values[i]!,
        },
        entry,
      );
  return { kind: 'in', value, list };
}

/** `x in [src.ip, dst.ip]`. */
function oneOf(checker: Checking, item: Ast, entries: readonly Ast[], range: Range): Condition {
  const value = checker.value(item);
  return entries
    .map((entry): Condition => {
      const other = checker.value(entry);
      if (other.type !== value.type && !(isNumber(other.type) && isNumber(value.type)))
        throw new FilterProblem(
          `${aType(value.type)} is looked for among values of which one is ${aType(other.type)}`,
          range,
        );
      if (value.type === 'list' || value.type === 'map')
        throw new FilterProblem(`${aType(value.type)} is in no list`, item.range);
      return { kind: 'compare', operator: '==', left: value, right: other, text: value.type === 'string' };
    })
    .reduce((left, right) => ({ kind: 'or', left, right }));
}

/** A value that the field can never have. */
export function refuseNever(field: Value, value: Value, ast: Ast): void {
  if (field.kind !== 'field' || !field.field.values || value.kind !== 'const' || ast.kind !== 'string')
    return;
  const text = String(value.value);
  if (field.field.values.includes(text)) return;
  const near = nearest(text, field.field.values);
  throw new FilterProblem(
    `\`${field.field.name}\` is never ${quote(text)}`,
    ast.range,
    `It is one of ${field.field.values.join(', ')}.`,
    near === undefined ? undefined : quote(near),
  );
}

export function entry(checker: Checking, of: Ast, key: Ast, otherwise = ''): Value {
  const map = checker.value(of);
  if (map.kind !== 'field' || map.type !== 'map')
    throw new FilterProblem(`${aType(map.type)} has no keys`, of.range, `Keys are of ${MAPS}.`);
  if (key.kind !== 'string')
    throw new FilterProblem(
      'a key is a text',
      key.range,
      'Write it in quotes, for example request.headers["host"].',
    );
  return { kind: 'entry', type: 'string', field: map.field, key: keyOf(map.field, key.value), otherwise };
}

/** Header names have no case. */
export function keyOf(field: Field, key: string): string {
  return field.name.endsWith('.headers') ? key.toLowerCase() : key;
}
