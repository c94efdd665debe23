/** What the rows of flows have in common: columns and fields out of the counters in their `extra` section. */
import type { RecordView } from '@kubeshark/model';
import { protocolName, Section } from '@kubeshark/model';
import type { FlowCounters, FlowSideCounters } from '../flow-record.ts';
import { readFlowCounters } from '../flow-record.ts';
import type { Expander } from '../protocol.ts';

/** null when the record carries no counters (hostile, or of another version). */
export function flowCounters(record: RecordView): FlowCounters | null {
  return readFlowCounters(record.section(Section.extra));
}

/** `10.0.0.2:443`, `[2001:db8::1]:443`. */
export function address(ip: string, port: number): string {
  return ip.includes(':') ? `[${ip}]:${port}` : `${ip}:${port}`;
}

/** The columns that differ between TCP, UDP and ICMP; the rest is the same for all flow rows. */
export type FlowColumns = Pick<Expander, 'version' | 'operation' | 'target' | 'status' | 'statusCode'> & {
  /** Fields of the flow beside what all have. */
  own(counters: FlowCounters, record: RecordView): Record<string, unknown>;
  /** Fields of one side beside what all have. */
  side(counters: FlowSideCounters): Record<string, unknown>;
};

/** A flow has no request and no response: its two sides are counters. */
export function flowExpander(columns: FlowColumns): Expander {
  const sideFields = (counters: FlowSideCounters) => ({
    packets: counters.packets,
    bytes: counters.bytes,
    payloadBytes: counters.payloadBytes,
    ...columns.side(counters),
  });
  return {
    version: (record) => columns.version(record),
    operation: (record) => columns.operation(record),
    target: (record) => columns.target(record),
    status: (record) => columns.status(record),
    statusCode: (record) => columns.statusCode(record),
    request: () => null,
    response: () => null,
    fields(record) {
      const counters = flowCounters(record);
      if (counters === null) return {};
      return {
        state: counters.state,
        end: counters.end,
        protocol: counters.protocol === 0 ? '' : protocolName(counters.protocol),
        calls: counters.calls,
        ...columns.own(counters, record),
        client: sideFields(counters.client),
        server: sideFields(counters.server),
      };
    },
  };
}
