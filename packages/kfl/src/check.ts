/** Meaning: names to fields, types of everything, errors that say what to write instead. */

import type { Field } from '@kubeshark/model';
import { RE2JS } from 're2js';
import type { Ast, Range } from './ast.ts';
import { FilterProblem } from './filter-problem.ts';
import { FUNCTIONS, METHODS } from './functions.ts';
import type { Comparison, Condition, Type, Value } from './ir.ts';
import { isNumber, TYPE_WORDS } from './ir.ts';
import { fieldNamed, fieldNames, LATER_PROTOCOLS, nearest } from './names.ts';
import { quote } from './quote.ts';
import { parseDuration, parseTimestamp } from './time-literals.ts';

export interface CheckOptions {
  now: number;
  /** The whole text, for hints. */
  text: string;
}

const COMPARISONS: ReadonlySet<string> = new Set(['==', '!=', '<', '<=', '>', '>=']);
/** "a text". */
function a(type: Type): string {
  return type === 'bool' ? TYPE_WORDS.bool : `a ${TYPE_WORDS[type]}`;
}

export function check(ast: Ast, options: CheckOptions): Condition {
  return new Checker(options).condition(ast);
}

class Checker {
  private readonly options: CheckOptions;
  constructor(options: CheckOptions) {
    this.options = options;
  }

  condition(ast: Ast): Condition {
    switch (ast.kind) {
      case 'bool':
        return { kind: ast.value ? 'true' : 'false' };
      case 'not':
        return { kind: 'not', of: this.condition(ast.of) };
      case 'choice': {
        const condition = this.condition(ast.condition);
        const yes: Condition = { kind: 'and', left: condition, right: this.condition(ast.yes) };
        return {
          kind: 'or',
          left: yes,
          right: { kind: 'and', left: { kind: 'not', of: condition }, right: this.condition(ast.no) },
        };
      }
      case 'binary':
        if (ast.operator === '&&' || ast.operator === '||')
          return {
            kind: ast.operator === '&&' ? 'and' : 'or',
            left: this.condition(ast.left),
            right: this.condition(ast.right),
          };
        if (ast.operator === 'in') return this.membership(ast.left, ast.right);
        if (COMPARISONS.has(ast.operator)) return this.comparison(ast.operator as Comparison, ast);
        break;
      case 'call': {
        const condition = this.callCondition(ast);
        if (condition) return condition;
        break;
      }
      case 'name': {
        const field = this.field(ast);
        if (field?.type === 'bool') return { kind: 'flag', field };
        break;
      }
      default:
    }
    const value = this.value(ast);
    const example =
      value.kind === 'field' && value.type === 'string' ? `, for example ${value.field.name} == "…"` : '';
    throw new FilterProblem(
      `this is ${a(value.type)}, not a condition`,
      ast.range,
      `Compare it with something${example}.`,
    );
  }

  private value(ast: Ast): Value {
    switch (ast.kind) {
      case 'string':
        return { kind: 'const', type: 'string', value: ast.value };
      case 'number':
        return { kind: 'const', type: ast.integer ? 'int' : 'double', value: ast.value };
      case 'bool':
        return { kind: 'const', type: 'bool', value: ast.value };
      case 'list':
        return this.list(ast);
      case 'name': {
        const field = this.field(ast);
        if (field) return { kind: 'field', type: field.type, field };
        return this.keyByName(ast);
      }
      case 'index':
        return this.entry(ast.of, ast.key);
      case 'minus': {
        const of = this.value(ast.of);
        if (of.kind === 'const' && typeof of.value === 'number') return { ...of, value: -of.value };
        this.numeric(of, ast.of.range);
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
          throw new FilterProblem(`the two values differ: ${a(yes.type)} and ${a(no.type)}`, [
            ast.yes.range[0],
            ast.no.range[1],
          ]);
        return { kind: 'pick', type: yes.type, condition: this.condition(ast.condition), yes, no };
      }
      case 'call':
        return this.callValue(ast);
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

  private field(ast: Extract<Ast, { kind: 'name' }>): Field | undefined {
    return fieldNamed(ast.parts.join('.'));
  }

  /** `request.headers.host`: a map and a key; or a name nobody knows. */
  private keyByName(ast: Extract<Ast, { kind: 'name' }>): Value {
    const map = fieldNamed(ast.parts.slice(0, -1).join('.'));
    if (map?.type === 'map')
      return { kind: 'entry', type: 'string', field: map, key: keyOf(map, ast.parts.at(-1)!), otherwise: '' };
    const name = ast.parts.join('.');
    const first = ast.parts[0]!;
    if (LATER_PROTOCOLS.has(name) || LATER_PROTOCOLS.has(first.split('_')[0]!))
      throw new FilterProblem(
        `${first.split('_')[0]} is not dissected by this version`,
        ast.range,
        'Its traffic is shown as flows: is_flow && dst.port == …',
      );
    const parts = fieldNames().filter((field) => field.startsWith(`${name}.`));
    if (parts.length > 0)
      throw new FilterProblem(
        `\`${name}\` is not a field by itself`,
        ast.range,
        `It has ${parts.slice(0, 6).join(', ')}.`,
        parts[0],
      );
    const near = nearest(name, fieldNames());
    if (near !== undefined)
      throw new FilterProblem(`\`${name}\` is not a field`, ast.range, `Did you mean \`${near}\`?`, near);
    throw new FilterProblem(`\`${name}\` is not a field`, ast.range);
  }

  private entry(of: Ast, key: Ast, otherwise = ''): Value {
    const map = this.value(of);
    if (map.kind !== 'field' || map.type !== 'map')
      throw new FilterProblem(
        `${a(map.type)} has no keys`,
        of.range,
        'Keys are of request.headers, response.headers and query.',
      );
    if (key.kind !== 'string')
      throw new FilterProblem(
        'a key is a text',
        key.range,
        'Write it in quotes, for example request.headers["host"].',
      );
    return { kind: 'entry', type: 'string', field: map.field, key: keyOf(map.field, key.value), otherwise };
  }

  private list(ast: Extract<Ast, { kind: 'list' }>): Value {
    const values: (string | number | boolean)[] = [];
    let of: Type | null = null;
    for (const item of ast.items) {
      const value = this.value(item);
      if (value.kind !== 'const') throw new FilterProblem('a list holds plain values', item.range);
      if (of !== null && of !== value.type && !(isNumber(of) && isNumber(value.type)))
        throw new FilterProblem(
          `the list holds ${a(of)} and ${a(value.type)}`,
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
      throw new FilterProblem(`${a(value.type)} cannot be reckoned with`, range);
  }

  private arithmetic(ast: Extract<Ast, { kind: 'binary' }>): Value {
    const left = this.value(ast.left);
    const right = this.value(ast.right);
    const operator = ast.operator as '+' | '-' | '*' | '/' | '%';
    if (operator === '+' && left.type === 'string' && right.type === 'string') {
      if (left.kind === 'const' && right.kind === 'const')
        return { kind: 'const', type: 'string', value: `${left.value}${right.value}` };
      return { kind: 'concat', type: 'string', left, right };
    }
    const type = arithmeticType(operator, left.type, right.type);
    if (type === null)
      throw new FilterProblem(`${a(left.type)} ${operator} ${a(right.type)} has no meaning`, ast.range);
    if (left.kind === 'const' && right.kind === 'const') {
      const value = reckon(operator, left.value as number, right.value as number, type === 'int');
      if (!Number.isFinite(value)) throw new FilterProblem('division by zero', ast.range);
      return { kind: 'const', type, value };
    }
    return { kind: 'arithmetic', type, operator, left, right };
  }

  private comparison(operator: Comparison, ast: Extract<Ast, { kind: 'binary' }>): Condition {
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
    if (!same) this.mismatch(left, right, ast);
    if (left.type === 'bool' && operator !== '==' && operator !== '!=')
      throw new FilterProblem('true and false have no order', ast.operatorRange);
    this.knownValue(left, right, ast.right);
    this.knownValue(right, left, ast.left);
    return { kind: 'compare', operator, left, right, text };
  }

  private mismatch(left: Value, right: Value, ast: Extract<Ast, { kind: 'binary' }>): never {
    const what = `${a(left.type)} is compared with ${a(right.type)}`;
    const source = (range: Range) => this.options.text.slice(range[0], range[1]);
    for (const [field, other, fieldAst, otherAst] of [
      [left, right, ast.left, ast.right],
      [right, left, ast.right, ast.left],
    ] as const) {
      if (field.kind !== 'field') continue;
      const { name } = field.field;
      if (name === 'status' && isNumber(other.type))
        throw new FilterProblem(
          '`status` is a text',
          fieldAst.range,
          'Its number is `status_code`.',
          'status_code',
        );
      if (field.type === 'duration' && isNumber(other.type))
        throw new FilterProblem(
          `\`${name}\` is a duration`,
          otherAst.range,
          'Write duration("100ms"), or compare `elapsed_time`, which is in microseconds.',
          `duration("${source(otherAst.range)}ms")`,
        );
      if (
        field.type === 'duration' &&
        other.kind === 'const' &&
        other.type === 'string' &&
        !Number.isNaN(parseDuration(String(other.value)))
      )
        throw new FilterProblem(
          `\`${name}\` is a duration`,
          otherAst.range,
          'A text becomes one by duration(…).',
          `duration(${source(otherAst.range)})`,
        );
      if (field.type === 'timestamp' && other.type === 'string')
        throw new FilterProblem(
          `\`${name}\` is a time`,
          otherAst.range,
          'A text becomes one by timestamp(…), for example timestamp("2026-01-31T14:30:00Z").',
          `timestamp(${source(otherAst.range)})`,
        );
      if (
        isNumber(field.type) &&
        other.kind === 'const' &&
        other.type === 'string' &&
        /^\d+$/.test(String(other.value))
      )
        throw new FilterProblem(
          `\`${name}\` is a number`,
          otherAst.range,
          'Leave out the quotes.',
          String(other.value),
        );
      if (field.type === 'string' && isNumber(other.type))
        throw new FilterProblem(
          `\`${name}\` is a text`,
          otherAst.range,
          'Put the value in quotes.',
          quote(source(otherAst.range)),
        );
    }
    throw new FilterProblem(what, ast.range);
  }

  /** A value that the field can never have. */
  private knownValue(field: Value, value: Value, ast: Ast): void {
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

  private membership(item: Ast, container: Ast): Condition {
    const list = this.value(container);
    if (list.type === 'map' && list.kind === 'field') {
      if (item.kind !== 'string')
        throw new FilterProblem('a key is a text', item.range, 'Write it in quotes.');
      return { kind: 'has', field: list.field, key: keyOf(list.field, item.value) };
    }
    if (list.type !== 'list')
      throw new FilterProblem(
        `${a(list.type)} holds no values`,
        container.range,
        list.type === 'string'
          ? 'A part of a text is asked for by .contains("…").'
          : 'Write a list: status in ["200", "201"].',
      );
    const value = this.value(item);
    const of = list.kind === 'constList' ? list.of : 'string';
    if (list.kind === 'constList' && list.values.length === 0) return { kind: 'false' };
    if (value.type !== of && !(isNumber(value.type) && isNumber(of))) {
      if (value.kind === 'field' && value.field.name === 'status' && isNumber(of))
        throw new FilterProblem(
          '`status` is a text',
          item.range,
          'Its number is `status_code`.',
          'status_code',
        );
      throw new FilterProblem(`${a(value.type)} is looked for among values that are each ${a(of)}`, [
        item.range[0],
        container.range[1],
      ]);
    }
    if (container.kind === 'list')
      for (const [i, entry] of container.items.entries())
        this.knownValue(
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

  private callCondition(ast: Extract<Ast, { kind: 'call' }>): Condition | null {
    if (ast.of === null) {
      if (ast.name !== 'has') return null;
      const [arg] = this.arity(ast, 1);
      const value = this.value(arg!);
      if (value.kind !== 'entry')
        throw new FilterProblem(
          'has(…) asks for a key of a map',
          arg!.range,
          'For example has(request.headers.host).',
        );
      return { kind: 'has', field: value.field, key: value.key };
    }
    if (
      ast.name === 'contains' ||
      ast.name === 'startsWith' ||
      ast.name === 'endsWith' ||
      ast.name === 'matches'
    ) {
      const [arg] = this.arity(ast, 1);
      const of = this.value(ast.of);
      if (of.type === 'list' && ast.name === 'contains') return this.membership(arg!, ast.of);
      if (of.type !== 'string')
        throw new FilterProblem(
          `${a(of.type)} has no .${ast.name}()`,
          ast.nameRange,
          of.kind === 'field' && of.field.name === 'status_code'
            ? 'status is the same as a text.'
            : undefined,
        );
      const part = this.value(arg!);
      if (part.type !== 'string')
        throw new FilterProblem(
          `.${ast.name}() asks for a text`,
          arg!.range,
          'Put it in quotes.',
          quote(this.options.text.slice(...arg!.range)),
        );
      if (ast.name !== 'matches') return { kind: ast.name, of, part };
      if (part.kind !== 'const') throw new FilterProblem('the pattern is a plain text', arg!.range);
      try {
        RE2JS.compile(String(part.value));
      } catch (error) {
        throw new FilterProblem(
          `no regular expression: ${(error as Error).message}`,
          arg!.range,
          'The syntax is RE2’s; a backslash is written twice, or the text begins with r: r"\\d+".',
        );
      }
      return { kind: 'matches', of, pattern: String(part.value) };
    }
    return null;
  }

  private callValue(ast: Extract<Ast, { kind: 'call' }>): Value {
    if (ast.of !== null) {
      if (ast.name === 'size') {
        this.arity(ast, 0);
        return this.size(ast.of);
      }
      if (ast.name === 'lowerAscii' || ast.name === 'upperAscii') {
        this.arity(ast, 0);
        const of = this.value(ast.of);
        if (of.type !== 'string')
          throw new FilterProblem(`${a(of.type)} has no .${ast.name}()`, ast.nameRange);
        return { kind: ast.name === 'lowerAscii' ? 'lower' : 'upper', type: 'string', of };
      }
      if (METHODS.has(ast.name))
        return {
          kind: 'pick',
          type: 'bool',
          condition: this.callCondition(ast)!,
          yes: { kind: 'const', type: 'bool', value: true },
          no: { kind: 'const', type: 'bool', value: false },
        };
      const near = nearest(ast.name, [...METHODS.keys()]);
      throw new FilterProblem(
        `there is no .${ast.name}()`,
        ast.nameRange,
        near === undefined
          ? `There are ${[...METHODS.keys()].map((m) => `.${m}()`).join(', ')}.`
          : `Did you mean .${near}()?`,
        near,
      );
    }
    switch (ast.name) {
      case 'now':
        this.arity(ast, 0);
        return { kind: 'const', type: 'timestamp', value: this.options.now };
      case 'timestamp':
      case 'duration': {
        const [arg] = this.arity(ast, 1);
        const value =
          arg?.kind === 'string'
            ? ast.name === 'timestamp'
              ? parseTimestamp(arg.value)
              : parseDuration(arg.value)
            : Number.NaN;
        if (Number.isNaN(value))
          throw new FilterProblem(
            `no ${ast.name}`,
            arg!.range,
            ast.name === 'timestamp'
              ? 'For example timestamp("2026-01-31T14:30:00Z").'
              : 'For example duration("250ms"), "1.5s", "5m", "1h30m".',
          );
        return { kind: 'const', type: ast.name, value };
      }
      case 'size': {
        const [arg] = this.arity(ast, 1);
        return this.size(arg!);
      }
      case 'int':
      case 'double': {
        const [arg] = this.arity(ast, 1);
        return { kind: 'toNumber', type: ast.name, of: this.value(arg!) };
      }
      case 'string': {
        const [arg] = this.arity(ast, 1);
        return { kind: 'toText', type: 'string', of: this.value(arg!) };
      }
      case 'map_get': {
        const [map, key, otherwise] = this.arity(ast, 3);
        const value = this.value(otherwise!);
        if (value.kind !== 'const' || value.type !== 'string')
          throw new FilterProblem('the value for an absent key is a plain text', otherwise!.range);
        return this.entry(map!, key!, String(value.value));
      }
      default: {
        const near = nearest(ast.name, [...FUNCTIONS.keys()]);
        if (METHODS.has(ast.name))
          throw new FilterProblem(
            `${ast.name} stands behind its text`,
            ast.nameRange,
            `For example path.${ast.name}("…").`,
          );
        throw new FilterProblem(
          `there is no function ${ast.name}`,
          ast.nameRange,
          near === undefined ? `There are ${[...FUNCTIONS.keys()].join(', ')}.` : `Did you mean ${near}?`,
          near,
        );
      }
    }
  }

  private size(ast: Ast): Value {
    const of = this.value(ast);
    if (of.type !== 'string' && of.type !== 'list' && of.type !== 'map')
      throw new FilterProblem(`${a(of.type)} has no size`, ast.range);
    if (of.kind === 'constList') return { kind: 'const', type: 'int', value: of.values.length };
    return { kind: 'size', type: 'int', of };
  }

  private arity(ast: Extract<Ast, { kind: 'call' }>, count: number): readonly Ast[] {
    if (ast.args.length !== count)
      throw new FilterProblem(
        `${ast.name} takes ${count === 0 ? 'nothing' : count === 1 ? 'one value' : `${count} values`}, not ${ast.args.length}`,
        ast.range,
      );
    return ast.args;
  }
}

/** Header names have no case. */
function keyOf(field: Field, key: string): string {
  return field.name.endsWith('.headers') ? key.toLowerCase() : key;
}

function arithmeticType(operator: string, left: Type, right: Type): Type | null {
  if (isNumber(left) && isNumber(right)) return left === 'int' && right === 'int' ? 'int' : 'double';
  if (operator !== '+' && operator !== '-')
    return left === 'duration' && isNumber(right) && operator !== '%' ? 'duration' : null;
  if (left === 'duration' && right === 'duration') return 'duration';
  if (left === 'timestamp' && right === 'duration') return 'timestamp';
  if (left === 'duration' && right === 'timestamp' && operator === '+') return 'timestamp';
  if (left === 'timestamp' && right === 'timestamp' && operator === '-') return 'duration';
  return null;
}

/** Division by zero is NaN, which no comparison likes. */
export function reckon(
  operator: '+' | '-' | '*' | '/' | '%',
  left: number,
  right: number,
  whole: boolean,
): number {
  switch (operator) {
    case '+':
      return left + right;
    case '-':
      return left - right;
    case '*':
      return left * right;
    case '/':
      return right === 0 ? Number.NaN : whole ? Math.trunc(left / right) : left / right;
    case '%':
      return right === 0 ? Number.NaN : left % right;
  }
}
