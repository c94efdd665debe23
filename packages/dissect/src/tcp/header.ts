import type { Packet } from '../net/packet.ts';
import { i32, u16 } from '../net/packet.ts';

export const TcpFlag = { fin: 1, syn: 2, rst: 4, ack: 16 } as const;

/** A TCP header (RFC 9293 section 3.1) at the cursor: fields into `p`, cursor at the payload. False when it is too short. */
export function tcpHeader(p: Packet): boolean {
  const { bytes, at } = p;
  if (p.end - at < 20) return false;
  const length = (bytes[at + 12]! >> 4) << 2;
  if (length < 20 || at + length > p.wireEnd) return false;
  p.srcPort = u16(bytes, at);
  p.dstPort = u16(bytes, at + 2);
  p.seq = i32(bytes, at + 4);
  p.ack = i32(bytes, at + 8);
  p.flags = bytes[at + 13]!;
  p.window = u16(bytes, at + 14);
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
