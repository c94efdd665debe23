/** Tunnels: what they carry, with the cursor moved to it. */
import { EtherType } from '../link/ether-type.ts';
import { ethernet } from '../link/ethernet.ts';
import type { Packet } from './packet.ts';
import { Decoded } from './packet.ts';

export const VXLAN_PORT = 4789;
export const GENEVE_PORT = 6081;

/** GRE (RFC 2784, 2890): EtherType inside. ERSPAN carries mirrored Ethernet frames. */
export function gre(p: Packet): number {
  const { bytes, view, at } = p;
  if (p.end - at < 4) return Decoded.malformed;
  const flags = view.getUint16(at);
  const type = view.getUint16(at + 2);
  // Version 1 is PPTP's; a source route (0x4000) was removed by RFC 2784.
  if ((flags & 0x4007) !== 0) return Decoded.ignored;
  p.at = at + 4 + ((flags & 0x8000) >> 13) + ((flags & 0x2000) >> 11) + ((flags & 0x1000) >> 10);
  if (p.at > p.end) return Decoded.malformed;
  switch (type) {
    case EtherType.ethernet:
      return ethernet(p);
    case EtherType.erspan:
      // Type I has no header and no sequence number, type II 8 bytes.
      if ((flags & 0x1000) !== 0) p.at += 8;
      return ethernet(p);
    case EtherType.erspan3:
      // 12 bytes, 8 more when the O bit says so.
      if (p.end - p.at < 12) return Decoded.malformed;
      p.at += 12 + ((bytes[p.at + 11]! & 1) << 3);
      return ethernet(p);
    default:
      return type;
  }
}

/** VXLAN (RFC 7348) or Geneve (RFC 8926) in a UDP payload: the EtherType inside, or 0 when it is none of them. */
export function udpTunnel(p: Packet): number {
  const { bytes, view, at } = p;
  if (p.end - at < 8) return 0;
  if (p.dstPort === VXLAN_PORT) {
    // The I flag must be set, everything else that is reserved clear.
    if (bytes[at] !== 8 || bytes[at + 7] !== 0) return 0;
    p.at += 8;
    return ethernet(p);
  }
  if (p.dstPort === GENEVE_PORT) {
    const first = bytes[at]!;
    if (first >> 6 !== 0) return 0;
    const start = at + 8 + ((first & 63) << 2);
    if (start > p.end) return 0;
    const type = view.getUint16(at + 2);
    p.at = start;
    return type === EtherType.ethernet ? ethernet(p) : type;
  }
  return 0;
}
