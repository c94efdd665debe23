/** Addresses and networks as capture filters write them. */
import { isIPv4, isIPv6 } from 'node:net';
import type { Network } from './node.ts';

/** undefined for what is no address. */
export function parseAddress(text: string): Uint8Array | undefined {
  if (isIPv4(text)) return Uint8Array.from(text.split('.'), Number);
  if (!isIPv6(text) || text.includes('%')) return undefined;
  const [head = '', tail] = text.split('::');
  const before = words(head);
  const after = words(tail ?? '');
  const all = [...before, ...Array.from({ length: 8 - before.length - after.length }, () => 0), ...after];
  return Uint8Array.from(all.flatMap((word) => [word >> 8, word & 255]));
}

function words(part: string): number[] {
  if (part === '') return [];
  return part.split(':').flatMap((word) => {
    if (!word.includes('.')) return [Number.parseInt(word, 16)];
    const [a = 0, b = 0, c = 0, d = 0] = word.split('.').map(Number);
    return [(a << 8) | b, (c << 8) | d];
  });
}

export function prefixMask(bytes: number, bits: number): Uint8Array {
  return Uint8Array.from({ length: bytes }, (_, i) => {
    const here = Math.min(8, Math.max(0, bits - i * 8));
    return (0xff << (8 - here)) & 0xff;
  });
}

export function wholeAddress(address: Uint8Array): Network {
  return { address, mask: prefixMask(address.length, address.length * 8) };
}

/** `10.0.0.0/8`, `2001:db8::/32`, or with the last numbers left out, `10.1` for `10.1.0.0/16`. A text says what is wrong. */
export function parseNetwork(text: string, maskText?: string): Network | string {
  const [base = '', bits, rest] = text.split('/');
  const short = /^\d{1,3}(\.\d{1,3}){0,2}$/.test(base) ? base.split('.').length : 0;
  const address = parseAddress(short > 0 ? base + '.0'.repeat(4 - short) : base);
  if (!address || rest !== undefined) return 'expected a network such as 10.0.0.0/8';
  const width = address.length * 8;
  let mask = prefixMask(address.length, short > 0 ? short * 8 : width);
  if (maskText !== undefined) {
    const given = isIPv4(maskText) ? parseAddress(maskText) : undefined;
    if (!given || bits !== undefined || width !== 32) return 'expected a mask such as 255.255.0.0';
    mask = given;
  } else if (bits !== undefined) {
    if (!/^\d{1,3}$/.test(bits) || Number(bits) > width) return `expected a prefix length of 0 to ${width}`;
    mask = prefixMask(address.length, Number(bits));
  }
  if (address.some((byte, i) => (byte & ~mask[i]!) !== 0))
    return 'expected a network whose host bits are zero';
  return { address, mask };
}
