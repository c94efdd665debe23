/** Tokens to a tree: CEL's grammar and precedence (cel-spec, langdef "Syntax"), without messages and comprehensions. */
import { LIMITS } from '@kubeshark/model';
import type { Ast, BinaryOperator, Range } from './ast.ts';
import { refuseDeep } from './depth.ts';
import { FilterProblem, LimitProblem, WordProblem } from './filter-problem.ts';
import type { Token } from './lexer.ts';
import { lex } from './lexer.ts';
import { quote } from './quote.ts';
import { parseDuration } from './time-literals.ts';

/** Binding powers; a higher one binds tighter. */
const BINDING: Record<string, number> = {
  '||': 1,
  '&&': 2,
  '==': 3,
  '!=': 3,
  '<': 3,
  '<=': 3,
  '>': 3,
  '>=': 3,
  in: 3,
  '+': 4,
  '-': 4,
  '*': 5,
  '/': 5,
  '%': 5,
};

/** What people write for CEL's operators. */
const WORDS: ReadonlyMap<string, string> = new Map(
  Object.entries({
    and: '&&',
    or: '||',
    not: '!',
    AND: '&&',
    OR: '||',
    NOT: '!',
    is: '==',
    eq: '==',
    ne: '!=',
    like: '.contains(…)',
  }),
);

/** No name is longer; what goes on is keys of something that has none. */
const MOST_PARTS = 8;

export function parse(text: string): Ast {
  const ast = new Parser(lex(text)).whole();
  refuseDeep(ast);
  return ast;
}

class Parser {
  private readonly tokens: readonly Token[];
  private at = 0;
  private depth = 0;

  constructor(tokens: readonly Token[]) {
    this.tokens = tokens;
  }

  whole(): Ast {
    const ast = this.choice();
    const rest = this.peek();
    if (rest.kind !== 'end') this.unexpected(rest);
    return ast;
  }

  private peek(): Token {
    return this.tokens[this.at]!;
  }
  private take(): Token {
    const token = this.peek();
    if (token.kind !== 'end') this.at++;
    return token;
  }
  private is(text: string): boolean {
    const token = this.peek();
    return (token.kind === 'operator' || (text === 'in' && token.kind === 'name')) && token.text === text;
  }
  private expect(text: string, after: Token): Token {
    if (this.is(text)) return this.take();
    const token = this.peek();
    if (token.kind === 'end')
      throw new FilterProblem(
        `"${text}" is missing`,
        [after.from, after.to],
        `The "${after.text}" here is never closed.`,
      );
    this.unexpected(token);
  }

  private unexpected(token: Token): never {
    const range: Range = token.fault ?? [token.from, token.to];
    if (token.kind === 'error') throw wrongToken(token, range);
    if (token.kind === 'end')
      throw new FilterProblem(
        'the filter ends too early',
        [Math.max(0, token.from - 1), token.to],
        'A value or a condition is missing here.',
      );
    if (token.text === '=')
      throw new FilterProblem('"=" compares nothing', range, 'Equality is written "==".', '==');
    if (token.text === '&') throw new FilterProblem('"&" is no operator', range, 'Write "&&".', '&&');
    if (token.text === '|') throw new FilterProblem('"|" is no operator', range, 'Write "||".', '||');
    const word = token.kind === 'name' ? WORDS.get(token.text) : undefined;
    if (word !== undefined)
      throw new FilterProblem(
        `"${token.text}" is no operator`,
        range,
        `Write "${word}".`,
        word.startsWith('.') ? undefined : word,
      );
    throw new WordProblem(
      `"${token.text}" is not expected here`,
      range,
      this.at > 0 ? 'Conditions are joined by && or ||.' : undefined,
    );
  }

  private nested<T>(read: () => T): T {
    if (++this.depth > LIMITS.filterDepth) {
      const { from, to } = this.peek();
      throw new LimitProblem('filterDepth', 'the filter is nested too deeply', [from, to]);
    }
    const result = read();
    this.depth--;
    return result;
  }

  private choice(): Ast {
    return this.nested(() => {
      const condition = this.binary(1);
      if (!this.is('?')) return condition;
      const mark = this.take();
      const yes = this.choice();
      this.expect(':', mark);
      const no = this.choice();
      return { kind: 'choice', condition, yes, no, range: [condition.range[0], no.range[1]] };
    });
  }

  private binary(power: number): Ast {
    let left = this.unary();
    for (;;) {
      const token = this.peek();
      const binding = this.binding();
      if (binding < power) return left;
      if (token.text === '&&' || token.text === '||') {
        left = this.chain(left, token.text, binding);
        continue;
      }
      this.take();
      const right = this.nested(() => this.binary(binding + 1));
      left = {
        kind: 'binary',
        operator: token.text as BinaryOperator,
        operatorRange: [token.from, token.to],
        left,
        right,
        range: [left.range[0], right.range[1]],
      };
    }
  }

  /** 0: no operator. */
  private binding(): number {
    const token = this.peek();
    return token.kind === 'operator' || (token.kind === 'name' && token.text === 'in')
      ? (BINDING[token.text] ?? 0)
      : 0;
  }

  /** A row of `a && b && c …`, as a tree whose depth is the logarithm of its length: filters of a thousand parts are real. */
  private chain(first: Ast, operator: '&&' | '||', binding: number): Ast {
    const parts = [first];
    const signs: Range[] = [];
    while (this.is(operator)) {
      const { from, to } = this.take();
      signs.push([from, to]);
      parts.push(this.nested(() => this.binary(binding + 1)));
    }
    const join = (from: number, to: number): Ast => {
      if (to - from === 1) return parts[from]!;
      const middle = (from + to) >> 1;
      const [left, right] = [join(from, middle), join(middle, to)];
      const range: Range = [left.range[0], right.range[1]];
      return { kind: 'binary', operator, operatorRange: signs[middle - 1]!, left, right, range };
    };
    return join(0, parts.length);
  }

  private unary(): Ast {
    const token = this.peek();
    if (this.is('!') || this.is('-')) {
      this.take();
      const of = this.nested(() => this.unary());
      return { kind: token.text === '!' ? 'not' : 'minus', of, range: [token.from, of.range[1]] };
    }
    return this.postfix();
  }

  private postfix(): Ast {
    let ast = this.primary();
    for (;;) {
      if (this.is('.')) {
        this.take();
        const name = this.peek();
        if (name.kind !== 'name') this.unexpected(name);
        this.take();
        const nameRange: Range = [name.from, name.to];
        if (this.is('(')) {
          const { args, end } = this.args();
          ast = { kind: 'call', of: ast, name: name.text, nameRange, args, range: [ast.range[0], end] };
        } else if (ast.kind === 'name' && ast.parts.length < MOST_PARTS)
          ast = { kind: 'name', parts: [...ast.parts, name.text], range: [ast.range[0], name.to] };
        else
          ast = {
            kind: 'index',
            of: ast,
            key: { kind: 'string', value: name.text, range: nameRange },
            range: [ast.range[0], name.to],
          };
      } else if (this.is('[')) {
        const open = this.take();
        const key = this.choice();
        const close = this.expect(']', open);
        ast = { kind: 'index', of: ast, key, range: [ast.range[0], close.to] };
      } else return ast;
    }
  }

  private args(): { args: Ast[]; end: number } {
    const open = this.take();
    const args = this.items(')');
    return { args, end: this.expect(')', open).to };
  }

  private items(end: string): Ast[] {
    const items: Ast[] = [];
    if (this.is(end)) return items;
    do items.push(this.choice());
    while (this.is(',') && this.take());
    return items;
  }

  private primary(): Ast {
    const token = this.peek();
    const range: Range = [token.from, token.to];
    switch (token.kind) {
      case 'string':
        this.take();
        return { kind: 'string', value: String(token.value), range };
      case 'number':
        this.take();
        return numberOf(token, range);
      case 'name':
        if (token.text === 'in' || WORDS.get(token.text) === '!') this.unexpected(token);
        this.take();
        if (token.text === 'true' || token.text === 'false')
          return { kind: 'bool', value: token.text === 'true', range };
        if (this.is('(')) {
          const { args, end } = this.args();
          return {
            kind: 'call',
            of: null,
            name: token.text,
            nameRange: range,
            args,
            range: [token.from, end],
          };
        }
        return { kind: 'name', parts: [token.text], range };
      default:
    }
    if (this.is('(')) {
      this.take();
      const ast = this.choice();
      const close = this.expect(')', token);
      return { ...ast, range: [token.from, close.to] };
    }
    if (this.is('[')) {
      this.take();
      const items = this.items(']');
      return { kind: 'list', items, range: [token.from, this.expect(']', token).to] };
    }
    this.unexpected(token);
  }
}

function numberOf(token: Token, range: Range): Ast {
  const value = Number(token.value);
  const integer = /^(?:0x.*|\d+)$/i.test(token.text);
  if (integer ? !Number.isSafeInteger(value) : !Number.isFinite(value))
    throw new FilterProblem(
      'the number is too large',
      range,
      `Whole numbers go up to ${Number.MAX_SAFE_INTEGER}.`,
    );
  return { kind: 'number', value, integer, range };
}

function wrongToken(token: Token, range: Range): FilterProblem {
  const message = String(token.value);
  if (!/^[\d.]/.test(token.text)) return new WordProblem(message, range);
  if (!Number.isNaN(parseDuration(token.text)))
    return new WordProblem(
      message,
      range,
      'A length of time is written duration("…").',
      `duration("${token.text}")`,
    );
  return new WordProblem(message, range, 'A text stands in quotes.', quote(token.text));
}
