/** Domain names on the wire (RFC 1035 section 4.1.4) and as text (section 5.1). */
import type { Span } from '@kubeshark/model';
import { LIMITS } from '@kubeshark/model';
import { expandCaps } from '../../expand/caps.ts';

const POINTER = 0xc0;
/** RFC 1035 section 3.1: octets of a whole name, length octets included. */
const NAME_BYTES = 255;

/** Where the name that starts at `at` ends; −1 when it is none or reaches over `end`. Pointers are not followed. */
export function skipName(bytes: Uint8Array, at: number, end: number): number {
  while (at < end) {
    const length = bytes[at]!;
    if (length === 0) return at + 1;
    if (length >= POINTER) return at + 2 <= end ? at + 2 : -1;
    if (length >= 0x40) return -1;
    at += 1 + length;
  }
  return -1;
}

/**
 * Text of the name at `at` in a message: `.` for the root, else labels without the last dot. null for what is no name:
 * a pointer that does not lead back (so loops end), more than `dnsPointers` of them, over 255 octets, over the end.
 */
export function nameText(message: Span, at: number): string | null {
  const { bytes, start, end } = message;
  let text = '';
  let size = 1;
  let pointers = 0;
  /** The next pointer must lead before it. */
  let before = at;
  for (;;) {
    if (at >= end) return null;
    const length = bytes[at]!;
    if (length === 0) return text === '' ? '.' : text;
    if (length >= POINTER) {
      if (at + 2 > end) return null;
      if (++pointers > LIMITS.dnsPointers) {
        expandCaps.cap_dnsPointers++;
        return null;
      }
      const target = start + (((length & 0x3f) << 8) | bytes[at + 1]!);
      if (target >= before) return null;
      at = before = target;
      continue;
    }
    size += 1 + length;
    if (length >= 0x40 || size > NAME_BYTES || at + 1 + length > end) return null;
    text += text === '' ? '' : '.';
    text += labelText(bytes, at + 1, at + 1 + length);
    at += 1 + length;
  }
}

/** Escaped as in a master file: `\.` and the like, `\DDD` for what is not printable ASCII. */
function labelText(bytes: Buffer, start: number, end: number): string {
  for (let i = start; i < end; i++) {
    const byte = bytes[i]!;
    if (byte > 0x20 && byte < 0x7f && !isSpecial(byte)) continue;
    return escapeLabel(bytes, start, end);
  }
  return bytes.toString('latin1', start, end);
}

function escapeLabel(bytes: Uint8Array, start: number, end: number): string {
  let text = '';
  for (let i = start; i < end; i++) {
    const byte = bytes[i]!;
    if (byte <= 0x20 || byte >= 0x7f) text += decimalEscape(byte);
    else text += (isSpecial(byte) ? '\\' : '') + String.fromCharCode(byte);
  }
  return text;
}

/** `"` `$` `(` `)` `.` `;` `@` `\`: have a meaning in master files. */
function isSpecial(byte: number): boolean {
  return (
    byte === 0x22 ||
    byte === 0x24 ||
    byte === 0x28 ||
    byte === 0x29 ||
    byte === 0x2e ||
    byte === 0x3b ||
    byte === 0x40 ||
    byte === 0x5c
  );
}

function decimalEscape(byte: number): string {
  return `\\${String(byte).padStart(3, '0')}`;
}

/** A character string in quotes, as in TXT: `"` and `\` escaped, `\DDD` for what is not printable ASCII. */
export function quotedText(bytes: Uint8Array, start: number, end: number): string {
  let text = '"';
  for (let i = start; i < end; i++) {
    const byte = bytes[i]!;
    if (byte < 0x20 || byte >= 0x7f) text += decimalEscape(byte);
    else text += (byte === 0x22 || byte === 0x5c ? '\\' : '') + String.fromCharCode(byte);
  }
  return `${text}"`;
}
