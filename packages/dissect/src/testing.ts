/** Builds packets that read like a play, and collects what the dissector writes. For tests only. */
import type { Limits } from '@kubeshark/model';
import { Head, LIMITS, parseIp, RecordView, RecordWriter, recordOffsets } from '@kubeshark/model';
import { Dissector } from './dissector.ts';
import type { DissectorOptions } from './dissector-types.ts';
import { LinkType } from './dissector-types.ts';
import type { FlowCounters } from './flow-record.ts';
import { readFlowCounters } from './flow-record.ts';
import type { FlowContext, Probe, Protocol, Side, StreamEnd } from './protocol.ts';

export const T0 = 1_700_000_000_000_000;

/** Numbers in [0, 1), the same for the same seed (mulberry32). */
export function random(seed: number): () => number {
  let state = seed | 0;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let t = Math.imul(state ^ (state >>> 15), state | 1);
    t = (t + Math.imul(t ^ (t >>> 7), t | 61)) ^ t;
    return ((t ^ (t >>> 14)) >>> 0) / 4_294_967_296;
  };
}

const be16 = (n: number) => Buffer.from([(n >> 8) & 255, n & 255]);
const be32 = (n: number) => Buffer.from([n >>> 24, (n >>> 16) & 255, (n >>> 8) & 255, n & 255]);
const bytesOf = (data: string | Buffer) => (typeof data === 'string' ? Buffer.from(data, 'latin1') : data);

export const isV6 = (ip: string): boolean => ip.includes(':');

/** Address bytes: 4 or 16. */
function address(ip: string): Buffer {
  const bytes = Buffer.from(parseIp(ip)!);
  return isV6(ip) ? bytes : bytes.subarray(12);
}

export function ethernet(payload: Buffer, etherType: number = 0x0800, padTo = 0): Buffer {
  const frame = Buffer.concat([
    Buffer.from('0200000000010200000000020', 'latin1').subarray(0, 12),
    be16(etherType),
    payload,
  ]);
  return frame.length >= padTo ? frame : Buffer.concat([frame, Buffer.alloc(padTo - frame.length, 0xee)]);
}

export interface IpOptions {
  id?: number;
  /** Fragment offset in bytes, and whether more follow. */
  fragment?: { offset: number; more: boolean };
  /** IPv4 options, a multiple of 4 bytes. */
  options?: Buffer;
  /** Total (IPv4) or payload (IPv6) length to claim instead of the true one. */
  length?: number;
}

export function ipv4(
  src: string,
  dst: string,
  protocol: number,
  payload: Buffer,
  options: IpOptions = {},
): Buffer {
  const extra = options.options ?? Buffer.alloc(0);
  const fragment = options.fragment
    ? (options.fragment.offset >> 3) | (options.fragment.more ? 0x2000 : 0)
    : 0x4000;
  return Buffer.concat([
    Buffer.from([0x40 | (5 + extra.length / 4), 0]),
    be16(options.length ?? 20 + extra.length + payload.length),
    be16(options.id ?? 1),
    be16(fragment),
    Buffer.from([64, protocol, 0, 0]),
    address(src),
    address(dst),
    extra,
    payload,
  ]);
}

export function ipv6(
  src: string,
  dst: string,
  next: number,
  payload: Buffer,
  length = payload.length,
): Buffer {
  return Buffer.concat([
    Buffer.from([0x60, 0, 0, 0]),
    be16(length),
    Buffer.from([next, 64]),
    address(src),
    address(dst),
    payload,
  ]);
}

/** An IPv6 extension header of 8 bytes and `more`. */
export function extension(next: number, body: Buffer = Buffer.alloc(6)): Buffer {
  return Buffer.concat([Buffer.from([next, (body.length + 2) / 8 - 1]), body]);
}

export function ip(src: string, dst: string, protocol: number, payload: Buffer): Buffer {
  return isV6(src) ? ipv6(src, dst, protocol, payload) : ipv4(src, dst, protocol, payload);
}

export function udp(srcPort: number, dstPort: number, data: string | Buffer, length?: number): Buffer {
  const payload = bytesOf(data);
  return Buffer.concat([be16(srcPort), be16(dstPort), be16(length ?? 8 + payload.length), be16(0), payload]);
}

export interface SegmentFields {
  seq: number;
  ack?: number;
  flags: string;
  window?: number;
  options?: Buffer;
}

const FLAGS: Record<string, number> = { F: 1, S: 2, R: 4, P: 8, A: 16 };

export function segment(
  srcPort: number,
  dstPort: number,
  fields: SegmentFields,
  data: string | Buffer = '',
): Buffer {
  const options = fields.options ?? Buffer.alloc(0);
  let flags = 0;
  for (const letter of fields.flags) flags |= FLAGS[letter]!;
  return Buffer.concat([
    be16(srcPort),
    be16(dstPort),
    be32(fields.seq),
    be32(fields.ack ?? 0),
    Buffer.from([(5 + options.length / 4) << 4, flags]),
    be16(fields.window ?? 64_000),
    be16(0),
    be16(0),
    options,
    bytesOf(data),
  ]);
}

export function icmp(type: number, code: number, id: number, data: string | Buffer = ''): Buffer {
  return Buffer.concat([Buffer.from([type, code, 0, 0]), be16(id), be16(1), bytesOf(data)]);
}

/** A flow's row as tests look at it. */
export interface FlowRow extends FlowCounters {
  number: number;
  record: RecordView;
  from: string;
  to: string;
}

export interface Seen {
  /** `client: text`, `gap server 7`, `end client fin`, `close` in the order in which the follower was told. */
  events: string[];
  stream: [string, string];
  context: FlowContext;
}

/**
 * A protocol that remembers everything it is told. `probe` decides, by default that whoever says `hello` is the client
 * and whoever says `HELLO` the server.
 */
export function recorder(
  number: number,
  probe: (text: string, hinted: boolean) => Probe = (text) =>
    text.startsWith('hello')
      ? 'request'
      : text.startsWith('HELLO')
        ? 'response'
        : 'hello'.startsWith(text)
          ? 'more'
          : 'no',
  behaviour: {
    ports?: number[];
    onData?: (flow: FlowContext, text: string, from: Side) => number | undefined;
    onAdvance?: (flow: FlowContext) => void;
    idle?: boolean;
  } = {},
): Protocol & { flows: Seen[] } {
  const flows: Seen[] = [];
  const name = (side: Side) => (side === 0 ? 'client' : 'server');
  const begin = (context: FlowContext): Seen => {
    const seen: Seen = { events: [], stream: ['', ''], context };
    flows.push(seen);
    return seen;
  };
  const text = (b: Buffer, s: number, e: number) => b.toString('latin1', s, e);
  return {
    flows,
    number: number as Protocol['number'],
    tcp: {
      ports: behaviour.ports ?? [],
      probe: (b, s, e, hinted) => probe(text(b, s, e), hinted),
      follow(context) {
        const seen = begin(context);
        return {
          ...(behaviour.idle === undefined ? {} : { idle: behaviour.idle }),
          data(from, b, s, e) {
            const taken = behaviour.onData?.(context, text(b, s, e), from) ?? e - s;
            seen.events.push(`${name(from)}: ${text(b, s, s + taken)}`);
            seen.stream[from] += text(b, s, s + taken);
            return taken;
          },
          gap(from, size) {
            seen.events.push(`gap ${name(from)} ${size}`);
          },
          end(from: Side, how: StreamEnd) {
            seen.events.push(`end ${name(from)} ${how}`);
          },
          advance() {
            behaviour.onAdvance?.(context);
          },
          close() {
            seen.events.push('close');
          },
        };
      },
    },
    udp: {
      ports: behaviour.ports ?? [],
      probe: (b, s, e, hinted) => probe(text(b, s, e), hinted),
      follow(context) {
        const seen = begin(context);
        return {
          datagram(from, b, s, e, cut) {
            behaviour.onData?.(context, text(b, s, e), from);
            seen.events.push(`${name(from)}: ${text(b, s, e)}${cut > 0 ? ` cut ${cut}` : ''}`);
          },
          advance() {
            behaviour.onAdvance?.(context);
          },
          close() {
            seen.events.push('close');
          },
        };
      },
    },
  };
}

/** A protocol that takes every stream. */
export const everything = (number = 4): Protocol & { flows: Seen[] } => recorder(number, () => 'request');

/** A dissector and what came out of it. Packets are copied into one block that is overwritten after each call. */
export class Stage {
  readonly dissector: Dissector;
  readonly writer: RecordWriter = new RecordWriter(4_096);
  readonly records: Buffer[] = [];
  time = T0;
  linkType: number = LinkType.raw;
  place = 0;
  private readonly block = Buffer.alloc(300_000);

  constructor(
    protocols: Protocol[] = [],
    limits: Partial<Limits> = {},
    options: Partial<DissectorOptions> = {},
  ) {
    this.dissector = new Dissector(
      {
        out: this.writer,
        limits,
        onRecords: () => {
          this.records.push(Buffer.from(this.writer.records));
          this.writer.clear();
        },
        ...options,
      },
      protocols,
    );
  }

  /** One packet, `after` µs after the one before. `snap`: bytes captured of it. */
  packet(bytes: Buffer, { after = 1_000, snap = bytes.length, wire = bytes.length } = {}): void {
    this.time += after;
    // Not at the start of the block, and rubbish around it: offsets are not lengths.
    bytes.copy(this.block, 7, 0, snap);
    this.dissector.packet(this.block, 7, 7 + snap, wire, this.time, this.linkType, this.place, -1);
    this.block.fill(0xdd, 7, 7 + snap);
  }

  wait(micros: number): void {
    this.time += micros;
    this.dissector.advance(this.time);
  }

  end(): this {
    this.dissector.end();
    return this;
  }

  named(name: string): number {
    return this.dissector.counters.named.get(name) ?? 0;
  }

  /** The flow rows so far, in the order in which they were written. */
  rows(): FlowRow[] {
    const rows: FlowRow[] = [];
    for (const records of this.records)
      for (const at of recordOffsets(records)) {
        const record = new RecordView().at(records, at);
        if (record.kind !== 'flow') continue;
        const counters = readFlowCounters(record.section(6))!;
        rows.push({
          ...counters,
          number: record.flow,
          record,
          from: `${record.srcIp}:${record.srcPort}`,
          to: `${record.dstIp}:${record.dstPort}`,
        });
      }
    return rows;
  }

  /** Rows of flows that are over. */
  closed(): FlowRow[] {
    return this.rows().filter((row) => row.record.state === 'closed');
  }
}

/** One side of a TCP play. */
export interface Speaker {
  /** Sends data in order; what it acknowledges is what the other side has sent so far. */
  say(data: string, how?: Send): void;
  /** Sends `data` as if it stood `offset` bytes after the stream's start. */
  at(offset: number, data: string, how?: Send): void;
  ack(offset?: number, how?: Send): void;
  /** Says bytes that are not captured: the other side has them. */
  skip(size: number): void;
  fin(how?: Send): void;
  rst(how?: Send & { offset?: number }): void;
}

export interface Send {
  after?: number;
  snap?: number;
  flags?: string;
  window?: number;
}

export interface TcpPlay {
  client: Speaker;
  server: Speaker;
  syn(how?: { data?: string; isn?: number; options?: Buffer }): void;
  synAck(how?: { options?: Buffer }): void;
  /** SYN, SYN-ACK, ACK. */
  open(): void;
  /** FIN, FIN, ACK. */
  close(): void;
}

interface TcpEnds {
  from?: string;
  fromPort?: number;
  to?: string;
  toPort?: number;
  clientIsn?: number;
  serverIsn?: number;
  /** Where the client's packets are redirected to; answers have the address that was asked for. */
  redirected?: { to: string; toPort: number };
}

/** A TCP connection on a stage. Sequence numbers are counted from the initial ones. */
export function tcp(
  stage: Stage,
  {
    from = '10.0.0.1',
    fromPort = 40_000,
    to = '10.0.0.2',
    toPort = 80,
    clientIsn = 1_000,
    serverIsn = 9_000,
    redirected,
  }: TcpEnds = {},
): TcpPlay {
  const isn = [clientIsn, serverIsn];
  /** Bytes each side has sent, as an offset in its stream; FIN counts one. */
  const sent = [0, 0];
  const send = (side: 0 | 1, fields: SegmentFields, data = '', how: Send = {}) => {
    const [src, dst, srcPort, dstPort] =
      side === 0
        ? [from, redirected?.to ?? to, fromPort, redirected?.toPort ?? toPort]
        : [to, from, toPort, fromPort];
    const payload = segment(
      srcPort,
      dstPort,
      { ...fields, ...(how.window === undefined ? {} : { window: how.window }) },
      data,
    );
    const bytes = ip(src, dst, 6, payload);
    stage.packet(bytes, {
      after: how.after ?? 1_000,
      // `snap` counts bytes of the data.
      snap: how.snap === undefined ? bytes.length : bytes.length - data.length + how.snap,
    });
  };
  const speaker = (side: 0 | 1): Speaker => {
    const other = side === 0 ? 1 : 0;
    const seq = (offset: number) => isn[side]! + 1 + offset;
    const ack = () => isn[other]! + 1 + sent[other]!;
    const me: Speaker = {
      say(data, how) {
        me.at(sent[side]!, data, how);
      },
      at(offset, data, how = {}) {
        send(side, { seq: seq(offset), ack: ack(), flags: how.flags ?? 'PA' }, data, how);
        sent[side] = Math.max(sent[side]!, offset + data.length);
      },
      skip(size) {
        sent[side]! += size;
      },
      ack(offset, how = {}) {
        send(
          side,
          { seq: seq(sent[side]!), ack: offset === undefined ? ack() : isn[other]! + 1 + offset, flags: 'A' },
          '',
          how,
        );
      },
      fin(how = {}) {
        send(side, { seq: seq(sent[side]!), ack: ack(), flags: 'FA' }, '', how);
        sent[side]!++;
      },
      rst(how = {}) {
        send(side, { seq: seq(how.offset ?? sent[side]!), ack: ack(), flags: 'RA' }, '', how);
      },
    };
    return me;
  };
  const client = speaker(0);
  const server = speaker(1);
  const play: TcpPlay = {
    client,
    server,
    syn({ data = '', isn: start, options } = {}) {
      if (start !== undefined) isn[0] = start;
      sent[0] = data.length;
      send(0, { seq: isn[0]!, flags: 'S', ...(options ? { options } : {}) }, data);
    },
    synAck({ options } = {}) {
      send(1, { seq: isn[1]!, ack: isn[0]! + 1 + sent[0]!, flags: 'SA', ...(options ? { options } : {}) });
    },
    open() {
      play.syn();
      play.synAck();
      client.ack();
    },
    close() {
      client.fin();
      server.fin();
      client.ack();
    },
  };
  return play;
}

/** The records are what a hub would accept: lengths add up, numbers are numbers. Throws otherwise. */
export function checkRecords(records: Buffer): number {
  let n = 0;
  for (let at = 0; at < records.length; n++) {
    const length = records.readUInt32LE(at + Head.length);
    if (length < Head.size || length > LIMITS.recordBytes || at + length > records.length)
      throw new Error(`record length ${length}`);
    at += length;
  }
  return n;
}
