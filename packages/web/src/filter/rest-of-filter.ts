/** The filter around the condition that is being typed: what the counts of its values are counted in. */
import { compile, tokens } from '@kubeshark/kfl';

const OPENING = new Set(['(', '[']);
const CLOSING = new Set([')', ']']);

/**
 * The conditions beside the one at `cursor`, those that `&&` joins at the top. Empty where the rest is no filter of
 * its own, or where an alternative makes "the rest" mean nothing.
 */
export function restOfFilter(text: string, cursor: number): string {
  const parts: { from: number; to: number }[] = [];
  let [depth, from] = [0, 0];
  for (const token of tokens(text)) {
    if (token.kind !== 'punctuation') continue;
    const sign = text.slice(token.from, token.to);
    if (OPENING.has(sign)) depth++;
    else if (CLOSING.has(sign)) depth--;
    else if (depth !== 0) continue;
    else if (sign === '||' || sign === '?') return '';
    else if (sign === '&&') {
      parts.push({ from, to: token.from });
      from = token.to;
    }
  }
  parts.push({ from, to: text.length });
  const rest = parts
    .filter((part) => cursor < part.from || cursor > part.to)
    .map((part) => text.slice(part.from, part.to).trim())
    .filter((part) => part !== '')
    .join(' && ');
  return 'filter' in compile(rest, { now: 0 }) ? rest : '';
}
