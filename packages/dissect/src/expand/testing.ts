/** Records for tests, built by name. */
import type { Kind, Outcome, ProtocolName, State } from '@kubeshark/model';
import {
  Head,
  KindNumber,
  OutcomeNumber,
  ProtocolNumber,
  parseIp,
  RecordWriter,
  Section,
  StateNumber,
} from '@kubeshark/model';
import type { FlowCounters, FlowSideCounters } from '../flow-record.ts';
import { FLOW_RECORD_BYTES, writeFlowCounters } from '../flow-record.ts';

export interface RecordParts {
  protocol: ProtocolName;
  kind?: Kind;
  state?: State;
  outcome?: Outcome;
  flags?: number;
  timestamp?: number;
  elapsed?: number;
  flow?: number;
  index?: number;
  src?: string;
  dst?: string;
  srcPort?: number;
  dstPort?: number;
  transport?: number;
  /** Any further number fields of the head, f64, by name. Sizes of bodies are those of their sections unless given. */
  numbers?: Partial<
    Record<
      'requestSize' | 'responseSize' | 'requestBodySize' | 'responseBodySize' | 'missing' | 'requestEnd',
      number
    >
  >;
  sections?: Partial<Record<keyof typeof Section, Uint8Array | string>>;
}

export function buildRecord(parts: RecordParts): Buffer {
  const writer = new RecordWriter(4096);
  writer.begin(new Uint8Array(Head.size));
  writer.u8(Head.protocol, ProtocolNumber[parts.protocol]);
  writer.u8(Head.kind, KindNumber[parts.kind ?? 'call']);
  writer.u8(Head.state, StateNumber[parts.state ?? 'closed']);
  writer.u8(Head.outcome, OutcomeNumber[parts.outcome ?? 'ok']);
  writer.u8(Head.transport, parts.transport ?? 6);
  writer.u32(Head.flags, parts.flags ?? 0);
  writer.f64(Head.timestamp, parts.timestamp ?? 1_700_000_000_000_000);
  writer.f64(Head.elapsed, parts.elapsed ?? -1);
  writer.f64(Head.requestEnd, -1);
  writer.f64(Head.responseStart, -1);
  writer.f64(Head.flow, parts.flow ?? 1);
  writer.u32(Head.index, parts.index ?? 1);
  writer.u16(Head.srcPort, parts.srcPort ?? 40_000);
  writer.u16(Head.dstPort, parts.dstPort ?? 80);
  writer.bytes.set(parseIp(parts.src ?? '10.0.0.1')!, writer.start + Head.srcIp);
  writer.bytes.set(parseIp(parts.dst ?? '10.0.0.2')!, writer.start + Head.dstIp);
  const { requestBody = '', responseBody = '' } = parts.sections ?? {};
  const numbers = {
    requestBodySize: Buffer.from(requestBody).length,
    responseBodySize: Buffer.from(responseBody).length,
    ...parts.numbers,
  };
  for (const [name, value] of Object.entries(numbers)) writer.f64(Head[name as keyof typeof Head], value);
  const sections = Object.entries(parts.sections ?? {}).map(
    ([name, value]) => [Section[name as keyof typeof Section], value] as const,
  );
  sections.sort(([a], [b]) => a - b);
  for (const [section, value] of sections) writer.append(section, Buffer.from(value));
  writer.commit();
  return writer.records;
}

const SIDE: FlowSideCounters = {
  packets: 0,
  bytes: 0,
  payloadBytes: 0,
  retransmittedBytes: 0,
  gapBytes: 0,
  gaps: 0,
  outOfOrder: 0,
  zeroWindows: 0,
  syn: false,
  fin: false,
  rst: false,
};

/** The `extra` section of a flow row. */
export function flowExtra(
  counters: Partial<Omit<FlowCounters, 'client' | 'server'>>,
  client: Partial<FlowSideCounters>,
  server: Partial<FlowSideCounters>,
): Buffer {
  const out = Buffer.alloc(FLOW_RECORD_BYTES);
  writeFlowCounters(
    {
      state: 'established',
      end: 'open',
      protocol: 0,
      calls: 0,
      handshake: -1,
      icmpType: 0,
      icmpCode: 0,
      ...counters,
      client: { ...SIDE, ...client },
      server: { ...SIDE, ...server },
    },
    out,
  );
  return out;
}
