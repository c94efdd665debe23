import type { Packet } from '../net/packet.ts';
import { Decoded } from '../net/packet.ts';
import { EtherType } from './ether-type.ts';

/** NFULA_PAYLOAD */
const PAYLOAD = 9;

/**
 * LINKTYPE_NFLOG: family, version, resource id, then attributes (length, type, value, padded to 4) in the byte order of
 * the machine that captured. The payload attribute is an IP packet.
 */
export function nflog(p: Packet): number {
  const { bytes } = p;
  if (p.end - p.at < 8) return Decoded.malformed;
  const family = bytes[p.at]!;
  let at = p.at + 4;
  // The first attribute (the packet header's, 8 bytes) tells the byte order.
  const little = bytes[at + 1] === 0;
  while (at + 4 <= p.end) {
    const length = little ? bytes[at]! | (bytes[at + 1]! << 8) : (bytes[at]! << 8) | bytes[at + 1]!;
    const type =
      (little ? bytes[at + 2]! | (bytes[at + 3]! << 8) : (bytes[at + 2]! << 8) | bytes[at + 3]!) & 0x7fff;
    if (length < 4) return Decoded.malformed;
    if (type === PAYLOAD) {
      p.at = at + 4;
      p.wireEnd = Math.max(p.end, at + length);
      if (at + length < p.end) p.end = p.wireEnd = at + length;
      if (family === 2) return EtherType.ipv4;
      return family === 10 ? EtherType.ipv6 : Decoded.ignored;
    }
    at += (length + 3) & ~3;
  }
  return Decoded.malformed;
}
