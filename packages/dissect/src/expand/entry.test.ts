import { Flag } from '@kubeshark/model';
import { Entry } from '@kubeshark/model/schemas';
import { expect, test } from 'vitest';
import { Type } from '../protocols/dns/numbers.ts';
import { message } from '../protocols/dns/testing.ts';
import { toEntry } from './entry.ts';
import { RecordRow } from './row.ts';
import { buildRecord } from './testing.ts';

test('an unanswered DNS query reads as the schema says, with its flags, identities and redactions', () => {
  const redactions = Buffer.alloc(12);
  redactions.writeUInt32LE(12, 4);
  redactions.writeUInt32LE(3, 8);
  const bytes = buildRecord({
    protocol: 'dns',
    transport: 17,
    dstPort: 53,
    outcome: 'no_response',
    flags: Flag.retransmitted,
    numbers: { requestSize: 27 },
    sections: { requestHead: message({ id: 7, questions: [['shop.test', Type.AAAA]] }), redactions },
  });
  const row = new RecordRow().at(bytes, 0, 'boot', {
    worker: 'node-1',
    interface: 'eth0',
    clockOffset: 50,
    src: { name: 'cart', namespace: 'shop', pod: 'cart-1' },
    dst: {},
  });
  const entry = toEntry(row, { source: 'file', seenBy: [] });
  expect(Entry.parse(entry)).toEqual(entry);
  expect(entry).toMatchObject({
    id: 'boot.1.1',
    timestamp: 1_700_000_000_000_050,
    transport: 'udp',
    src: { ip: '10.0.0.1', name: 'cart', pod: { name: 'cart-1', namespace: 'shop' } },
    dst: { ip: '10.0.0.2', port: 53 },
    operation: 'AAAA',
    target: 'shop.test',
    status: '',
    outcome: 'no_response',
    request: { size: 27, headers: [], fields: { id: 7 } },
    response: null,
    capture: { source: 'file', retransmitted: true, snapped: false, redacted: [['requestHead', 12, 3]] },
    flow: 'boot.1',
  });
});
