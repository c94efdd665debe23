/** Text to tokens. Never throws: what is no token is an `error` token with a message. */
import type { Range } from './ast.ts';

export interface Token {
  readonly kind: 'name' | 'string' | 'number' | 'operator' | 'error' | 'end';
  /** As written. */
  readonly text: string;
  /** Value of a string or number; message of an error. */
  readonly value: string | number;
  readonly from: number;
  readonly to: number;
  /** Of an error within a string: where in it; the token is the whole string. */
  readonly fault?: Range;
}

const OPERATORS = [
  '&&',
  '||',
  '==',
  '!=',
  '<=',
  '>=',
  '<',
  '>',
  '!',
  '+',
  '-',
  '*',
  '/',
  '%',
  '(',
  ')',
  '[',
  ']',
  '.',
  ',',
  '?',
  ':',
  '=',
  '&',
  '|',
];
const NAME = /[A-Za-z_][A-Za-z0-9_]*/y;
const NUMBER = /0[xX][0-9a-fA-F]+|(?:\d+\.\d*|\.\d+|\d+)(?:[eE][+-]?\d+)?/y;
const MORE = /[\w.]+/y;
const SPACE = /(?:\s|\/\/[^\n]*)+/y;
const CHARACTER = /./suy;
const ESCAPES: ReadonlyMap<string, string> = new Map(
  Object.entries({
    n: '\n',
    r: '\r',
    t: '\t',
    b: '\b',
    f: '\f',
    v: '\v',
    a: '\u0007',
    '\\': '\\',
    '"': '"',
    "'": "'",
    '`': '`',
    '?': '?',
  }),
);

export function lex(text: string): Token[] {
  const tokens: Token[] = [];
  let at = 0;
  const sticky = (pattern: RegExp): string | null => {
    pattern.lastIndex = at;
    return pattern.exec(text)?.[0] ?? null;
  };
  while (at < text.length) {
    const space = sticky(SPACE);
    if (space) {
      at += space.length;
      continue;
    }
    const from = at;
    const name = sticky(NAME);
    const first = text[at]!;
    if (
      first === '"' ||
      first === "'" ||
      (name !== null && /^[rR]$/.test(name) && /["']/.test(text[at + 1] ?? ''))
    ) {
      const raw = first === 'r' || first === 'R';
      const token = string(text, from, raw ? from + 1 : from, raw);
      tokens.push(token);
      at = token.to;
      continue;
    }
    if (name !== null) {
      at += name.length;
      tokens.push({ kind: 'name', text: name, value: name, from, to: at });
      continue;
    }
    const number = sticky(NUMBER);
    if (number !== null) {
      at += number.length;
      if (text[at] === 'u' && !/\w/.test(text[at + 1] ?? '')) at++;
      // "5ms", "10.0.0.1"
      const more = sticky(MORE);
      at += more?.length ?? 0;
      const written = text.slice(from, at);
      if (more === null) tokens.push({ kind: 'number', text: number, value: Number(number), from, to: at });
      else tokens.push({ kind: 'error', text: written, value: `${written} is no number`, from, to: at });
      continue;
    }
    const operator = OPERATORS.find((o) => text.startsWith(o, at));
    if (operator !== undefined) {
      at += operator.length;
      tokens.push({ kind: 'operator', text: operator, value: operator, from, to: at });
      continue;
    }
    const character = sticky(CHARACTER)!;
    at += character.length;
    tokens.push({
      kind: 'error',
      text: character,
      value: `${JSON.stringify(character)} means nothing here`,
      from,
      to: at,
    });
  }
  tokens.push({ kind: 'end', text: '', value: '', from: text.length, to: text.length });
  return tokens;
}

/** A string literal; `quote` is where its opening quote stands. A wrong escape does not end it, its closing quote does. */
function string(text: string, from: number, quote: number, raw: boolean): Token {
  const mark = text[quote]!;
  let value = '';
  let fault: { message: string; range: Range } | undefined;
  let at = quote + 1;
  for (; at < text.length && text[at] !== '\n'; ) {
    const c = text[at]!;
    if (c === mark) {
      const to = at + 1;
      const written = text.slice(from, to);
      if (fault) return { kind: 'error', text: written, value: fault.message, from, to, fault: fault.range };
      return { kind: 'string', text: written, value: value.toWellFormed(), from, to };
    }
    if (c !== '\\' || raw) {
      value += c;
      at++;
      continue;
    }
    const escape = escaped(text, at);
    if (typeof escape.value === 'string') value += escape.value;
    else fault ??= { message: escape.problem, range: [at, escape.to] };
    at = escape.to;
  }
  return {
    kind: 'error',
    text: text.slice(from, at),
    value: fault?.message ?? 'the string has no closing quote',
    from,
    to: at,
    ...(fault && { fault: fault.range }),
  };
}

type Escape =
  | { readonly value: string; readonly to: number }
  | { readonly value: null; readonly problem: string; readonly to: number };

/** What the backslash at `at` and the characters behind it stand for (cel-spec, langdef "String and Bytes Values"). */
function escaped(text: string, at: number): Escape {
  const code = /^(?:x([0-9a-fA-F]{2})|u([0-9a-fA-F]{4})|U([0-9a-fA-F]{8}))/.exec(text.slice(at + 1, at + 10));
  if (code) {
    const to = at + 1 + code[0].length;
    const point = Number.parseInt(code[1] ?? code[2] ?? code[3]!, 16);
    // Halves of surrogate pairs are no characters.
    return point > 0x10_ff_ff || (point >= 0xd8_00 && point < 0xe0_00)
      ? { value: null, problem: 'no such character', to }
      : { value: String.fromCodePoint(point), to };
  }
  const next = /^./su.exec(text.slice(at + 1, at + 3))?.[0] ?? '';
  const value = ESCAPES.get(next);
  if (value !== undefined) return { value, to: at + 2 };
  return {
    value: null,
    problem: `\\${next} is no escape; a backslash is written \\\\`,
    // A line's end ends the string as well.
    to: next === '\n' ? at + 1 : at + 1 + next.length,
  };
}
