/** Texts cut for a page: a line of a megabyte stops the browser. */
import { formatCount } from '@kubeshark/model';

/** Characters of one line, such as a header or a string of a JSON document. */
const LINE = 4_000;

/** The text up to `limit` characters, never ending within a surrogate pair. */
export function cutText(text: string, limit: number): string {
  if (text.length <= limit) return text;
  const last = text.charCodeAt(limit - 1);
  return text.slice(0, last >= 0xd800 && last <= 0xdbff ? limit - 1 : limit);
}

/** What of a line is shown, and in words what more there is: '' when it is all of it. */
export function lineParts(text: string): [shown: string, more: string] {
  const shown = cutText(text, LINE);
  const rest = text.length - shown.length;
  return [shown, rest === 0 ? '' : ` … ${formatCount(rest)} more`];
}

/** A line with that word at its end. */
export function cutLine(text: string): string {
  return lineParts(text).join('');
}
