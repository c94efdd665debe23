import type { Packet } from '../net/packet.ts';
import { limit } from '../net/packet.ts';

/** A UDP header (RFC 768) at the cursor: ports into `p`, cursor at the payload, its end where the header says. */
export function udpHeader(p: Packet): boolean {
  const { view, at } = p;
  if (p.end - at < 8) return false;
  const length = view.getUint16(at + 4);
  // 0: a jumbogram (RFC 2675), or offload left it out.
  if (length !== 0) {
    if (length < 8) return false;
    limit(p, at + length);
  }
  p.srcPort = view.getUint16(at);
  p.dstPort = view.getUint16(at + 2);
  p.at = at + 8;
  return true;
}
