/** Packets with timestamps in, records out. Sans-IO: no sockets, files, timers or clock. */
import type { Limits, RecordWriter } from '@kubeshark/model';

/** Data link types, numbered as in capture files (LINKTYPE_*). */
export const LinkType = {
  null: 0,
  ethernet: 1,
  ppp: 9,
  raw: 101,
  loop: 108,
  sll: 113,
  ipv4: 228,
  ipv6: 229,
  nflog: 239,
  sll2: 276,
} as const;

export interface DissectorOptions {
  out: RecordWriter;
  limits?: Partial<Limits>;
  /** `tcp:9999` → protocol number. */
  decodeAs?: ReadonlyMap<string, number>;
  /** Called after every packet that may have completed records, so that a full writer is taken. */
  onRecords?: () => void;
}

export interface DissectorCounters {
  packets: number;
  bytes: number;
  undecoded: number;
  flows: number;
  calls: number;
  gaps: number;
  gapBytes: number;
  /** Anomalies, caps and oddities by name. */
  named: Map<string, number>;
}

export interface PacketDissector {
  readonly counters: DissectorCounters;
  /**
   * One packet. `bytes[start, end)` is what was captured, valid during the call only; `wireLength` what was sent.
   * `time` µs since the epoch, beyond the range of a Date counted and replaced by core time; core time never goes back. `place` indexes the places of the batch.
   * `vlan`: tag that the kernel took out of the frame, −1 none.
   */
  packet(
    bytes: Buffer,
    start: number,
    end: number,
    wireLength: number,
    time: number,
    linkType: number,
    place: number,
    vlan: number,
  ): void;
  /** Packet time has passed without packets: time-outs run. */
  advance(time: number): void;
  /** The capture is over: everything pending is written. */
  end(): void;
}
