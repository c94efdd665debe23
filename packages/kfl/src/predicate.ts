/**
 * A checked filter as closures over a row. An evaluation allocates what the row expands and what a filter itself makes of
 * it (`+`, `lowerAscii()`), nothing else.
 */
import type { RowView } from '@kubeshark/model';
import type { Comparison, Condition, Value } from './ir.ts';
import { compilePattern } from './pattern.ts';
import { reckon } from './reckon.ts';

export type Predicate = (row: RowView) => boolean;

const TRUE: Predicate = () => true;
const FALSE: Predicate = () => false;

export function predicate(condition: Condition): Predicate {
  switch (condition.kind) {
    case 'true':
      return TRUE;
    case 'false':
      return FALSE;
    case 'flag': {
      const { number } = condition.field;
      return (row) => row.flag(number);
    }
    case 'and': {
      const [left, right] = [predicate(condition.left), predicate(condition.right)];
      return (row) => left(row) && right(row);
    }
    case 'or': {
      const [left, right] = [predicate(condition.left), predicate(condition.right)];
      return (row) => left(row) || right(row);
    }
    case 'not': {
      const of = predicate(condition.of);
      return (row) => !of(row);
    }
    case 'choose': {
      const [which, yes, no] = [
        predicate(condition.condition),
        predicate(condition.yes),
        predicate(condition.no),
      ];
      return (row) => (which(row) ? yes(row) : no(row));
    }
    case 'compare':
      if (condition.text) return compareText(condition.operator, text(condition.left), text(condition.right));
      if (condition.left.type === 'bool') {
        const [left, right] = [bool(condition.left), bool(condition.right)];
        return condition.operator === '=='
          ? (row) => left(row) === right(row)
          : (row) => left(row) !== right(row);
      }
      return compareNumber(condition.operator, number(condition.left), number(condition.right));
    case 'contains': {
      const [of, part] = [text(condition.of), text(condition.part)];
      return (row) => of(row).includes(part(row));
    }
    case 'startsWith': {
      const [of, part] = [text(condition.of), text(condition.part)];
      return (row) => of(row).startsWith(part(row));
    }
    case 'endsWith': {
      const [of, part] = [text(condition.of), text(condition.part)];
      return (row) => of(row).endsWith(part(row));
    }
    case 'matches': {
      const pattern = compilePattern(condition.pattern);
      const of = text(condition.of);
      return (row) => pattern.matcher(of(row)).find();
    }
    case 'in':
      return membership(condition.value, condition.list);
    case 'has': {
      const { number } = condition.field;
      const { key } = condition;
      return (row) => row.has(number, key);
    }
  }
}

function membership(value: Value, list: Value): Predicate {
  if (list.kind === 'constList') {
    const values = new Set(list.values);
    if (value.type === 'string') {
      const of = text(value);
      return (row) => values.has(of(row));
    }
    if (value.type === 'bool') {
      const of = bool(value);
      return (row) => values.has(of(row));
    }
    const of = number(value);
    return (row) => values.has(of(row));
  }
  if (list.kind !== 'field') return FALSE;
  const field = list.field.number;
  const of = text(value);
  return (row) => row.list(field).includes(of(row));
}

type Text = (row: RowView) => string;
type Num = (row: RowView) => number;

function text(value: Value): Text {
  switch (value.kind) {
    case 'const': {
      const constant = String(value.value);
      return () => constant;
    }
    case 'field': {
      const { number } = value.field;
      return (row) => row.text(number);
    }
    case 'entry': {
      const { number } = value.field;
      const { key, otherwise } = value;
      if (otherwise === '') return (row) => row.entry(number, key);
      return (row) => (row.has(number, key) ? row.entry(number, key) : otherwise);
    }
    case 'lower': {
      const of = text(value.of);
      return (row) => asciiLower(of(row));
    }
    case 'upper': {
      const of = text(value.of);
      return (row) => asciiUpper(of(row));
    }
    case 'concat': {
      const [left, right] = [text(value.left), text(value.right)];
      return (row) => left(row) + right(row);
    }
    case 'toText': {
      if (value.of.type === 'string') return text(value.of);
      if (value.of.type === 'bool') {
        const of = bool(value.of);
        return (row) => String(of(row));
      }
      const of = number(value.of);
      return (row) => String(of(row));
    }
    case 'pick': {
      const [condition, yes, no] = [predicate(value.condition), text(value.yes), text(value.no)];
      return (row) => (condition(row) ? yes(row) : no(row));
    }
    default:
      return () => '';
  }
}

function number(value: Value): Num {
  switch (value.kind) {
    case 'const': {
      const constant = Number(value.value);
      return () => constant;
    }
    case 'field': {
      const { number: field } = value.field;
      return (row) => row.number(field);
    }
    case 'size':
      return size(value.of);
    case 'arithmetic': {
      const [left, right] = [number(value.left), number(value.right)];
      const { operator } = value;
      const whole = value.type !== 'double';
      return (row) => reckon(operator, left(row), right(row), whole);
    }
    case 'toNumber': {
      if (value.of.type !== 'string') {
        const of = number(value.of);
        return value.type === 'int' ? (row) => Math.trunc(of(row)) : of;
      }
      const of = text(value.of);
      const written = value.type === 'int' ? /^[+-]?\d+$/ : /^[+-]?(?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d+)?$/;
      // A text that is no number compares with nothing.
      return (row) => {
        const given = of(row);
        return written.test(given) ? Number(given) : Number.NaN;
      };
    }
    case 'pick': {
      const [condition, yes, no] = [predicate(value.condition), number(value.yes), number(value.no)];
      return (row) => (condition(row) ? yes(row) : no(row));
    }
    default:
      return () => 0;
  }
}

function bool(value: Value): Predicate {
  if (value.kind === 'const') return value.value === true ? TRUE : FALSE;
  if (value.kind === 'pick') {
    const [condition, yes, no] = [predicate(value.condition), bool(value.yes), bool(value.no)];
    return (row) => (condition(row) ? yes(row) : no(row));
  }
  if (value.kind !== 'field') return FALSE;
  const field = value.field.number;
  return (row) => row.flag(field);
}

function size(value: Value): Num {
  if (value.type === 'list' && value.kind === 'field') {
    const field = value.field.number;
    return (row) => row.list(field).length;
  }
  if (value.type === 'map' && value.kind === 'field') {
    const field = value.field.number;
    return (row) => row.keys(field).length;
  }
  const of = text(value);
  return (row) => codePoints(of(row));
}

function codePoints(value: string): number {
  let count = value.length;
  for (let i = 0; i + 1 < value.length; i++)
    if ((value.charCodeAt(i) & 0xfc00) === 0xd800 && (value.charCodeAt(i + 1) & 0xfc00) === 0xdc00) {
      count--;
      i++;
    }
  return count;
}

/** CEL's lowerAscii leaves everything but A–Z alone. */
function asciiLower(value: string): string {
  return value.replaceAll(/[A-Z]+/g, (part) => part.toLowerCase());
}
function asciiUpper(value: string): string {
  return value.replaceAll(/[a-z]+/g, (part) => part.toUpperCase());
}

/** Order by code points (CEL), which is the order of UTF-8 bytes that databases use; JavaScript's is by UTF-16 units. */
export function compareCodePoints(a: string, b: string): number {
  const length = Math.min(a.length, b.length);
  for (let i = 0; i < length; i++) {
    const [x, y] = [a.charCodeAt(i), b.charCodeAt(i)];
    if (x === y) continue;
    const surrogateX = x >= 0xd800 && x <= 0xdfff;
    const surrogateY = y >= 0xd800 && y <= 0xdfff;
    // A surrogate stands for a code point above all others.
    if (surrogateX !== surrogateY) return surrogateX ? 1 : -1;
    return x - y;
  }
  return a.length - b.length;
}

function compareText(operator: Comparison, left: Text, right: Text): Predicate {
  switch (operator) {
    case '==':
      return (row) => left(row) === right(row);
    case '!=':
      return (row) => left(row) !== right(row);
    case '<':
      return (row) => compareCodePoints(left(row), right(row)) < 0;
    case '<=':
      return (row) => compareCodePoints(left(row), right(row)) <= 0;
    case '>':
      return (row) => compareCodePoints(left(row), right(row)) > 0;
    case '>=':
      return (row) => compareCodePoints(left(row), right(row)) >= 0;
  }
}

function compareNumber(operator: Comparison, left: Num, right: Num): Predicate {
  switch (operator) {
    case '==':
      return (row) => left(row) === right(row);
    case '!=':
      // NaN (a division by zero) is not equal to itself; like every comparison with it, this one is false.
      return (row) => {
        const [a, b] = [left(row), right(row)];
        return a !== b && !Number.isNaN(a) && !Number.isNaN(b);
      };
    case '<':
      return (row) => left(row) < right(row);
    case '<=':
      return (row) => left(row) <= right(row);
    case '>':
      return (row) => left(row) > right(row);
    case '>=':
      return (row) => left(row) >= right(row);
  }
}
