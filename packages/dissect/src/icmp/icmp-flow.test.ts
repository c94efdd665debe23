// ICMP rows have no ports; a question without a reply is no_response, and nothing else is.
import { expect, test } from 'vitest';
import { toEntry } from '../expand/entry.ts';
import { RecordRow } from '../expand/row.ts';
import { sightingOf } from '../expand/sighting.ts';
import { icmp, ip, Stage } from '../testing.ts';

const PLACE = { worker: 'w', interface: 'eth0', source: 'af_packet', addresses: [] } as const;

/** The entry of the flow that these messages make; `from` 0 is the first host. */
function entryOf(
  v6: boolean,
  messages: readonly (readonly [from: 0 | 1, type: number, code: number, id: number])[],
) {
  const hosts = v6 ? ['fe80::1', 'fe80::2'] : ['10.0.0.1', '10.0.0.2'];
  const stage = new Stage();
  for (const [from, type, code, id] of messages)
    stage.packet(ip(hosts[from]!, hosts[1 - from]!, v6 ? 58 : 1, icmp(type, code, id, 'abcdefgh')));
  stage.end();
  expect(stage.rows()).toHaveLength(1);
  const { record } = stage.rows()[0]!;
  const row = new RecordRow().at(record.bytes, record.start, 'b');
  const place = { ...PLACE, addresses: [] };
  return toEntry(row, { source: 'af_packet', seenBy: [sightingOf('b.1.0', record, place, 0)] });
}

test.each([
  [
    'an echo that is answered',
    false,
    [
      [0, 8, 0, 7],
      [1, 0, 0, 7],
    ],
    'answered',
    'ok',
    7,
  ],
  ['an echo that is not', false, [[0, 8, 0, 7]], 'no answer', 'no_response', 7],
  ['a timestamp that is not answered', false, [[0, 13, 0, 9]], 'no answer', 'no_response', 9],
  ['an error', false, [[0, 3, 3, 0]], 'port unreachable', 'ok', 0],
  [
    'an echo over IPv6',
    true,
    [
      [0, 128, 0, 300],
      [1, 129, 0, 300],
    ],
    'answered',
    'ok',
    300,
  ],
  ['an echo over IPv6 that is not answered', true, [[0, 128, 0, 300]], 'no answer', 'no_response', 300],
  ['a neighbor solicitation', true, [[0, 135, 0, 0]], '', 'ok', 0],
  ['a multicast listener report', true, [[0, 143, 0, 0]], '', 'ok', 0],
] as const)('%s', (_, v6, messages, status, outcome, identifier) => {
  const entry = entryOf(v6, messages);
  expect([entry.status, entry.outcome, entry.fields['identifier']]).toEqual([status, outcome, identifier]);
  expect([entry.src.port, entry.dst.port]).toEqual([0, 0]);
  const [seen] = entry.seenBy;
  expect([seen!.src, seen!.dst]).toEqual([entry.src.ip, entry.dst.ip]);
});
