/** IPv4 (RFC 791) and IPv6 (RFC 8200) headers. */
import type { Fragments } from './fragments.ts';
import type { Packet } from './packet.ts';
import { Decoded, limit } from './packet.ts';

export const IpProtocol = {
  hopByHop: 0,
  icmp: 1,
  ipv4: 4,
  tcp: 6,
  udp: 17,
  ipv6: 41,
  routing: 43,
  fragment: 44,
  gre: 47,
  ah: 51,
  icmpv6: 58,
  destination: 60,
  mobility: 135,
} as const;

/** The protocol inside, with the cursor at its header, `end` and `wireEnd` at the end of the datagram. */
export function ipv4(p: Packet, fragments: Fragments): number {
  const { bytes, view, at } = p;
  if (p.end - at < 20) return Decoded.malformed;
  const first = bytes[at]!;
  const header = (first & 15) << 2;
  if (first >> 4 !== 4 || header < 20 || at + header > p.end) return Decoded.malformed;
  const total = view.getUint16(at + 2);
  // Total length 0: a super-packet of segmentation offload (BIG TCP), as long as it was captured.
  if (total !== 0) {
    if (total < header) return Decoded.malformed;
    limit(p, at + total);
  }
  p.v6 = false;
  p.src = at + 12;
  p.dst = at + 16;
  p.at = at + header;
  const protocol = bytes[at + 9]!;
  const fragment = view.getUint16(at + 6) & 0x3fff;
  if (fragment === 0) return protocol;
  return fragments.add(
    p,
    protocol,
    view.getUint16(at + 4),
    (fragment & 0x1fff) << 3,
    (fragment & 0x2000) !== 0,
  );
}

/** As `ipv4`; walks extension headers, at most `maxHeaders`. */
export function ipv6(p: Packet, fragments: Fragments, maxHeaders: number): number {
  const { bytes, view, at } = p;
  if (p.end - at < 40 || bytes[at]! >> 4 !== 6) return Decoded.malformed;
  const payload = view.getUint16(at + 4);
  // Payload length 0: a jumbogram (RFC 2675) or BIG TCP, as long as it was captured.
  if (payload !== 0) {
    limit(p, at + 40 + payload);
  }
  p.v6 = true;
  p.src = at + 8;
  p.dst = at + 24;
  p.at = at + 40;
  return extensionHeaders(p, bytes[at + 6]!, fragments, maxHeaders);
}

function extensionHeaders(p: Packet, first: number, fragments: Fragments, maxHeaders: number): number {
  let protocol = first;
  for (let n = 0; n <= maxHeaders; n++) {
    const { bytes, view, at } = p;
    switch (protocol) {
      case IpProtocol.hopByHop:
      case IpProtocol.routing:
      case IpProtocol.destination:
      case IpProtocol.mobility: {
        if (p.end - at < 8) return Decoded.malformed;
        const length = (bytes[at + 1]! + 1) << 3;
        if (at + length > p.end) return Decoded.malformed;
        if (protocol === IpProtocol.routing) finalDestination(p, length);
        protocol = bytes[at]!;
        p.at = at + length;
        break;
      }
      case IpProtocol.ah: {
        if (p.end - at < 12) return Decoded.malformed;
        const length = (bytes[at + 1]! + 2) << 2;
        if (at + length > p.end) return Decoded.malformed;
        protocol = bytes[at]!;
        p.at = at + length;
        break;
      }
      case IpProtocol.fragment: {
        if (p.end - at < 8) return Decoded.malformed;
        const next = bytes[at]!;
        const field = view.getUint16(at + 2);
        p.at = at + 8;
        // RFC 6946: an atomic fragment is a whole datagram.
        if ((field & 0xfff9) === 0) {
          protocol = next;
          break;
        }
        const done = fragments.add(p, next, view.getInt32(at + 4), field & 0xfff8, (field & 1) !== 0);
        if (done < 0) return done;
        protocol = done;
        break;
      }
      default:
        return protocol;
    }
  }
  return Decoded.tooDeep;
}

/** With segments left the transport's destination is the last hop: the end of the list for type 0 and 2, its start for SRv6 (RFC 8754). */
function finalDestination(p: Packet, length: number): void {
  const { bytes, at } = p;
  if (bytes[at + 3] === 0 || length < 24) return;
  const type = bytes[at + 2];
  if (type === 0 || type === 2) p.dst = at + 8 + ((length - 8) & ~15) - 16;
  else if (type === 4) p.dst = at + 8;
}
