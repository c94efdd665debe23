/** What a body is, by its media type and first characters, and what a form or a query string holds. */

export type BodyKind = 'json' | 'form' | 'text' | 'binary';

export interface BodyDescription {
  kind: BodyKind;
  /** For people: `JSON`, `HTML`, `image/png`. */
  name: string;
  /** Extension of a file it is saved to. */
  extension: string;
}

const TEXTS: readonly (readonly [RegExp, string, string])[] = [
  [/^text\/html$|xhtml/, 'HTML', 'html.txt'],
  [/xml$/, 'XML', 'xml'],
  [/javascript$/, 'JavaScript', 'js.txt'],
  [/^text\/css$/, 'CSS', 'css'],
  [/^text\/csv$/, 'CSV', 'csv'],
];

/** The first header of a name, whatever its case. */
export function headerValue(
  headers: readonly (readonly [string, string])[],
  name: string,
): string | undefined {
  return headers.find(([key]) => key.toLowerCase() === name)?.[1];
}

/** Whether `text` is there decides between text and bytes: the media type is only what the sender claims. */
export function describeBody(contentType: string | undefined, text: string | undefined): BodyDescription {
  const media = (contentType ?? '').split(';')[0]?.trim().toLowerCase() ?? '';
  if (text === undefined) return { kind: 'binary', name: media || 'binary', extension: 'bin' };
  const start = text.trimStart()[0];
  if (/[/+]json$/.test(media) || start === '{' || start === '[')
    return { kind: 'json', name: 'JSON', extension: 'json' };
  if (media === 'application/x-www-form-urlencoded') return { kind: 'form', name: 'form', extension: 'txt' };
  for (const [pattern, name, extension] of TEXTS)
    if (pattern.test(media)) return { kind: 'text', name, extension };
  return { kind: 'text', name: media || 'text', extension: 'txt' };
}

/** Names and values of a form or query string that are listed one by one. */
const LISTED = 1_000;

/** Names and values of a form or query string, and how many more there are. What does not decode stays as it was sent. */
export function parameters(text: string): { pairs: [string, string][]; more: number } {
  if (text === '') return { pairs: [], more: 0 };
  const parts = text.split('&');
  const pairs = parts.slice(0, LISTED).map((pair): [string, string] => {
    const at = pair.indexOf('=');
    return at < 0 ? [decode(pair), ''] : [decode(pair.slice(0, at)), decode(pair.slice(at + 1))];
  });
  return { pairs, more: parts.length - pairs.length };
}

function decode(text: string): string {
  const spaced = text.replaceAll('+', ' ');
  try {
    return decodeURIComponent(spaced);
  } catch {
    return spaced;
  }
}

/** The parameters after the `?` of a request target. */
export function queryOf(target: string): ReturnType<typeof parameters> {
  const at = target.indexOf('?');
  if (at < 0) return { pairs: [], more: 0 };
  const hash = target.indexOf('#', at);
  return parameters(target.slice(at + 1, hash < 0 ? undefined : hash));
}
