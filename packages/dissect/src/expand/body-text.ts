/** The text of a body: what is searched and what the page shows as text. */
import type { ExpandedBody } from '../protocol.ts';

const utf8 = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });

/**
 * At most the first `limit` bytes as text; null when they are none: neither valid in the declared charset, nor UTF-8 without a
 * NUL. Where the bytes end in the middle of a UTF-8 character (a cap, a truncated body) it is left off. Never a lone surrogate.
 */
export function bodyText(body: ExpandedBody, charset: string, limit: number): string | null {
  const bytes = body.bytes.length > limit ? body.bytes.subarray(0, limit) : body.bytes;
  const cut = body.truncated || bytes.length < body.bytes.length;
  if (charset !== '' && charset !== 'utf-8' && charset !== 'utf8' && charset !== 'us-ascii') {
    const declared = decodeDeclared(bytes, charset, cut);
    if (declared !== null) return declared;
  }
  if (bytes.includes(0)) return null;
  try {
    return utf8.decode(cut ? bytes.subarray(0, wholeCharacters(bytes)) : bytes);
  } catch {
    return null;
  }
}

function decodeDeclared(bytes: Buffer, charset: string, cut: boolean): string | null {
  try {
    // `stream` keeps an incomplete character at the end back instead of failing.
    return new TextDecoder(charset, { fatal: true }).decode(bytes, { stream: cut });
  } catch {
    return null;
  }
}

/** Length without an incomplete UTF-8 character at the end. */
function wholeCharacters(bytes: Buffer): number {
  const end = bytes.length;
  for (let back = 1; back <= 3 && back <= end; back++) {
    const byte = bytes[end - back]!;
    if (byte < 0x80) return end;
    if (byte >= 0xc0) {
      const needs = byte >= 0xf0 ? 4 : byte >= 0xe0 ? 3 : 2;
      return needs > back ? end - back : end;
    }
  }
  return end;
}

/** The charset parameter of the Content-Type, lower case; '' when there is none (RFC 9110 section 8.3.2). */
export function charsetOf(headers: readonly (readonly [string, string])[]): string {
  for (const [name, value] of headers)
    if (name.length === 12 && name.toLowerCase() === 'content-type')
      return /;\s*charset\s*=\s*"?([^\s";]{1,40})/i.exec(value)?.[1]?.toLowerCase() ?? '';
  return '';
}
