/**
 * Where in a filter the cursor stands: what is expected there and what is typed of it. One pass over the tokens before
 * the cursor, which need not be a valid filter: brackets are a stack, everything else the state of the innermost one.
 */
import type { Field } from '@kubeshark/model';
import { LIMITS } from '@kubeshark/model';
import type { Range } from './ast.ts';
import { FUNCTIONS, METHODS } from './functions.ts';
import type { Type } from './ir.ts';
import type { Token } from './lexer.ts';
import { lex } from './lexer.ts';
import { fieldNamed } from './names.ts';

/** A value that is written out, as far as known. */
export interface Operand {
  readonly type: Type | null;
  readonly field: Field | null;
  readonly from: number;
  readonly to: number;
  /** Names joined by dots, while it is nothing but that. */
  readonly names: readonly string[] | null;
}

/** What a value is compared with, or looked for in. */
export interface Comparing {
  readonly operator: string;
  readonly with: Operand;
}

export type Place =
  /** A value is expected. `called`: it is an argument. `quoted`: in a string, of which `typed` is the text. */
  | {
      readonly kind: 'value';
      readonly typed: string;
      readonly range: Range;
      readonly comparing: Comparing | null;
      readonly called: Called | null;
      readonly quoted: boolean;
    }
  /** Behind a whole value, where `range` begins: an operator, or one of its methods. `done`: a condition stands there. */
  | {
      readonly kind: 'operator';
      readonly typed: string;
      readonly range: Range;
      readonly operand: Operand;
      readonly done: boolean;
    }
  /** Behind a dot. `typed` is what follows it. */
  | { readonly kind: 'member'; readonly typed: string; readonly range: Range; readonly operand: Operand }
  /** A key in brackets or as an argument. */
  | { readonly kind: 'key'; readonly typed: string; readonly range: Range; readonly map: Field }
  | { readonly kind: 'nothing'; readonly typed: string; readonly range: Range };

export interface Called {
  readonly name: string;
  /** What the method belongs to. */
  readonly of: Operand | null;
  /** Which argument, from 0. */
  readonly argument: number;
  /** The first argument, when it is written. */
  readonly first: Operand | null;
}

interface Frame {
  readonly role: 'group' | 'list' | 'key' | 'call';
  readonly from: number;
  readonly called: { readonly name: string; readonly of: Operand | null } | null;
  operand: Operand | null;
  comparing: Comparing | null;
  /** A dot stands behind the operand. */
  dot: boolean;
  argument: number;
  first: Operand | null;
}

const COMPARING: ReadonlySet<string> = new Set(['==', '!=', '<', '<=', '>', '>=', 'in']);

export function placeOf(text: string, cursor: number): Place {
  const before = lex(text.slice(0, cursor));
  before.pop();
  const last = before.at(-1);
  // The token that the cursor touches is being typed, if it is one that can grow.
  let typing = last !== undefined && last.to === cursor && grows(last) ? last : null;
  const stack: Frame[] = [frame('group', 0, null, null)];
  for (const token of typing ? before.slice(0, -1) : before) step(stack, token, text);
  // "!" before a value is whole; behind one it is half of "!=".
  if (typing?.text === '!' && stack.at(-1)!.operand === null) typing = null;
  return placeIn(stack, typing, text, cursor);
}

function grows(token: Token): boolean {
  switch (token.kind) {
    case 'name':
    case 'number':
      return true;
    case 'error':
      return /^[rR]?["']/.test(token.text);
    default:
      return ['=', '&', '|', '!', '<', '>'].includes(token.text);
  }
}

function frame(
  role: Frame['role'],
  from: number,
  called: Frame['called'],
  comparing: Comparing | null,
): Frame {
  return { role, from, called, operand: null, comparing, dot: false, argument: 0, first: null };
}

function step(stack: Frame[], token: Token, text: string): void {
  const top = stack.at(-1)!;
  const { from, to } = token;
  if (token.kind === 'name' && token.text !== 'in') {
    if (top.dot && top.operand) top.operand = member(top.operand, token);
    else top.operand = named([token.text], from, to);
    top.dot = false;
    return;
  }
  if (token.kind === 'string' || token.kind === 'number' || token.kind === 'error') {
    const type = token.kind === 'number' ? 'int' : token.kind === 'string' ? 'string' : null;
    top.operand = { type, field: null, from, to, names: null };
    top.dot = false;
    return;
  }
  if (token.text === '.') top.dot = top.operand !== null;
  else if (token.text === '(' || token.text === '[') open(stack, top, token, text);
  else if (token.text === ')' || token.text === ']') close(stack, to);
  else operator(top, token.text);
}

function operator(top: Frame, text: string): void {
  if (COMPARING.has(text)) {
    if (top.operand) top.comparing = { operator: text, with: top.operand };
  } else if (text === ',') {
    if (top.argument === 0) top.first = top.operand;
    top.argument++;
    if (top.role !== 'list') top.comparing = null;
  } else if (!'+-*/%'.includes(text)) top.comparing = null;
  top.operand = null;
  top.dot = false;
}

function open(stack: Frame[], top: Frame, token: Token, text: string): void {
  // A filter nested deeper is refused.
  if (stack.length > LIMITS.filterDepth) return;
  const { operand } = top;
  if (token.text === '[') {
    stack.push(
      operand === null
        ? frame('list', token.from, null, top.comparing && { ...top.comparing, operator: '==' })
        : frame('key', token.from, { name: '', of: operand }, null),
    );
    return;
  }
  if (!operand) {
    stack.push(frame('group', token.from, null, null));
    return;
  }
  const name =
    /[A-Za-z_][A-Za-z0-9_]*$/.exec(text.slice(Math.max(0, operand.to - 64), operand.to))?.[0] ?? '';
  const of =
    operand.names === null
      ? operand
      : operand.names.length > 1
        ? named(operand.names.slice(0, -1), operand.from, operand.to - name.length - 1)
        : null;
  stack.push(frame('call', token.from, { name, of }, null));
}

function close(stack: Frame[], to: number): void {
  if (stack.length === 1) return;
  const { role, called, from, operand, comparing } = stack.pop()!;
  const top = stack.at(-1)!;
  const start = top.operand?.from ?? from;
  top.dot = false;
  if (role === 'group') {
    const type = comparing ? 'bool' : (operand?.type ?? null);
    top.operand = { type, field: null, from: start, to, names: null };
  } else if (role === 'list') top.operand = { type: 'list', field: null, from: start, to, names: null };
  else if (role === 'key') top.operand = { type: 'string', field: null, from: start, to, names: null };
  else {
    const { name, of } = called!;
    const type = (of ? METHODS.get(name) : FUNCTIONS.get(name))?.gives ?? null;
    top.operand = { type, field: null, from: start, to, names: null };
  }
}

function named(names: readonly string[], from: number, to: number): Operand {
  const name = names.join('.');
  const field = fieldNamed(name) ?? null;
  if (field) return { type: field.type, field, from, to, names };
  if (name === 'true' || name === 'false') return { type: 'bool', field: null, from, to, names };
  const keyed = fieldNamed(names.slice(0, -1).join('.'))?.type === 'map';
  return { type: keyed ? 'string' : null, field: null, from, to, names };
}

function member(operand: Operand, token: Token): Operand {
  if (operand.names) return named([...operand.names, token.text], operand.from, token.to);
  return { type: null, field: null, from: operand.from, to: token.to, names: null };
}

function placeIn(stack: readonly Frame[], typing: Token | null, text: string, cursor: number): Place {
  const top = stack.at(-1)!;
  const inString = typing?.kind === 'error';
  const typed = typing === null ? '' : inString ? typing.text.replace(/^[rR]?["']/, '') : typing.text;
  const from = typing?.from ?? cursor;
  const range: Range = [from, endOfWord(text, cursor, typing)];
  if (top.operand) {
    if (top.dot) {
      if (typing && typing.kind !== 'name') return { kind: 'nothing', typed, range };
      return { kind: 'member', typed, range, operand: top.operand };
    }
    if (typing?.kind === 'number' || inString || top.role === 'list' || top.role === 'key')
      return { kind: 'nothing', typed, range };
    const done = top.comparing !== null || top.operand.type === 'bool';
    return { kind: 'operator', typed, range: [top.operand.to, range[1]], operand: top.operand, done };
  }
  if (typing?.kind === 'operator') return { kind: 'nothing', typed, range };
  const called: Called | null =
    top.role === 'call' ? { ...top.called!, argument: top.argument, first: top.first } : null;
  const map = top.role === 'key' ? top.called!.of!.field : keyArgument(called);
  if (map?.type === 'map') return { kind: 'key', typed, range, map };
  if (top.role === 'key') return { kind: 'nothing', typed, range };
  return { kind: 'value', typed, range, comparing: top.comparing, called, quoted: inString };
}

/** `map_get(map, "key", …)`. */
function keyArgument(called: Called | null): Field | null {
  return called?.name === 'map_get' && !called.of && called.argument === 1
    ? (called.first?.field ?? null)
    : null;
}

/**
 * The rest of the word under the cursor is replaced with it: of a dotted name all but the method called on it, of a
 * string as far as that is surely this one.
 */
function endOfWord(text: string, cursor: number, typing: Token | null): number {
  const following = (pattern: RegExp) => cursor + pattern.exec(text.slice(cursor, cursor + 256))![0].length;
  if (typing?.kind === 'name') return following(/^\w*(?:\.\w+(?![\w(]))*/);
  if (typing?.kind !== 'error') return cursor;
  const end = following(/^[^\s"'()[\]]*/);
  return text[end] === typing.text.replace(/^[rR]/, '')[0] ? end + 1 : cursor;
}
