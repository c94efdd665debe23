/** Reads the parts of a record's data in order. Reading over the end gives zeroes and `ok` false, so that readers need no checks. */
import type { Span } from '@kubeshark/model';
import { nameText, quotedText, skipName } from './name.ts';

const BASE32_HEX = '0123456789abcdefghijklmnopqrstuv';

export class DataReader {
  readonly message: Span;
  at: number;
  readonly end: number;
  /** Nothing was read that is not there. */
  ok = true;

  constructor(message: Span, start: number, end: number) {
    this.message = message;
    this.at = start;
    this.end = end;
  }

  get left(): number {
    return this.end - this.at;
  }

  /** Everything was read, and nothing more. */
  get done(): boolean {
    return this.ok && this.at === this.end;
  }

  fail(): void {
    this.ok = false;
    this.at = this.end;
  }

  u8(): number {
    return this.take(1, (bytes, at) => bytes[at]!, 0);
  }
  u16(): number {
    return this.take(2, (bytes, at) => bytes.readUInt16BE(at), 0);
  }
  u32(): number {
    return this.take(4, (bytes, at) => bytes.readUInt32BE(at), 0);
  }

  /** `size` bytes as `read` makes of them. */
  take(size: number, read: (bytes: Buffer, at: number) => string): string;
  take<T>(size: number, read: (bytes: Buffer, at: number) => T, none: T): T;
  take<T>(size: number, read: (bytes: Buffer, at: number) => T, none?: T): T | string {
    if (this.left < size) {
      this.fail();
      return none ?? '';
    }
    const value = read(this.message.bytes, this.at);
    this.at += size;
    return value;
  }

  name(): string {
    const next = skipName(this.message.bytes, this.at, this.end);
    const text = next < 0 ? null : nameText(this.message, this.at);
    if (text === null) {
      this.fail();
      return '';
    }
    this.at = next;
    return text;
  }

  /** A length octet and so many bytes, in quotes (RFC 1035 section 3.3). */
  string(): string {
    const length = this.u8();
    return this.take(length, (bytes, at) => quotedText(bytes, at, at + length));
  }

  /** The same without quotes: a word. */
  plainString(): string {
    return this.string().slice(1, -1);
  }

  /** The same in hexadecimal; `-` for none (RFC 5155 section 3.3). */
  hexString(): string {
    const length = this.u8();
    return this.take(length, (bytes, at) => bytes.toString('hex', at, at + length)) || '-';
  }

  /** The same in base32hex without padding (RFC 4648 section 7, RFC 5155 section 3.3). */
  base32String(): string {
    const length = this.u8();
    return this.take(length, (bytes, at) => base32(bytes, at, at + length));
  }

  hex(length: number): string {
    return this.take(length, (bytes, at) => bytes.toString('hex', at, at + length));
  }

  base64(length: number): string {
    return this.take(length, (bytes, at) => bytes.toString('base64', at, at + length));
  }

  hexRest(): string {
    return this.hex(this.left);
  }

  base64Rest(): string {
    return this.base64(this.left);
  }

  quotedRest(): string {
    const length = this.left;
    return this.take(length, (bytes, at) => quotedText(bytes, at, at + length));
  }

  /** A part of `length` bytes with an end of its own. */
  part(length: number): DataReader {
    if (this.left < length) this.fail();
    const start = this.at;
    this.at = Math.min(this.end, start + length);
    return new DataReader(this.message, start, this.at);
  }
}

function base32(bytes: Uint8Array, start: number, end: number): string {
  let text = '';
  let bits = 0;
  let value = 0;
  for (let i = start; i < end; i++) {
    value = ((value << 8) | bytes[i]!) & 0xfff;
    bits += 8;
    while (bits >= 5) {
      bits -= 5;
      text += BASE32_HEX[(value >> bits) & 31];
    }
  }
  return bits > 0 ? text + BASE32_HEX[(value << (5 - bits)) & 31] : text;
}
