/** Functions and methods: what they take and what they make of it. */
import type { Ast } from './ast.ts';
import type { Checking } from './checking.ts';
import { FilterProblem, LimitProblem } from './filter-problem.ts';
import { FUNCTIONS, METHODS } from './functions.ts';
import type { Condition, Type, Value } from './ir.ts';
import { aType } from './ir.ts';
import { FORMER_FUNCTIONS } from './kfl2.ts';
import { entry, membership } from './membership.ts';
import { nearest } from './names.ts';
import { compilePattern, PatternTooLarge } from './pattern.ts';
import { quote } from './quote.ts';
import { parseDuration, parseTimestamp } from './time-literals.ts';

type Call = Extract<Ast, { kind: 'call' }>;

export function callCondition(checker: Checking, ast: Call): Condition | null {
  if (ast.of === null) {
    if (ast.name !== 'has') return null;
    const [arg] = args(ast, 1);
    const value = checker.value(arg!);
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
    const [arg] = args(ast, 1);
    const of = checker.value(ast.of);
    if (of.type === 'list' && ast.name === 'contains') return membership(checker, arg!, ast.of);
    if (of.type !== 'string')
      throw new FilterProblem(
        `${aType(of.type)} has no .${ast.name}()`,
        ast.nameRange,
        of.kind === 'field' && of.field.name === 'status_code' ? 'status is the same as a text.' : undefined,
      );
    const part = checker.value(arg!);
    if (part.type !== 'string')
      throw new FilterProblem(
        `.${ast.name}() asks for a text`,
        arg!.range,
        'Put it in quotes.',
        quote(checker.text.slice(...arg!.range)),
      );
    if (ast.name !== 'matches') return { kind: ast.name, of, part };
    if (part.kind !== 'const') throw new FilterProblem('the pattern is a plain text', arg!.range);
    try {
      compilePattern(String(part.value));
    } catch (error) {
      const message = `no regular expression: ${(error as Error).message}`;
      if (error instanceof PatternTooLarge) throw new LimitProblem('filterPattern', message, arg!.range);
      throw new FilterProblem(
        message,
        arg!.range,
        'The syntax is RE2’s; a backslash is written twice, or the text begins with r: r"\\d+".',
      );
    }
    return { kind: 'matches', of, pattern: String(part.value) };
  }
  return null;
}

export function callValue(checker: Checking, ast: Call): Value {
  if (ast.of !== null) {
    if (ast.name === 'size') {
      args(ast, 0);
      return size(checker, ast.of);
    }
    if (ast.name === 'lowerAscii' || ast.name === 'upperAscii') {
      args(ast, 0);
      const of = checker.value(ast.of);
      if (of.type !== 'string')
        throw new FilterProblem(`${aType(of.type)} has no .${ast.name}()`, ast.nameRange);
      return { kind: ast.name === 'lowerAscii' ? 'lower' : 'upper', type: 'string', of };
    }
    if (METHODS.has(ast.name))
      return {
        kind: 'pick',
        type: 'bool',
        condition: callCondition(checker, ast)!,
        yes: { kind: 'const', type: 'bool', value: true },
        no: { kind: 'const', type: 'bool', value: false },
      };
    throw noMethod(ast);
  }
  switch (ast.name) {
    case 'now':
      args(ast, 0);
      return { kind: 'const', type: 'timestamp', value: checker.now };
    case 'timestamp':
    case 'duration': {
      const [arg] = args(ast, 1);
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
      const [arg] = args(ast, 1);
      return size(checker, arg!);
    }
    case 'int':
    case 'double':
      return { kind: 'toNumber', type: ast.name, of: converted(checker, ast, ['string', 'int', 'double']) };
    case 'string':
      return {
        kind: 'toText',
        type: 'string',
        of: converted(checker, ast, ['string', 'int', 'double', 'bool']),
      };
    case 'map_get': {
      const [map, key, otherwise] = args(ast, 3);
      const value = checker.value(otherwise!);
      if (value.kind !== 'const' || value.type !== 'string')
        throw new FilterProblem('the value for an absent key is a plain text', otherwise!.range);
      return entry(checker, map!, key!, String(value.value));
    }
    default:
      throw noFunction(ast);
  }
}

function converted(checker: Checking, ast: Call, types: readonly Type[]): Value {
  const [arg] = args(ast, 1);
  const of = checker.value(arg!);
  if (!types.includes(of.type))
    throw new FilterProblem(
      `${ast.name}(…) makes nothing of ${aType(of.type)}`,
      arg!.range,
      of.type === 'duration' ? '`elapsed_time` is a number of microseconds.' : undefined,
    );
  return of;
}

function size(checker: Checking, ast: Ast): Value {
  const of = checker.value(ast);
  if (of.type !== 'string' && of.type !== 'list' && of.type !== 'map')
    throw new FilterProblem(`${aType(of.type)} has no size`, ast.range);
  if (of.kind === 'constList') return { kind: 'const', type: 'int', value: of.values.length };
  return { kind: 'size', type: 'int', of };
}

function args(ast: Call, count: number): readonly Ast[] {
  if (ast.args.length !== count)
    throw new FilterProblem(
      `${ast.name} takes ${count === 0 ? 'nothing' : count === 1 ? 'one value' : `${count} values`}, not ${ast.args.length}`,
      ast.range,
    );
  return ast.args;
}
function noMethod(ast: Call): FilterProblem {
  const names = [...METHODS.keys()];
  const near = nearest(ast.name, names);
  const all = `There are ${names.map((name) => `.${name}()`).join(', ')}.`;
  return new FilterProblem(
    `there is no .${ast.name}()`,
    ast.nameRange,
    near === undefined ? all : `Did you mean .${near}()?`,
    near,
  );
}

function noFunction(ast: Call): FilterProblem {
  const { name, nameRange } = ast;
  if (METHODS.has(name))
    return new FilterProblem(`${name} stands behind its text`, nameRange, `For example path.${name}("…").`);
  const names = [...FUNCTIONS.keys()];
  const near = nearest(name, names);
  const hint =
    FORMER_FUNCTIONS.get(name) ??
    (near === undefined ? `There are ${names.join(', ')}.` : `Did you mean ${near}?`);
  return new FilterProblem(`there is no function ${name}`, nameRange, hint, near);
}
