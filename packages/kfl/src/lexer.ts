/** Text to tokens. Never throws: what is no token is an `error` token with a message. */

export interface Token {
  readonly kind: 'name' | 'string' | 'number' | 'operator' | 'error' | 'end';
  /** As written. */
  readonly text: string;
  /** Value of a string or number; message of an error. */
  readonly value: string | number;
  readonly from: number;
  readonly to: number;
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
const SPACE = /(?:\s|\/\/[^\n]*)+/y;
const ESCAPES: Record<string, string> = {
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
};

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
      if (text[at] === 'u') at++;
      tokens.push({ kind: 'number', text: number, value: Number(number), from, to: at });
      continue;
    }
    const operator = OPERATORS.find((o) => text.startsWith(o, at));
    if (operator !== undefined) {
      at += operator.length;
      tokens.push({ kind: 'operator', text: operator, value: operator, from, to: at });
      continue;
    }
    const character = String.fromCodePoint(text.codePointAt(at)!);
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

/** A string literal; `quote` is where its opening quote stands. */
function string(text: string, from: number, quote: number, raw: boolean): Token {
  const mark = text[quote]!;
  let value = '';
  for (let at = quote + 1; at < text.length; ) {
    const c = text[at]!;
    if (c === mark) return { kind: 'string', text: text.slice(from, at + 1), value, from, to: at + 1 };
    if (c === '\n') break;
    if (c !== '\\' || raw) {
      value += c;
      at++;
      continue;
    }
    const next = text[at + 1] ?? '';
    const hex = /^(?:x([0-9a-fA-F]{2})|u([0-9a-fA-F]{4})|U([0-9a-fA-F]{8}))/.exec(
      text.slice(at + 1, at + 10),
    );
    if (hex) {
      const code = Number.parseInt(hex[1] ?? hex[2] ?? hex[3]!, 16);
      if (code > 0x10ffff)
        return {
          kind: 'error',
          text: text.slice(at, at + 10),
          value: 'no such character',
          from: at,
          to: at + 10,
        };
      value += String.fromCodePoint(code);
      at += 1 + hex[0].length;
    } else if (ESCAPES[next] !== undefined) {
      value += ESCAPES[next];
      at += 2;
    } else
      return {
        kind: 'error',
        text: text.slice(at, at + 2),
        value: `\\${next} is no escape; a backslash is written \\\\`,
        from: at,
        to: Math.min(at + 2, text.length),
      };
  }
  return {
    kind: 'error',
    text: text.slice(from),
    value: 'the string has no closing quote',
    from,
    to: text.length,
  };
}
