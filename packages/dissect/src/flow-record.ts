/** The `extra` section of a flow row: its counters as one fixed little-endian struct, for both halves. */
import type { Span } from '@kubeshark/model';

/** Where a flow stands. TCP: by its flags; UDP and ICMP: `established` once both sides spoke. The index is the wire number. */
export const FLOW_STATES = [
  'unknown',
  /** TCP: SYN seen, nothing from the server. UDP, ICMP: one side spoke. */
  'connecting',
  'established',
  /** One FIN. */
  'half_closed',
  /** Both FINs. */
  'closed',
  'reset',
] as const;
export type FlowState = (typeof FLOW_STATES)[number];

/** Why the flow's row is closed. The index is the wire number. */
export const FLOW_ENDS = [
  /** Not yet: the row is open. */
  'open',
  /** FINs of both sides. */
  'fin',
  'reset',
  'idle',
  /** The client's port was used for another connection. */
  'reused',
  /** The flow table was full. */
  'evicted',
  'capture_end',
] as const;
export type FlowEnd = (typeof FLOW_ENDS)[number];

/** What one side sent. */
export interface FlowSideCounters {
  packets: number;
  /** Whole packets on the wire, from the first link header. */
  bytes: number;
  /** TCP or UDP payload, retransmissions included; ICMP: after the first 8 bytes. */
  payloadBytes: number;
  retransmittedBytes: number;
  gapBytes: number;
  gaps: number;
  /** Segments that arrived after later bytes of the stream. */
  outOfOrder: number;
  /** Segments that announced a window of 0. */
  zeroWindows: number;
  syn: boolean;
  fin: boolean;
  rst: boolean;
}

export interface FlowCounters {
  state: FlowState;
  end: FlowEnd;
  /** Protocol recognised in the flow (number), 0 none. */
  protocol: number;
  /** Entries written for it: calls and messages. */
  calls: number;
  /** From the client's SYN to its first ACK after the SYN-ACK, µs; −1 unknown. */
  handshake: number;
  /** ICMP: type and code of the first message; 0 for others. */
  icmpType: number;
  icmpCode: number;
  client: FlowSideCounters;
  server: FlowSideCounters;
}

const SIDE = 56;
const HEAD = 24;
export const FLOW_RECORD_BYTES: number = HEAD + 2 * SIDE;

const SYN = 1;
const FIN = 2;
const RST = 4;

export function writeFlowCounters(counters: FlowCounters, out: Buffer): void {
  out.fill(0, 0, FLOW_RECORD_BYTES);
  out[0] = FLOW_STATES.indexOf(counters.state);
  out[1] = FLOW_ENDS.indexOf(counters.end);
  out[2] = counters.protocol;
  out[3] = counters.icmpType;
  out[4] = counters.icmpCode;
  out.writeUInt32LE(counters.calls, 8);
  out.writeDoubleLE(counters.handshake, 16);
  writeSide(counters.client, out, HEAD);
  writeSide(counters.server, out, HEAD + SIDE);
}

/** null when the section is not a flow's counters (hostile or older). */
export function readFlowCounters({ bytes, start, end }: Span): FlowCounters | null {
  if (end - start < FLOW_RECORD_BYTES) return null;
  return {
    state: FLOW_STATES[bytes[start]!] ?? 'unknown',
    end: FLOW_ENDS[bytes[start + 1]!] ?? 'open',
    protocol: bytes[start + 2]!,
    icmpType: bytes[start + 3]!,
    icmpCode: bytes[start + 4]!,
    calls: bytes.readUInt32LE(start + 8),
    handshake: finite(bytes.readDoubleLE(start + 16)),
    client: readSide(bytes, start + HEAD),
    server: readSide(bytes, start + HEAD + SIDE),
  };
}

function writeSide(side: FlowSideCounters, out: Buffer, at: number): void {
  out.writeDoubleLE(side.bytes, at);
  out.writeDoubleLE(side.payloadBytes, at + 8);
  out.writeDoubleLE(side.retransmittedBytes, at + 16);
  out.writeDoubleLE(side.gapBytes, at + 24);
  out.writeUInt32LE(side.packets, at + 32);
  out.writeUInt32LE(side.gaps, at + 36);
  out.writeUInt32LE(side.outOfOrder, at + 40);
  out.writeUInt32LE(side.zeroWindows, at + 44);
  out[at + 48] = (side.syn ? SYN : 0) | (side.fin ? FIN : 0) | (side.rst ? RST : 0);
}

function readSide(bytes: Buffer, at: number): FlowSideCounters {
  const flags = bytes[at + 48]!;
  return {
    bytes: finite(bytes.readDoubleLE(at)),
    payloadBytes: finite(bytes.readDoubleLE(at + 8)),
    retransmittedBytes: finite(bytes.readDoubleLE(at + 16)),
    gapBytes: finite(bytes.readDoubleLE(at + 24)),
    packets: bytes.readUInt32LE(at + 32),
    gaps: bytes.readUInt32LE(at + 36),
    outOfOrder: bytes.readUInt32LE(at + 40),
    zeroWindows: bytes.readUInt32LE(at + 44),
    syn: (flags & SYN) !== 0,
    fin: (flags & FIN) !== 0,
    rst: (flags & RST) !== 0,
  };
}

function finite(value: number): number {
  return Number.isFinite(value) ? value : 0;
}
