/** What a user typed as a filter, compiled; a mistake is shown in its place. */
import type { Filter } from '@kubeshark/kfl';
import { compile } from '@kubeshark/kfl';
import { UserError } from './user-error.ts';

/** Throws `UserError` with the text, a caret under what is wrong, and what to do. */
export function filterOf(text: string): Filter {
  const result = compile(text, { now: Date.now() * 1_000 });
  if ('filter' in result) return result.filter;
  const { message, range, hint, fix } = result.error;
  const [from, to] = range;
  const caret = `${' '.repeat(from)}${'^'.repeat(Math.max(1, to - from))}`;
  const lines = [`the filter is not valid: ${message}`, `  ${text}`, `  ${caret}`];
  if (hint) lines.push(hint);
  if (fix) lines.push(`Try: ${text.slice(0, from)}${fix}${text.slice(to)}`);
  throw new UserError(lines.join('\n'), 2);
}
