import type { Packet } from '../net/packet.ts';

export const TcpFlag = { fin: 1, syn: 2, rst: 4, ack: 16 } as const;

/** A TCP header (RFC 9293 section 3.1) at the cursor: fields into `p`, cursor at the payload. False when it is too short. */
export function tcpHeader(p: Packet): boolean {
  const { bytes, view, at } = p;
  if (p.end - at < 20) return false;
  const length = (bytes[at + 12]! >> 4) << 2;
  if (length < 20 || at + length > p.wireEnd) return false;
  p.srcPort = view.getUint16(at);
  p.dstPort = view.getUint16(at + 2);
  p.seq = view.getInt32(at + 4);
  p.ack = view.getInt32(at + 8);
  p.flags = bytes[at + 13]!;
  p.window = view.getUint16(at + 14);
  p.options = at + 20;
  p.at = at + length;
  return true;
}

/** Window scale (RFC 7323 section 2) of a SYN's options, 0 when there is none. */
export function windowScale(p: Packet): number {
  const { bytes } = p;
  const end = Math.min(p.at, p.end);
  for (let at = p.options; at < end; ) {
    const kind = bytes[at]!;
    if (kind === 0) return 0;
    if (kind === 1) {
      at++;
      continue;
    }
    const length = at + 1 < end ? bytes[at + 1]! : 0;
    if (length < 2) return 0;
    if (kind === 3 && length === 3 && at + 2 < end) return Math.min(bytes[at + 2]!, 14);
    at += length;
  }
  return 0;
}
