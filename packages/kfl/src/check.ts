/** Meaning: names to fields, types of everything, errors that say what to write instead. */

import type { Ast, Range } from './ast.ts';
import { nameOf } from './ast.ts';
import { callCondition, callValue } from './calls.ts';
import type { Checking } from './checking.ts';
import { FilterProblem, WordProblem } from './filter-problem.ts';
import type { Comparison, Condition, Type, Value } from './ir.ts';
import { aType, isNumber } from './ir.ts';
import { EXPRESSIONS } from './kfl2.ts';
import { entry, keyOf, membership, refuseNever } from './membership.ts';
import { mismatch } from './mismatch.ts';
import { fieldNamed } from './names.ts';
import type { ArithmeticOperator } from './reckon.ts';
import { arithmeticType, reckon } from './reckon.ts';
import { searchFor } from './search.ts';
import { unknownName } from './unknown-name.ts';

const COMPARISONS: ReadonlySet<string> = new Set(['==', '!=', '<', '<=', '>', '>=']);

type Binary = Extract<Ast, { kind: 'binary' }>;

/** `text`: the whole filter, for hints. `now`: µs since the epoch. */
export function check(ast: Ast, text: string, now: number): Condition {
  return new Checker(text, now).condition(ast);
}

class Checker implements Checking {
  readonly text: string;
  readonly now: number;

  constructor(text: string, now: number) {
    this.text = text;
    this.now = now;
  }

  condition(ast: Ast): Condition {
    switch (ast.kind) {
      case 'bool':
        return { kind: ast.value ? 'true' : 'false' };
      case 'not':
        return { kind: 'not', of: this.condition(ast.of) };
      case 'choice':
        return {
          kind: 'choose',
          condition: this.condition(ast.condition),
          yes: this.condition(ast.yes),
          no: this.condition(ast.no),
        };
      case 'binary':
        if (ast.operator === '&&' || ast.operator === '||')
          return {
            kind: ast.operator === '&&' ? 'and' : 'or',
            left: this.condition(ast.left),
            right: this.condition(ast.right),
          };
        if (ast.operator === 'in') return membership(this, ast.left, ast.right);
        if (COMPARISONS.has(ast.operator)) return this.comparison(ast.operator as Comparison, ast);
        break;
      case 'call': {
        const condition = callCondition(this, ast);
        if (condition) return condition;
        break;
      }
      case 'name': {
        const expression = EXPRESSIONS.get(nameOf(ast));
        if (expression?.type === 'bool') return this.condition(expression.ast);
        const field = fieldNamed(nameOf(ast));
        if (field?.type === 'bool') return { kind: 'flag', field };
        break;
      }
      default:
    }
    throw this.noCondition(ast);
  }

  private noCondition(ast: Ast): FilterProblem {
    const value = this.value(ast);
    const message = `this is ${aType(value.type)}, not a condition`;
    if (ast.kind === 'string')
      return new FilterProblem(
        message,
        ast.range,
        'Look for it in targets, names and bodies?',
        searchFor(ast.value),
      );
    if (ast.kind === 'number') return new WordProblem(message, ast.range, 'Compare it with something.');
    // KFL2 has a flag of this name.
    if (value.kind === 'field' && value.field.name === 'flow')
      return new FilterProblem(message, ast.range, 'The rows of flows are `is_flow`.', 'is_flow');
    const example =
      value.kind === 'field' && value.type === 'string' ? `, for example ${value.field.name} == "…"` : '';
    return new FilterProblem(message, ast.range, `Compare it with something${example}.`);
  }

  value(ast: Ast): Value {
    switch (ast.kind) {
      case 'string':
        return { kind: 'const', type: 'string', value: ast.value };
      case 'number':
        return { kind: 'const', type: ast.integer ? 'int' : 'double', value: ast.value };
      case 'bool':
        return { kind: 'const', type: 'bool', value: ast.value };
      case 'list':
        return this.list(ast);
      case 'name':
        return this.named(ast);
      case 'index':
        return entry(this, ast.of, ast.key);
      case 'minus': {
        const of = this.value(ast.of);
        this.numeric(of, ast.of.range);
        if (of.kind === 'const') return { ...of, value: -Number(of.value) };
        return {
          kind: 'arithmetic',
          type: of.type,
          operator: '-',
          left: { kind: 'const', type: of.type, value: 0 },
          right: of,
        };
      }
      case 'binary':
        if ('+-*/%'.includes(ast.operator)) return this.arithmetic(ast);
        return {
          kind: 'pick',
          type: 'bool',
          condition: this.condition(ast),
          yes: { kind: 'const', type: 'bool', value: true },
          no: { kind: 'const', type: 'bool', value: false },
        };
      case 'choice': {
        const yes = this.value(ast.yes);
        const no = this.value(ast.no);
        if (yes.type !== no.type && !(isNumber(yes.type) && isNumber(no.type)))
          throw new FilterProblem(`the two values differ: ${aType(yes.type)} and ${aType(no.type)}`, [
            ast.yes.range[0],
            ast.no.range[1],
          ]);
        return { kind: 'pick', type: yes.type, condition: this.condition(ast.condition), yes, no };
      }
      case 'call':
        return callValue(this, ast);
      case 'not':
        return {
          kind: 'pick',
          type: 'bool',
          condition: this.condition(ast),
          yes: { kind: 'const', type: 'bool', value: true },
          no: { kind: 'const', type: 'bool', value: false },
        };
    }
  }

  /** A field; an expression under a name; `request.headers.host`: a map and a key. */
  private named(ast: Extract<Ast, { kind: 'name' }>): Value {
    const name = nameOf(ast);
    const field = fieldNamed(name);
    if (field) return { kind: 'field', type: field.type, field };
    const expression = EXPRESSIONS.get(name);
    if (expression?.type === 'list')
      throw new FilterProblem(
        `\`${name}\` is only asked for one of its values`,
        ast.range,
        `For example "shop" in ${name}.`,
      );
    if (expression) return this.value(expression.ast);
    const map = fieldNamed(ast.parts.slice(0, -1).join('.'));
    if (map?.type === 'map')
      return { kind: 'entry', type: 'string', field: map, key: keyOf(map, ast.parts.at(-1)!), otherwise: '' };
    throw unknownName(ast.parts, ast.range);
  }

  private list(ast: Extract<Ast, { kind: 'list' }>): Value {
    const values: (string | number | boolean)[] = [];
    let of: Type | null = null;
    for (const item of ast.items) {
      const value = this.value(item);
      if (value.kind !== 'const') throw new FilterProblem('a list holds plain values', item.range);
      if (of !== null && of !== value.type && !(isNumber(of) && isNumber(value.type)))
        throw new FilterProblem(
          `the list holds ${aType(of)} and ${aType(value.type)}`,
          item.range,
          'All values of a list are of one type.',
        );
      of = value.type;
      values.push(value.value);
    }
    return { kind: 'constList', type: 'list', values, of: of ?? 'string' };
  }

  private numeric(value: Value, range: Range): void {
    if (!isNumber(value.type) && value.type !== 'duration')
      throw new FilterProblem(`${aType(value.type)} cannot be reckoned with`, range);
  }

  private arithmetic(ast: Binary): Value {
    const left = this.value(ast.left);
    const right = this.value(ast.right);
    const operator = ast.operator as ArithmeticOperator;
    if (operator === '+' && left.type === 'string' && right.type === 'string') {
      if (left.kind === 'const' && right.kind === 'const')
        return { kind: 'const', type: 'string', value: `${left.value}${right.value}` };
      return { kind: 'concat', type: 'string', left, right };
    }
    const type = arithmeticType(operator, left.type, right.type);
    if (type === null)
      throw new FilterProblem(
        `${aType(left.type)} ${operator} ${aType(right.type)} has no meaning`,
        ast.range,
      );
    if (left.kind === 'const' && right.kind === 'const') {
      const value = reckon(operator, left.value as number, right.value as number, type === 'int');
      if (Number.isNaN(value)) throw new FilterProblem('division by zero', ast.range);
      if (!Number.isFinite(value)) throw new FilterProblem('the number is too large', ast.range);
      return { kind: 'const', type, value };
    }
    return { kind: 'arithmetic', type, operator, left, right };
  }

  private comparison(operator: Comparison, ast: Binary): Condition {
    const left = this.value(ast.left);
    const right = this.value(ast.right);
    if (left.type === 'list' || left.type === 'map' || right.type === 'list' || right.type === 'map')
      throw new FilterProblem(
        'lists and maps are not compared',
        ast.range,
        'Ask for one value: "x" in the list, or a key of the map.',
      );
    const text = left.type === 'string' && right.type === 'string';
    const same = left.type === right.type || (isNumber(left.type) && isNumber(right.type));
    if (!same) throw mismatch({ value: left, ast: ast.left }, { value: right, ast: ast.right }, this.text);
    if (left.type === 'bool' && operator !== '==' && operator !== '!=')
      throw new FilterProblem('true and false have no order', ast.operatorRange);
    refuseNever(left, right, ast.right);
    refuseNever(right, left, ast.left);
    return { kind: 'compare', operator, left, right, text };
  }
}
