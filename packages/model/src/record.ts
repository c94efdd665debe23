/**
 * The record: one entry as bytes, written by a worker straight into the outgoing batch and understood alone.
 * Fixed head, then sections. Little-endian. What the sections hold is the protocol's own business (its `expand`).
 */

import type { Kind, Outcome, ProtocolName, State } from './protocols.ts';
import { KINDS, OUTCOMES, protocolName, STATES } from './protocols.ts';

/** Codec version, named by each batch. A hub reads this one and the one before. */
export const CODEC_VERSION = 1;

/** IP protocol numbers without ports. */
const ICMP = 1;
const ICMPV6 = 58;

/** Offsets in the fixed head. */
export const Head = {
  /** u32: bytes of the whole record, head included. */
  length: 0,
  kind: 4,
  state: 5,
  protocol: 6,
  outcome: 7,
  /** u32: 0 for the first; higher replaces lower. */
  revision: 8,
  /** u32: bits of `Flag`. */
  flags: 12,
  /** f64: µs since the epoch, of the first byte of the request (or of the response when there is no request). */
  timestamp: 16,
  /** f64: µs until the last byte of the response; −1 when there is none (yet). */
  elapsed: 24,
  /** f64: µs from `timestamp` to the last byte of the request; −1 unknown. */
  requestEnd: 32,
  /** f64: µs from `timestamp` to the first byte of the response; −1 unknown. */
  responseStart: 40,
  /** f64: number of the flow in this worker boot, from 1. */
  flow: 48,
  /** u32: number of the entry in its flow, from 1; 0 is the flow's own row. */
  index: 56,
  /** u16, u16: ports (ICMP: type and identifier, which are none). src is the client. */
  srcPort: 60,
  dstPort: 62,
  /** 16 bytes each: IPv6, or IPv4 mapped (::ffff:a.b.c.d). */
  srcIp: 64,
  dstIp: 80,
  /** u8: IP protocol number (6 TCP, 17 UDP, 1 ICMP, 58 ICMPv6). */
  transport: 96,
  /** u8: protocol version, major << 4 | minor; 0 unknown. */
  version: 97,
  /** u16: index into the batch's `places`. */
  place: 98,
  /**
   * The call key (same at both ends of a connection, through address translation). u32 TCP sequence numbers of the first bytes, of
   * a flow those of its connection; 0 for UDP.
   */
  requestSeq: 100,
  responseSeq: 104,
  /** u32: HTTP/2 stream, DNS message id; 0 otherwise. */
  stream: 108,
  /** 2 × u32: hash of the first 256 bytes of the request (of the response when there is no request); of a TCP flow 1. 0: no key. */
  hashLow: 112,
  hashHigh: 116,
  /** f64: bytes of the whole message on the wire, framing included. */
  requestSize: 120,
  responseSize: 128,
  /** f64: body bytes after transfer coding, kept or not. */
  requestBodySize: 136,
  responseBodySize: 144,
  /** f64: bytes that were not captured inside this entry. */
  missing: 152,
  /** 8 × u32: lengths of the sections, in the order of `Section`. */
  sections: 160,
  size: 192,
} as const;

/** Sections, in their order after the head. */
export const Section = {
  requestHead: 0,
  requestBody: 1,
  requestTail: 2,
  responseHead: 3,
  responseBody: 4,
  responseTail: 5,
  /** Of the protocol's own choosing (counters of a flow, names learnt from the connection). */
  extra: 6,
  /** Ranges overwritten by redaction: triples of u32 (section, start, length). */
  redactions: 7,
} as const;
export type SectionNumber = (typeof Section)[keyof typeof Section];
export const SECTION_COUNT = 8;

export const Flag = {
  requestBodyTruncated: 1,
  responseBodyTruncated: 2,
  /** Some packet of it was cut by the snap length. */
  snapped: 4,
  /** The stream was joined in the middle. */
  midstream: 8,
  /** Which side is the client was guessed. */
  clientGuessed: 16,
  /** The head exceeded `headBytes`. */
  headTruncated: 32,
  /** Bodies were left out because the spool was filling. */
  bodiesLeftOut: 64,
  /** Flow row: calls were recognised in this flow, so lists hide the row unless asked. */
  flowHasCalls: 128,
  /** Bytes of the stream were sent again within this call. */
  retransmitted: 256,
} as const;

/** A section's bytes without a copy. */
export interface Span {
  bytes: Buffer;
  start: number;
  end: number;
}

/** A cursor over one record. `at` sets and moves it: no allocation per record. */
export class RecordView {
  bytes!: Buffer;
  start = 0;

  at(bytes: Buffer, start: number): this {
    this.bytes = bytes;
    this.start = start;
    return this;
  }

  get length(): number {
    return this.bytes.readUInt32LE(this.start + Head.length);
  }
  get kind(): Kind {
    return KINDS[this.bytes[this.start + Head.kind] ?? 0] ?? 'call';
  }
  get state(): State {
    return STATES[this.bytes[this.start + Head.state] ?? 0] ?? 'closed';
  }
  get protocolNumber(): number {
    return this.bytes[this.start + Head.protocol] ?? 0;
  }
  get protocol(): ProtocolName {
    return protocolName(this.protocolNumber);
  }
  get outcome(): Outcome {
    return OUTCOMES[this.bytes[this.start + Head.outcome] ?? 0] ?? 'incomplete';
  }
  get revision(): number {
    return this.bytes.readUInt32LE(this.start + Head.revision);
  }
  get flags(): number {
    return this.bytes.readUInt32LE(this.start + Head.flags);
  }
  get timestamp(): number {
    return this.bytes.readDoubleLE(this.start + Head.timestamp);
  }
  get elapsed(): number {
    return this.bytes.readDoubleLE(this.start + Head.elapsed);
  }
  get requestEnd(): number {
    return this.bytes.readDoubleLE(this.start + Head.requestEnd);
  }
  get responseStart(): number {
    return this.bytes.readDoubleLE(this.start + Head.responseStart);
  }
  get flow(): number {
    return this.bytes.readDoubleLE(this.start + Head.flow);
  }
  get index(): number {
    return this.bytes.readUInt32LE(this.start + Head.index);
  }
  /** 0 where there are no ports: ICMP. */
  get srcPort(): number {
    return this.hasPorts ? this.bytes.readUInt16LE(this.start + Head.srcPort) : 0;
  }
  get dstPort(): number {
    return this.hasPorts ? this.bytes.readUInt16LE(this.start + Head.dstPort) : 0;
  }
  private get hasPorts(): boolean {
    const { transport } = this;
    return transport !== ICMP && transport !== ICMPV6;
  }
  get srcIp(): string {
    return formatIp(this.bytes, this.start + Head.srcIp);
  }
  get dstIp(): string {
    return formatIp(this.bytes, this.start + Head.dstIp);
  }
  get transport(): number {
    return this.bytes[this.start + Head.transport] ?? 0;
  }
  get version(): number {
    return this.bytes[this.start + Head.version] ?? 0;
  }
  get place(): number {
    return this.bytes.readUInt16LE(this.start + Head.place);
  }
  get requestSeq(): number {
    return this.bytes.readUInt32LE(this.start + Head.requestSeq);
  }
  get responseSeq(): number {
    return this.bytes.readUInt32LE(this.start + Head.responseSeq);
  }
  get stream(): number {
    return this.bytes.readUInt32LE(this.start + Head.stream);
  }
  get requestSize(): number {
    return this.bytes.readDoubleLE(this.start + Head.requestSize);
  }
  get responseSize(): number {
    return this.bytes.readDoubleLE(this.start + Head.responseSize);
  }
  get requestBodySize(): number {
    return this.bytes.readDoubleLE(this.start + Head.requestBodySize);
  }
  get responseBodySize(): number {
    return this.bytes.readDoubleLE(this.start + Head.responseBodySize);
  }
  get missing(): number {
    return this.bytes.readDoubleLE(this.start + Head.missing);
  }

  /** Lists leave it out unless asked: a flow in which calls were recognised, a handshake that succeeded. */
  get hidden(): boolean {
    const { kind } = this;
    if (kind === 'flow') return (this.flags & Flag.flowHasCalls) !== 0;
    return kind === 'handshake' && this.outcome === 'ok';
  }

  /** `boot.flow.index`, the entry's id. */
  id(boot: string): string {
    return `${boot}.${this.flow.toString(36)}.${this.index.toString(36)}`;
  }

  /** Key under which sightings of one call at several places meet. Equal keys are compared by `responseSeq` too, where both know it. */
  callKey(): string {
    const at = this.start;
    const text = (from: number, to: number) => this.bytes.toString('latin1', at + from, at + to);
    return (
      text(Head.hashLow, Head.hashHigh + 4) +
      text(Head.stream, Head.stream + 4) +
      text(Head.requestSeq, Head.requestSeq + 4) +
      String.fromCharCode(this.transport, this.protocolNumber)
    );
  }

  sectionLength(section: SectionNumber): number {
    return this.bytes.readUInt32LE(this.start + Head.sections + section * 4);
  }

  /** Where a section lies; the bytes are the record's own. */
  section(section: SectionNumber): Span {
    let start = this.start + Head.size;
    for (let i = 0; i < section; i++) start += this.bytes.readUInt32LE(this.start + Head.sections + i * 4);
    return { bytes: this.bytes, start, end: start + this.sectionLength(section) };
  }

  sectionBytes(section: SectionNumber): Buffer {
    const { start, end } = this.section(section);
    return this.bytes.subarray(start, end);
  }
}

/** Offsets of the records in `records`. */
export function* recordOffsets(records: Buffer): Generator<number> {
  for (let at = 0; at < records.length; at += records.readUInt32LE(at + Head.length)) yield at;
}

/** Text of 16 address bytes: dotted for IPv4-mapped, RFC 5952 for IPv6. */
export function formatIp(bytes: Uint8Array, at: number): string {
  let mapped = true;
  for (let i = 0; i < 10 && mapped; i++) if (bytes[at + i] !== 0) mapped = false;
  if (mapped && bytes[at + 10] === 0xff && bytes[at + 11] === 0xff)
    return `${bytes[at + 12]}.${bytes[at + 13]}.${bytes[at + 14]}.${bytes[at + 15]}`;
  const groups: number[] = [];
  for (let i = 0; i < 16; i += 2) groups.push(((bytes[at + i] ?? 0) << 8) | (bytes[at + i + 1] ?? 0));
  // The longest run of two or more zero groups is written `::` (RFC 5952 section 4.2).
  let best = -1;
  let bestLength = 1;
  for (let i = 0; i < 8; i++) {
    let n = 0;
    while (i + n < 8 && groups[i + n] === 0) n++;
    if (n > bestLength) [best, bestLength] = [i, n];
    if (n > 0) i += n - 1;
  }
  const hex = (from: number, to: number) =>
    groups
      .slice(from, to)
      .map((g) => g.toString(16))
      .join(':');
  return best < 0 ? hex(0, 8) : `${hex(0, best)}::${hex(best + bestLength, 8)}`;
}

/** The 16 bytes of an address, or null when the text is none. */
export function parseIp(text: string): Uint8Array | null {
  const out = new Uint8Array(16);
  const v4 = /^(\d{1,3})\.(\d{1,3})\.(\d{1,3})\.(\d{1,3})$/.exec(text);
  if (v4) {
    out[10] = out[11] = 0xff;
    for (let i = 0; i < 4; i++) {
      const octet = Number(v4[i + 1]);
      if (octet > 255) return null;
      out[12 + i] = octet;
    }
    return out;
  }
  if (!/^[0-9a-fA-F:.]*:[0-9a-fA-F:.]*$/.test(text)) return null;
  const halves = text.split('::');
  if (halves.length > 2) return null;
  const groupsOf = (half: string): number[] | null => {
    if (half === '') return [];
    const groups: number[] = [];
    for (const part of half.split(':')) {
      if (part.includes('.')) {
        const tail = parseIp(part);
        if (!tail) return null;
        groups.push((tail[12]! << 8) | tail[13]!, (tail[14]! << 8) | tail[15]!);
      } else if (/^[0-9a-fA-F]{1,4}$/.test(part)) groups.push(Number.parseInt(part, 16));
      else return null;
    }
    return groups;
  };
  const left = groupsOf(halves[0] ?? '');
  const right = halves.length === 2 ? groupsOf(halves[1] ?? '') : [];
  if (!left || !right) return null;
  const zeros = 8 - left.length - right.length;
  if (halves.length === 2 ? zeros < 1 : zeros !== 0) return null;
  const groups = [...left, ...Array<number>(zeros).fill(0), ...right];
  for (let i = 0; i < 8; i++) {
    out[i * 2] = groups[i]! >> 8;
    out[i * 2 + 1] = groups[i]! & 255;
  }
  return out;
}
