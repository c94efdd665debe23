import { expect, test } from 'vitest';
import type { FlowCounters, FlowSideCounters } from './flow-record.ts';
import { FLOW_RECORD_BYTES, readFlowCounters, writeFlowCounters } from './flow-record.ts';

const side = (n: number): FlowSideCounters => ({
  packets: n,
  bytes: n * 2 ** 33,
  payloadBytes: n + 2,
  retransmittedBytes: n + 3,
  gapBytes: n + 4,
  gaps: n + 5,
  outOfOrder: n + 6,
  zeroWindows: n + 7,
  syn: n > 1,
  fin: n < 2,
  rst: n > 1,
});

test('the counters of a flow come back as written, and a section too short is none', () => {
  const counters: FlowCounters = {
    state: 'half_closed',
    end: 'evicted',
    protocol: 4,
    calls: 17,
    handshake: 123.5,
    icmpType: 8,
    icmpCode: 1,
    client: side(1),
    server: side(2),
  };
  const bytes = Buffer.alloc(FLOW_RECORD_BYTES + 3, 0xff);
  writeFlowCounters(counters, bytes.subarray(3));
  expect(readFlowCounters({ bytes, start: 3, end: bytes.length })).toEqual(counters);
  expect(readFlowCounters({ bytes, start: 4, end: bytes.length })).toBeNull();
});
