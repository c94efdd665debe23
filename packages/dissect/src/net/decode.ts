import type { Limits } from '@kubeshark/model';
import { EtherType } from '../link/ether-type.ts';
import { link, rawIp } from '../link/link.ts';
import { tcpHeader } from '../tcp/header.ts';
import { udpHeader } from '../udp/header.ts';
import type { Fragments } from './fragments.ts';
import { IpProtocol, ipv4, ipv6 } from './ip.ts';
import type { Packet } from './packet.ts';
import { Decoded } from './packet.ts';
import { gre, udpTunnel } from './tunnel.ts';

/**
 * From the link header to the innermost transport: its IP protocol number with `p` at its payload, or a negative
 * `Decoded`. Protocols other than TCP, UDP and ICMP: the number, with the cursor at their header.
 */
export function decode(p: Packet, linkType: number, fragments: Fragments, limits: Limits): number {
  let type = link(p, linkType);
  for (let depth = 0; depth < limits.headerDepth; depth++) {
    let protocol: number;
    if (type === EtherType.ipv4) protocol = ipv4(p, fragments);
    else if (type === EtherType.ipv6) protocol = ipv6(p, fragments, limits.headerDepth);
    else return type < 0 ? type : Decoded.ignored;
    switch (protocol) {
      case IpProtocol.tcp:
        return tcpHeader(p) ? protocol : Decoded.malformed;
      case IpProtocol.udp: {
        if (!udpHeader(p)) return Decoded.malformed;
        const inside = udpTunnel(p);
        if (inside === 0) return protocol;
        type = inside;
        break;
      }
      case IpProtocol.icmp:
      case IpProtocol.icmpv6:
        return icmpHeader(p) ? protocol : Decoded.malformed;
      case IpProtocol.ipv4:
      case IpProtocol.ipv6:
        type = rawIp(p);
        break;
      case IpProtocol.gre:
        type = gre(p);
        break;
      default:
        return protocol;
    }
  }
  return Decoded.tooDeep;
}

/** Types whose 5th and 6th bytes are an identifier (echo, timestamp, mask; ICMPv6 echo). */
function hasIdentifier(v6: boolean, type: number): boolean {
  return v6 ? type === 128 || type === 129 : type === 8 || type === 0 || (type >= 13 && type <= 18);
}

/** ICMP (RFC 792, 4443): type, and the identifier where there is one, take the place of ports. */
function icmpHeader(p: Packet): boolean {
  const { bytes, at } = p;
  if (p.end - at < 8) return false;
  p.icmpType = bytes[at]!;
  p.icmpCode = bytes[at + 1]!;
  p.srcPort = p.icmpType;
  p.dstPort = hasIdentifier(p.v6, p.icmpType) ? (bytes[at + 4]! << 8) | bytes[at + 5]! : 0;
  p.at = at + 8;
  return true;
}
