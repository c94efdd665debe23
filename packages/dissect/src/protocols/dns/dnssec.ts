/** Parts that several DNSSEC records share (RFC 4034). */
import type { DataReader } from './data-reader.ts';
import { typeName } from './numbers.ts';

/** More types than this in one bitmap are no zone's: shown as bytes, so that a hostile bitmap of 8 kB does not become 500 kB of names. */
const BITMAP_TYPES = 1_000;

export function typeCovered(data: DataReader): string {
  return typeName(data.u16());
}

/** The types whose bits are set, each after a space (RFC 4034 section 4.1.2). */
export function typeBitmap(data: DataReader): string {
  let text = '';
  let types = 0;
  let window = -1;
  while (data.left > 0) {
    const number = data.u8();
    const length = data.u8();
    if (number <= window || length === 0 || length > 32) {
      data.fail();
      return '';
    }
    window = number;
    for (let i = 0; i < length; i++) {
      const byte = data.u8();
      for (let bit = 0; bit < 8; bit++) {
        if ((byte & (0x80 >> bit)) === 0) continue;
        if (++types > BITMAP_TYPES) {
          data.fail();
          return '';
        }
        text += ` ${typeName(window * 256 + i * 8 + bit)}`;
      }
    }
  }
  return text;
}
