import { LinkType } from '../dissector-types.ts';
import type { Packet } from '../net/packet.ts';
import { Decoded } from '../net/packet.ts';
import { EtherType } from './ether-type.ts';
import { ethernet, pppProtocol, shims } from './ethernet.ts';
import { nflog } from './nflog.ts';

/** The link header at the cursor: the EtherType of what it carries, or a negative `Decoded`. */
export function link(p: Packet, linkType: number): number {
  switch (linkType) {
    case LinkType.ethernet:
      return ethernet(p);
    case LinkType.sll:
      return cooked(p, 14, 16);
    case LinkType.sll2:
      return cooked(p, 0, 20);
    case LinkType.raw:
    case LinkType.ipv4:
    case LinkType.ipv6:
      return rawIp(p);
    case LinkType.null:
    case LinkType.loop:
      return loopback(p);
    case LinkType.ppp:
      return ppp(p);
    case LinkType.nflog:
      return nflog(p);
    default:
      return Decoded.unknownLink;
  }
}

/** Linux cooked capture: the EtherType stands at `typeAt` of a header of `size` bytes. */
function cooked(p: Packet, typeAt: number, size: number): number {
  if (p.end - p.at < size) return Decoded.malformed;
  const type = p.view.getUint16(p.at + typeAt);
  p.at += size;
  return shims(p, type);
}

export function rawIp(p: Packet): number {
  if (p.end <= p.at) return Decoded.malformed;
  const version = p.bytes[p.at]! >> 4;
  if (version === 4) return EtherType.ipv4;
  return version === 6 ? EtherType.ipv6 : Decoded.malformed;
}

/** PPP (RFC 1662), whose address and control bytes may be left out. */
function ppp(p: Packet): number {
  if (p.end - p.at >= 4 && p.view.getUint16(p.at) === 0xff03) p.at += 2;
  if (p.end - p.at < 2) return Decoded.malformed;
  p.at += 2;
  return pppProtocol(p.view.getUint16(p.at - 2));
}

/** BSD loopback: an address family in the byte order of the machine that captured (NULL) or of the network (LOOP). */
function loopback(p: Packet): number {
  if (p.end - p.at < 4) return Decoded.malformed;
  const value = p.view.getInt32(p.at);
  const family = value > 0 && value < 0x10000 ? value : p.bytes[p.at]! | (p.bytes[p.at + 1]! << 8);
  p.at += 4;
  if (family === 2) return EtherType.ipv4;
  // AF_INET6 of Linux, NetBSD, FreeBSD, macOS.
  return family === 10 || family === 24 || family === 28 || family === 30 ? EtherType.ipv6 : Decoded.ignored;
}
