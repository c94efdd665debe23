import type { Limits, RecordWriter } from '@kubeshark/model';
import type { DissectorCounters } from './dissector-types.ts';
import type { Flow } from './flow.ts';
import type { FlowTable } from './flow-table.ts';
import type { Anomaly, Cap } from './protocol.ts';
import type { Registry } from './registry.ts';
import type { Redirects } from './tcp/redirects.ts';
import type { TimerWheel } from './timer-wheel.ts';

/** What all flows of one dissector share. */
export interface Core {
  readonly out: RecordWriter;
  readonly limits: Limits;
  readonly counters: DissectorCounters;
  readonly registry: Registry;
  readonly table: FlowTable;
  readonly redirects: Redirects;
  readonly wheel: TimerWheel<Flow>;
  /** Flows with something pending; their `tick` is called every 100 ms of core time. */
  readonly active: Flow[];
  /** Core time: the highest of packet times and `advance`. */
  now: number;
  /** Out-of-order bytes held, all flows. */
  heldBytes: number;
  /** Bytes of unfinished calls, all flows. */
  unfinishedBytes: number;
}

/** Oddities of the core itself, counted beside those of protocols. */
export type CoreAnomaly =
  | Anomaly
  | 'follower_failed'
  | 'ip_other_protocol'
  | 'not_ip'
  | 'bad_timestamp'
  | 'unknown_link_type'
  | 'malformed_packet'
  | 'tcp_data_after_fin'
  | 'tcp_out_of_window'
  | 'tcp_reset_out_of_window'
  | 'fragment_overlap'
  | 'fragment_snapped'
  | 'fragment_malformed'
  | Cap;

export function count(core: Pick<Core, 'counters'>, name: CoreAnomaly, n = 1): void {
  const { named } = core.counters;
  named.set(name, (named.get(name) ?? 0) + n);
}
