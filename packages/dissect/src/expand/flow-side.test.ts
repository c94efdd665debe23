import { RecordView } from '@kubeshark/model';
import { expect, test } from 'vitest';
import type { FlowCounters, FlowSideCounters } from '../flow-record.ts';
import { expanderOf } from './registry.ts';
import type { RecordParts } from './testing.ts';
import { buildRecord, flowExtra } from './testing.ts';

const UDP = 17;
const ICMP = 1;
const ICMPV6 = 58;

type Counters = Partial<Omit<FlowCounters, 'client' | 'server'>>;

function columns(
  parts: RecordParts,
  counters: Counters,
  client: Partial<FlowSideCounters>,
  server: Partial<FlowSideCounters>,
) {
  const bytes = buildRecord({
    kind: 'flow',
    ...parts,
    sections: { extra: flowExtra(counters, client, server) },
  });
  const record = new RecordView().at(bytes, 0);
  const expander = expanderOf(record.protocolNumber);
  return [expander.operation(record), expander.target(record), expander.status(record)];
}

test.each<[string, Counters, Partial<FlowSideCounters>, Partial<FlowSideCounters>]>([
  ['open', {}, { packets: 3, syn: true }, { packets: 2, syn: true }],
  ['open', { end: 'idle' }, { packets: 3 }, { packets: 2 }],
  ['closed', { state: 'closed', end: 'fin' }, { packets: 3, fin: true }, { packets: 2, fin: true }],
  ['half closed', { state: 'half_closed' }, { packets: 3, fin: true }, { packets: 2 }],
  ['connecting', { state: 'connecting' }, { packets: 1, syn: true }, {}],
  ['no answer', { state: 'connecting', end: 'idle' }, { packets: 4, syn: true }, {}],
  ['refused', { state: 'reset', end: 'reset' }, { packets: 1, syn: true }, { packets: 1, rst: true }],
  ['reset', { state: 'reset' }, { packets: 9, syn: true }, { packets: 9, syn: true, rst: true }],
  ['reset', { state: 'reset' }, { packets: 9, syn: true, rst: true }, { packets: 9, syn: true }],
])('a TCP connection is %s by its state %j and flags', (status, counters, client, server) => {
  expect(columns({ protocol: 'tcp', dst: '2001:db8::1', dstPort: 443 }, counters, client, server)).toEqual([
    'connection',
    '[2001:db8::1]:443',
    status,
  ]);
});

test('UDP flows tell whether anything came back', () => {
  const parts: RecordParts = { protocol: 'udp', transport: UDP, dstPort: 8125 };
  expect(columns(parts, {}, { packets: 2 }, {})).toEqual(['datagrams', '10.0.0.2:8125', 'one way']);
  expect(columns(parts, {}, { packets: 2 }, { packets: 1 })[2]).toBe('two way');
});

test.each([
  [ICMP, 8, 0, 1, 'echo', 'answered'],
  [ICMP, 8, 0, 0, 'echo', 'no answer'],
  [ICMP, 3, 3, 0, 'destination unreachable', 'port unreachable'],
  [ICMP, 11, 0, 0, 'time exceeded', 'in transit'],
  [ICMP, 200, 9, 0, 'type 200', ''],
  [ICMPV6, 128, 0, 1, 'echo', 'answered'],
  [ICMPV6, 1, 4, 0, 'destination unreachable', 'port unreachable'],
  [ICMP, 13, 0, 0, 'timestamp', 'no answer'],
  // What answers it comes from another address: nobody could say that it was not answered.
  [ICMPV6, 135, 0, 0, 'neighbor solicitation', ''],
  [ICMPV6, 2, 0, 0, 'packet too big', ''],
])('IP protocol %i, ICMP type %i code %i with %i answers reads %s: %s', (transport, icmpType, icmpCode, packets, ...words) => {
  const [operation, target, status] = columns(
    { protocol: 'icmp', transport },
    { icmpType, icmpCode },
    { packets: 1 },
    { packets },
  );
  expect([operation, status]).toEqual(words);
  expect(target).toBe('10.0.0.2');
});

test('the fields of a connection are its counters, and those of a record without counters are none', () => {
  const extra = flowExtra(
    { state: 'closed', end: 'fin', protocol: 4, calls: 3, handshake: 210 },
    { packets: 12, bytes: 900, payloadBytes: 200, syn: true, fin: true },
    { packets: 10, bytes: 9000, payloadBytes: 8000, gaps: 1, gapBytes: 1448, outOfOrder: 2, zeroWindows: 1 },
  );
  const record = new RecordView().at(buildRecord({ protocol: 'tcp', kind: 'flow', sections: { extra } }), 0);
  const expander = expanderOf(record.protocolNumber);
  expect(expander.fields(record)).toEqual({
    state: 'closed',
    end: 'fin',
    protocol: 'http',
    calls: 3,
    handshake: 210,
    client: {
      packets: 12,
      bytes: 900,
      payloadBytes: 200,
      retransmittedBytes: 0,
      outOfOrder: 0,
      gaps: 0,
      gapBytes: 0,
      zeroWindows: 0,
      syn: true,
      fin: true,
      rst: false,
    },
    server: {
      packets: 10,
      bytes: 9000,
      payloadBytes: 8000,
      retransmittedBytes: 0,
      outOfOrder: 2,
      gaps: 1,
      gapBytes: 1448,
      zeroWindows: 1,
      syn: false,
      fin: false,
      rst: false,
    },
  });
  record.at(buildRecord({ protocol: 'tcp', kind: 'flow', sections: { extra: extra.subarray(0, 30) } }), 0);
  expect(expander.fields(record)).toEqual({});
  expect(expander.status(record)).toBe('');
});
