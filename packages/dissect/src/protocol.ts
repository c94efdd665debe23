/**
 * The contract of a protocol. Two halves:
 * *follow* runs where packets are, keeps the connection's state and writes records that can be understood alone;
 * *expand* is a pure function of one record, run by the hub, `read` and tests.
 */
import type { Limits, ProtocolNumber, RecordView, RecordWriter } from '@kubeshark/model';

/** Direction of bytes. */
export const CLIENT = 0;
export const SERVER = 1;
export type Side = typeof CLIENT | typeof SERVER;

/** Named oddities, counted by `FlowContext.anomaly` and shown in /metrics. Append freely. */
export type Anomaly =
  | 'http_bad_request_line'
  | 'http_bad_status_line'
  | 'http_bad_chunk'
  | 'http_conflicting_length'
  | 'http_resynchronised'
  | 'dns_malformed'
  | 'dns_resynchronised';

/** A limit has bitten, under its name. */
export type Cap = `cap_${keyof Limits}`;

/** How one direction of a stream ended. */
export type StreamEnd = 'fin' | 'reset' | 'idle' | 'capture_end';

/** Bytes that unfinished calls of all flows may hold together (`unfinishedBytes`). */
export interface ByteBudget {
  /** True when `n` bytes may be held; the caller gives them back with `give`. */
  take(n: number): boolean;
  give(n: number): void;
}

/** What a follower knows of its flow and may do. Owned by the flow; valid as long as it. */
export interface FlowContext {
  /** Head of a record with flow number, addresses, ports, transport, place filled in and everything else zero (times −1). */
  readonly template: Uint8Array;
  readonly out: RecordWriter;
  readonly limits: Limits;
  readonly budget: ByteBudget;
  /** Which side is the client was not seen but guessed; written as a flag on records. */
  readonly clientGuessed: boolean;
  /** The stream was joined in the middle (no SYN seen). */
  readonly midstream: boolean;
  /** Some packet of the flow so far was cut by the snap length. */
  readonly snapped: boolean;
  /** Segments of the flow so far that repeated bytes: a call during which it rose has the flag `retransmitted`. */
  readonly retransmissions: number;
  /** Number for the next entry of this flow. An open record and its revisions keep theirs. */
  nextIndex(): number;
  /** TCP sequence number of the first byte of the data being handed over now, in this direction (0 for datagrams). */
  sequence(): number;
  anomaly(name: Anomaly | Cap): void;
  /**
   * The rest of the flow belongs to another protocol (Upgrade, CONNECT). Bytes of this `data` call after `start + consumed` go there,
   * as does everything that follows. `protocol` null: detect anew.
   */
  handOver(protocol: ProtocolNumber | null): void;
}

/**
 * Asked after every call of a follower: true says that `advance` has nothing to do until the next one, so that it is not
 * called. A follower without it is called every 100 ms as long as its flow lives.
 */
export interface Idle {
  readonly idle?: boolean;
}

/**
 * Follows one TCP flow. Bytes come in order and may be cut anywhere. `bytes` is valid during the call only.
 * Times are µs since the epoch, of the packet; they do not go back.
 */
export interface StreamFollower extends Idle {
  /** Returns how many bytes it took: all of them, except after `handOver`. */
  data(from: Side, bytes: Buffer, start: number, end: number, time: number): number;
  /** `size` bytes of this direction were not captured, 0: nobody knows how many; resynchronise. */
  gap(from: Side, size: number, time: number): void;
  /** No more bytes of this direction. `reset` is told once for both directions. */
  end(from: Side, how: StreamEnd, time: number): void;
  /**
   * Time passes: announce calls open for `announceAfter`, time out unanswered ones. Called at most every 100 ms, with core
   * time, which may be ahead of the stamps of packets still to come.
   */
  advance(time: number): void;
  /** The flow is over: write what is pending, give back the budget. Nothing is called afterwards. */
  close(time: number): void;
}

/** Follows one UDP flow. */
export interface DatagramFollower extends Idle {
  /** `cut`: bytes of the datagram that the snap length left out. */
  datagram(from: Side, bytes: Buffer, start: number, end: number, cut: number, time: number): void;
  advance(time: number): void;
  close(time: number): void;
}

/**
 * What the first bytes of a direction look like. `request` and `response` also tell who the client is.
 * `more`: cannot say yet; asked again with more bytes, up to `detectBytes`.
 */
export type Probe = 'request' | 'response' | 'more' | 'no';

/** The following half; the expanding one is found by number (expand/registry.ts). */
export interface Protocol {
  readonly number: ProtocolNumber;
  readonly tcp?: {
    /** Server ports that make this protocol be asked first. */
    readonly ports: readonly number[];
    /** `hinted`: the port (or `--decode-as`) says it is this protocol, so weaker evidence is enough. */
    probe(bytes: Buffer, start: number, end: number, hinted: boolean): Probe;
    follow(flow: FlowContext): StreamFollower;
  };
  readonly udp?: {
    readonly ports: readonly number[];
    probe(bytes: Buffer, start: number, end: number, hinted: boolean): Probe;
    follow(flow: FlowContext): DatagramFollower;
  };
}

/** Body of one side after expanding. */
export interface ExpandedBody {
  /** Decoded as far as it can be, at most `decodedBodyBytes`. */
  bytes: Buffer;
  /** The content coding undone, e.g. `gzip`; '' for none. */
  encoding: string;
  /** `bytes` is not all of the body (cap of the worker, of decoding, or missing bytes). */
  truncated: boolean;
  /** Decoding ended at `decodedBodyBytes`. */
  decodingStopped?: boolean;
  /** Why decoding failed; then `bytes` is as sent. */
  error?: string;
  /** Media type as declared, lower case, without parameters; '' unknown. */
  mediaType: string;
}

export interface ExpandedSide {
  /** At most `LIMITS.headers`. */
  headers: [string, string][];
  /** Those beyond: how many, and their lines as sent. */
  furtherHeaders?: { count: number; text: string };
  body: ExpandedBody | null;
  /** Named as the specification names them; JSON values. */
  fields: Record<string, unknown>;
}

/** Pure functions of one record. The short ones are for lists and must not expand the rest. Hostile bytes: they never throw. */
export interface Expander {
  version(record: RecordView): string;
  operation(record: RecordView): string;
  target(record: RecordView): string;
  status(record: RecordView): string;
  /** `status` as a number, 0 when it is none. */
  statusCode(record: RecordView): number;
  /** null when that side was not seen. */
  request(record: RecordView): ExpandedSide | null;
  response(record: RecordView): ExpandedSide | null;
  /** Whole-entry fields (a flow's counters); {} for most. */
  fields(record: RecordView): Record<string, unknown>;
  /** Where values that rules may name lie, so that redaction can overwrite them in place. Calls `hit` for each. */
  secrets?(
    record: RecordView,
    rules: RedactionRules,
    hit: (section: number, start: number, length: number) => void,
  ): void;
}

/** What is overwritten before a record leaves the worker. Names in lower case. */
export interface RedactionRules {
  headers: ReadonlySet<string>;
  queryParameters: ReadonlySet<string>;
  /** Names of JSON members, at any depth. */
  jsonFields: ReadonlySet<string>;
}
