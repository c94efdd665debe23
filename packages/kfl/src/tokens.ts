/** The parts of a filter for colouring. Works on any text, valid or not. */
import { LIMITS } from '@kubeshark/model';
import type { FilterToken } from './filter.ts';
import { FUNCTIONS, METHODS } from './functions.ts';
import { EXPRESSIONS } from './kfl2.ts';
import type { Token } from './lexer.ts';
import { lex } from './lexer.ts';
import { fieldNamed } from './names.ts';

const KEYWORDS: ReadonlySet<string> = new Set(['true', 'false', 'in']);
/** Tokens that the lexer knows only to explain them: halves of operators. */
const HALVES: ReadonlySet<string> = new Set(['=', '&', '|']);

export function tokens(text: string): FilterToken[] {
  const out: FilterToken[] = [];
  const all = lex(text.slice(0, LIMITS.filterBytes));
  for (let i = 0; i < all.length; i++) {
    const token = all[i]!;
    switch (token.kind) {
      case 'end':
        break;
      case 'string':
      case 'number':
        out.push(spanning(token, token.kind));
        break;
      case 'operator':
        out.push(spanning(token, HALVES.has(token.text) ? 'error' : 'punctuation'));
        break;
      case 'error':
        pushError(out, token);
        break;
      case 'name':
        if (KEYWORDS.has(token.text)) out.push(spanning(token, 'keyword'));
        else i = pushNames(out, all, i);
        break;
    }
  }
  // `compile` refuses what is longer, and says so.
  if (text.length > LIMITS.filterBytes)
    out.push({ from: LIMITS.filterBytes, to: text.length, kind: 'error' });
  return out;
}

function spanning({ from, to }: { from: number; to: number }, kind: FilterToken['kind']): FilterToken {
  return { from, to, kind };
}

/** A string with a wrong escape keeps its colour around the mistake. */
function pushError(out: FilterToken[], token: Token): void {
  const { from, to, fault } = token;
  if (!fault) {
    out.push(spanning(token, 'error'));
    return;
  }
  for (const [start, end, kind] of [
    [from, fault[0], 'string'],
    [fault[0], fault[1], 'error'],
    [fault[1], to, 'string'],
  ] as const)
    if (end > start) out.push({ from: start, to: end, kind });
}

/**
 * A dotted name from token `first`: field, method, key of a map. What nobody knows stays without colour: while it is
 * being typed it is no mistake yet. Gives back the last token used.
 */
function pushNames(out: FilterToken[], all: readonly Token[], first: number): number {
  let last = first;
  while (isDot(all[last + 1]) && all[last + 2]?.kind === 'name') last += 2;
  const called = all[last + 1]?.kind === 'operator' && all[last + 1]!.text === '(';
  const name = all[last]!;
  // Behind a closing parenthesis or bracket stands a method or a key.
  const alone = !isDot(all[first - 1]);
  const lastOfField = called ? last - 2 : last;

  if (alone && lastOfField >= first) {
    const parts = all.slice(first, lastOfField + 1).filter((token) => token.kind === 'name');
    if (isKnown(parts.map((part) => part.text)))
      out.push({ from: all[first]!.from, to: all[lastOfField]!.to, kind: 'field' });
    else
      for (const token of all.slice(first, lastOfField + 1))
        if (token.kind === 'operator') out.push(spanning(token, 'punctuation'));
  }
  if (called) {
    const method = last > first || !alone;
    if (last > first) out.push(spanning(all[last - 1]!, 'punctuation'));
    if ((method ? METHODS : FUNCTIONS).has(name.text)) out.push(spanning(name, 'function'));
  }
  return last;
}

function isDot(token: Token | undefined): boolean {
  return token?.kind === 'operator' && token.text === '.';
}

/** A field, another name for something, or a map and a key. */
function isKnown(parts: readonly string[]): boolean {
  const name = parts.join('.');
  return (
    fieldNamed(name) !== undefined ||
    EXPRESSIONS.has(name) ||
    fieldNamed(parts.slice(0, -1).join('.'))?.type === 'map'
  );
}
