/** Regular expressions: RE2's syntax, whose time is bounded by the text times the pattern. */
import { LIMITS } from '@kubeshark/model';
import { RE2JS } from 're2js';

export class PatternTooLarge extends Error {
  override readonly message = 'it is too large';
}

/** Throws what is wrong with it. */
export function compilePattern(pattern: string): RE2JS {
  if (patternSize(pattern) > LIMITS.filterPattern) throw new PatternTooLarge();
  // As in CEL a dot is any character but a newline; "(?s)" makes it any.
  return RE2JS.compile(pattern);
}

/**
 * Not less than the steps of the compiled pattern: each `{n}` may stand around all of it. RE2 itself refuses counts that
 * multiply to more than 1000.
 */
function patternSize(pattern: string): number {
  let times = 1;
  for (const [, least, , most] of pattern.matchAll(/\{(\d{1,4})(,(\d{0,4}))?\}/g))
    times = Math.min(1000, times * Math.max(1, Number(least), Number(most || 0)));
  return pattern.length * times;
}

/** Steps of a pattern that every engine's memory holds. */
const COMMON_SIZE = 4_000;
const COMMON =
  /^(?:[^\\()[\]{}*+?|^$.\p{Cc}]|\\[dDwWsSbB\\./+*?()[\]{}|^$-]|[.^$|)]|\((?:\?:)?|[*+?]\??|\{\d{1,3}(?:,\d{0,3})?\}\??|\[\^?(?:[^\\[\]\p{Cc}]|\\[dDwWsS\\./+*?()[\]{}|^$-])+\])*$/u;

/**
 * Whether a pattern is of the part of the syntax that RE2 and its translation to JavaScript surely read in the same way:
 * no flags, no classes by name (their Unicode tables have versions), no escapes of codes.
 */
export function isCommonPattern(pattern: string): boolean {
  return (
    patternSize(pattern) <= COMMON_SIZE &&
    COMMON.test(pattern) &&
    // A range that ends at a class, and a quantifier of an anchor, are read differently.
    !/-\\[dwsDWS]|\\[dwsDWS]-/.test(pattern) &&
    !/(?:[\^$|(:]|\\[bB])[*+?{]/.test(pattern.replaceAll('(?:', '('))
  );
}
