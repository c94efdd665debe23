import { viewOf } from '../view.ts';

/**
 * Where the parts of the packet being decoded lie: offsets into the captured block. One object, reused for every packet,
 * so that decoding allocates nothing.
 */
export class Packet {
  bytes: Buffer = Buffer.alloc(0);
  /** Of `bytes`. */
  view: DataView = viewOf(this.bytes);
  /** Cursor: start of what is decoded next; in the end of the payload of the transport. */
  at = 0;
  /** End of the captured bytes that belong to the current layer; padding is beyond it. */
  end = 0;
  /** Where the current layer ended on the wire: beyond `end` when the snap length cut it. */
  wireEnd = 0;
  /** Bytes of the whole frame on the wire. */
  frameBytes = 0;
  /** The packet's own stamp, µs. */
  time = 0;
  place = 0;

  v6 = false;
  /** Offsets of the addresses. */
  src = 0;
  dst = 0;

  srcPort = 0;
  dstPort = 0;
  /** TCP. Sequence numbers as int32: differences are taken modulo 2^32 with `| 0`. */
  seq = 0;
  ack = 0;
  flags = 0;
  window = 0;
  /** Offset of the first TCP option; they end at the payload. */
  options = 0;
  icmpType = 0;
  icmpCode = 0;

  /** What is read next lies in `bytes`; mostly where the packet before lay. */
  in(bytes: Buffer): void {
    if (bytes === this.bytes) return;
    this.bytes = bytes;
    this.view = viewOf(bytes);
  }
}

/** What decoding a layer gives when it gives no protocol number. */
export const Decoded = {
  /** Too short, or not what its header says. */
  malformed: -1,
  /** An IP fragment, kept until its datagram is complete. */
  held: -2,
  /** Well-formed, of no interest here: ARP, LLDP, … */
  ignored: -3,
  /** A link type that is not read here. */
  unknownLink: -4,
  /** More headers within each other than `headerDepth`. */
  tooDeep: -5,
} as const;

/** What follows `end` is padding. A length beyond the layer around it (faulty middleboxes) is not believed. */
export function limit(p: Packet, end: number): void {
  if (end < p.wireEnd) p.wireEnd = end;
  if (end < p.end) p.end = end;
}
