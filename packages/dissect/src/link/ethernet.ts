import type { Packet } from '../net/packet.ts';
import { Decoded, limit } from '../net/packet.ts';
import { EtherType } from './ether-type.ts';

/** An Ethernet frame at the cursor: the EtherType inside, with the cursor after its header. */
export function ethernet(p: Packet): number {
  if (p.end - p.at < 14) return Decoded.malformed;
  const type = p.view.getUint16(p.at + 12);
  p.at += 14;
  if (type === EtherType.ipv4 || type === EtherType.ipv6) return type;
  return shims(p, type);
}

/** What may stand between a link header and IP: VLAN tags, MPLS labels, PPPoE, LLC/SNAP. Each step moves the cursor on. */
export function shims(p: Packet, outer: number): number {
  let type = outer;
  for (;;) {
    switch (type) {
      case EtherType.vlan:
      case EtherType.qinq:
      case EtherType.qinq9100:
      case EtherType.qinq9200:
        if (p.end - p.at < 4) return Decoded.malformed;
        type = p.view.getUint16(p.at + 2);
        p.at += 4;
        continue;
      case EtherType.mpls:
      case EtherType.mplsMulticast:
        return mpls(p);
      case EtherType.pppoe:
        return pppoe(p);
      default:
        return type <= 1500 ? snap(p) : type;
    }
  }
}

/** RFC 3032: labels until the bottom of the stack. What follows is not named: IP by its version, else a pseudo-wire (RFC 4448). */
function mpls(p: Packet): number {
  for (;;) {
    if (p.end - p.at < 5) return Decoded.malformed;
    const bottom = (p.bytes[p.at + 2]! & 1) !== 0;
    p.at += 4;
    if (bottom) break;
  }
  const version = p.bytes[p.at]! >> 4;
  if (version === 4) return EtherType.ipv4;
  if (version === 6) return EtherType.ipv6;
  if (version !== 0) return Decoded.ignored;
  p.at += 4;
  return ethernet(p);
}

/** RFC 2516 session frame with PPP inside. */
function pppoe(p: Packet): number {
  if (p.end - p.at < 8) return Decoded.malformed;
  const protocol = p.view.getUint16(p.at + 6);
  limit(p, p.at + 6 + p.view.getUint16(p.at + 4));
  p.at += 8;
  return pppProtocol(protocol);
}

/** PPP protocol numbers (RFC 1332, 5072) as EtherTypes. */
export function pppProtocol(protocol: number): number {
  if (protocol === 0x0021) return EtherType.ipv4;
  return protocol === 0x0057 ? EtherType.ipv6 : Decoded.ignored;
}

/** IEEE 802.3 length instead of a type: LLC, of which only SNAP with EtherTypes carries IP. */
function snap(p: Packet): number {
  const { bytes, view, at } = p;
  if (p.end - at < 8 || view.getUint16(at) !== 0xaaaa || bytes[at + 2] !== 3) return Decoded.ignored;
  const type = view.getUint16(at + 6);
  p.at += 8;
  return type === EtherType.ipv4 || type === EtherType.ipv6 ? type : Decoded.ignored;
}
