/** Bytes of a body, whatever form the answer gave them in, and what can be shown of them. */
import { type Body, visibleParts } from '@kubeshark/model';
import { cutText } from './cut-text.ts';

/** A page of text; a longer document is taken apart when it is asked for. */
export const SHOWN_AT_FIRST = 256_000;

/** Bytes of a page of the hex view: the longest body is a few pages, and none is slow. */
export const HEX_PAGE = 65_536;

/** Bytes of a row: fewer where a row of many would not fit. */
export type HexWidth = 8 | 16;

export interface HexRow {
  offset: string;
  hex: string;
  ascii: string;
}

export function bytesOf(body: Body): Uint8Array<ArrayBuffer> {
  if (body.base64 !== undefined) return fromBase64(body.base64);
  return new TextEncoder().encode(body.text ?? '');
}

function fromBase64(text: string): Uint8Array<ArrayBuffer> {
  let binary: string;
  try {
    binary = atob(text);
  } catch {
    return new Uint8Array(0);
  }
  const bytes = new Uint8Array(binary.length);
  for (let i = 0; i < binary.length; i++) bytes[i] = binary.charCodeAt(i);
  return bytes;
}

/** Digits of an offset: as many as the last one needs. */
function offsetDigits(length: number): number {
  return Math.max(4, (length - 1).toString(16).length);
}

/** Characters of a row. */
export function hexColumns(length: number, width: HexWidth): number {
  const gaps = width / 8 - 1;
  return offsetDigits(length) + 1 + (3 * width - 1 + gaps) + 1 + width;
}

/** Rows from byte `begin` on, at most `count`: offset, hex in groups of eight, and printable ASCII. */
export function hexRows(bytes: Uint8Array, begin: number, count: number, width: HexWidth): HexRow[] {
  const rows: HexRow[] = [];
  const digits = offsetDigits(bytes.length);
  const end = Math.min(bytes.length, begin + count * width);
  for (let start = begin; start < end; start += width) {
    let hex = '';
    let ascii = '';
    for (let i = 0; i < width; i++) {
      const byte = bytes[start + i];
      if (i === 8) hex += ' ';
      if (i > 0) hex += ' ';
      hex += byte === undefined ? '  ' : byte.toString(16).padStart(2, '0');
      if (byte !== undefined) ascii += byte >= 0x20 && byte < 0x7f ? String.fromCharCode(byte) : '·';
    }
    rows.push({ offset: start.toString(16).padStart(digits, '0'), hex, ascii });
  }
  return rows;
}

/** Page `page` of a text, counted from 0: `SHOWN_AT_FIRST` characters, never half of a surrogate pair. */
export function textPage(text: string, page: number): string {
  const bound = (at: number) => cutText(text, at).length;
  return text.slice(bound(page * SHOWN_AT_FIRST), bound((page + 1) * SHOWN_AT_FIRST));
}

const SAMPLE = 4_000;
/** A few are a curiosity within a text. */
const FEW = 8;

/** Whether a text begins like bytes that are one by chance: more than a tenth of it are characters that nobody sees. */
export function isHardlyText(text: string): boolean {
  const sample = cutText(text, SAMPLE);
  const unseen = (visibleParts(sample, true).length - 1) / 2;
  return unseen > Math.max(FEW, sample.length / 10);
}
