// One call, one row: what two places say of a call meets in one row, whatever is translated, late, open, incomplete or gone.
import { Flag, RecordView, Section } from '@kubeshark/model';
import { expect, test } from 'vitest';
import { T0 } from '../store/testing.ts';
import type { CallParts } from './testing.ts';
import { behindNat, CLIENT_PLACE, call, SERVER_PLACE, TwoEnds } from './testing.ts';

const AHEAD = 50_000;

const seen = (ends: TwoEnds, row = 0) =>
  ends.rows[row]!.context.seenBy.map(({ side, worker, timestamp, elapsed, src, dst }) => [
    side,
    worker,
    timestamp - T0,
    elapsed,
    `${src}>${dst}`,
  ]);
const recordOf = (ends: TwoEnds, row = 0) => new RecordView().at(ends.rows[row]!.record, 0);
const stateOf = (ends: TwoEnds, row = 0) => {
  const { state, outcome, elapsed } = recordOf(ends, row);
  return [state, outcome, elapsed];
};

test('a call seen before and behind address translation is one row with two sightings, times corrected', () => {
  const ends = new TwoEnds({}, { serverAhead: AHEAD });
  ends.client.says(call());
  ends.server.says(behindNat({ timestamp: T0 + 300 + AHEAD, elapsed: 9_500 }));
  expect(ends.rows).toHaveLength(1);
  expect(seen(ends)).toEqual([
    ['client', 'node-c', 0, 10_000, '10.0.0.1:40000>10.0.0.2:80'],
    ['server', 'node-s', 300, 9_500, '10.72.0.1:30144>10.72.0.2:8080'],
  ]);
  // The row stays as it was told first, at its place in the list, and changes.
  expect(ends.changes.map(({ row, before }) => [row.seq, row.change, before?.change])).toEqual([
    [1, 1, undefined],
    [1, 2, 1],
  ]);
  expect(ends.intake.counters).toMatchObject({ records: 2, merged: 1, late_sightings: 0 });
});

test('the server’s end may be the first', () => {
  const ends = new TwoEnds();
  ends.server.says(behindNat());
  ends.client.says(call({ timestamp: T0 - 300 }));
  expect(seen(ends).map(([side]) => side)).toEqual(['server', 'client']);
  expect(ends.rows[0]!.id).toBe('serverboot.1.1');
});

test('a sighting that comes 10 s late is kept by the row’s id and is no row and no change', () => {
  const ends = new TwoEnds({}, { serverAhead: AHEAD });
  ends.client.says(call());
  ends.after(2).store().after(8);
  ends.server.says(behindNat({ timestamp: T0 + AHEAD, elapsed: 9_500 }));
  ends.store();
  expect(ends.rows).toHaveLength(1);
  expect(ends.changes).toHaveLength(1);
  expect(ends.storedSightings).toEqual([
    { row: 'clientboot.1.1', late: true, side: 'server', elapsed: 9_500 },
  ]);
  expect(ends.intake.counters).toMatchObject({ merged: 0, late_sightings: 1 });
});

test('pipelined equal requests are calls of their own, each with both ends', () => {
  const ends = new TwoEnds();
  const pipelined = [0, 1, 2].map((i) => ({
    index: i + 1,
    requestSeq: 1_000 + i * 34,
    responseSeq: 9_000 + i * 100,
  }));
  ends.client.says(...pipelined.map((parts) => call(parts)));
  ends.server.says(...pipelined.map((parts) => behindNat(parts)));
  expect(ends.rows.map(({ id, context }) => [id, context.seenBy.map((s) => s.id)])).toEqual(
    [1, 2, 3].map((i) => [`clientboot.1.${i}`, [`clientboot.1.${i}`, `serverboot.1.${i}`]]),
  );
});

test('the same request asked again on a kept connection, on another one, and on a port used again, are calls of their own', () => {
  const ends = new TwoEnds();
  const asked = [
    { flow: 1, index: 1, requestSeq: 1_000, responseSeq: 9_000 },
    { flow: 1, index: 2, requestSeq: 1_034, responseSeq: 9_100, timestamp: T0 + 20_000 },
    { flow: 2, index: 1, requestSeq: 77_000, responseSeq: 5_000, timestamp: T0 + 30_000, srcPort: 40_001 },
    // 40000 again, with new initial numbers.
    { flow: 3, index: 1, requestSeq: 500_000, responseSeq: 700_000, timestamp: T0 + 40_000 },
  ];
  ends.client.says(...asked.map((parts) => call(parts)));
  ends.server.says(...asked.map((parts) => behindNat({ ...parts, srcPort: 30_144 })));
  expect(ends.rows.map(({ context }) => context.seenBy.length)).toEqual([2, 2, 2, 2]);
});

test('numbers that come again after minutes, or with another response, are another call', () => {
  const ends = new TwoEnds();
  ends.client.says(call());
  ends.server.says(behindNat({ timestamp: T0 + 11_000_000 }), behindNat({ index: 2, responseSeq: 1 }));
  expect(ends.rows.map(({ context }) => context.seenBy.length)).toEqual([1, 1, 1]);
});

test('a call told twice by one place is two rows, as is one without a key', () => {
  const ends = new TwoEnds();
  ends.client.says(call({ flow: 1 }), call({ flow: 2 }));
  expect(ends.rows).toHaveLength(2);
  ends.client.says(call({ flow: 3, hash: 0 }));
  ends.server.says(behindNat({ flow: 3, hash: 0 }));
  expect(ends.rows).toHaveLength(4);
});

test('of two equal calls each sighting finds the nearest in time that has not got that place yet', () => {
  const ends = new TwoEnds();
  ends.client.says(call({ flow: 1 }), call({ flow: 2, timestamp: T0 + 1_000_000 }));
  ends.server.says(
    behindNat({ flow: 1, timestamp: T0 + 1_000_100 }),
    behindNat({ flow: 2, timestamp: T0 + 100 }),
  );
  expect(ends.rows.map(({ context }) => context.seenBy.map((s) => s.id))).toEqual([
    ['clientboot.1.1', 'serverboot.2.1'],
    ['clientboot.2.1', 'serverboot.1.1'],
  ]);
});

test('a DNS query asked again (the same id and bytes) is another call at each place, and meets its own far end', () => {
  const ends = new TwoEnds();
  const query = { protocol: 'dns', transport: 17, requestSeq: 0, responseSeq: 0, stream: 0x1234 } as const;
  const asked: CallParts[] = [
    { ...query, index: 1 },
    { ...query, index: 2, timestamp: T0 + 1_000_000 },
    // Another client of the same place, much later: equal by chance.
    { ...query, flow: 2, timestamp: T0 + 8_000_000 },
  ];
  ends.client.says(...asked.map((parts) => call(parts)));
  ends.server.says(
    ...asked.slice(0, 2).map((parts) => behindNat({ ...parts, timestamp: (parts.timestamp ?? T0) + 200 })),
  );
  expect(ends.rows.map(({ context }) => context.seenBy.map((s) => s.timestamp - T0))).toEqual([
    [0, 200],
    [1_000_000, 1_000_200],
    [8_000_000],
  ]);
});

test('an open call told at one end is closed by the other, and by its own end with what that saw', () => {
  const ends = new TwoEnds();
  ends.client.says(call({ state: 'open' }));
  expect(stateOf(ends)).toEqual(['open', 'ok', -1]);
  ends.after(2).store().after(1);
  ends.server.says(behindNat({ elapsed: 3_000_000 }));
  expect(stateOf(ends)).toEqual(['closed', 'ok', 3_000_000]);
  expect(recordOf(ends)).toMatchObject({ srcIp: '10.0.0.1', srcPort: 40_000, timestamp: T0, flow: 1 });
  ends.client.says(call({ revision: 1, elapsed: 3_000_400 }));
  expect(stateOf(ends)).toEqual(['closed', 'ok', 3_000_400]);
  expect(seen(ends).map(([side, , , elapsed]) => [side, elapsed])).toEqual([
    ['client', 3_000_400],
    ['server', 3_000_000],
  ]);
  expect(ends.rows).toHaveLength(1);
});

test('a call open at both ends for longer than keys are remembered stays one row', () => {
  const ends = new TwoEnds({ callKeyAgeMs: 1_000, callKeys: 4 });
  ends.client.says(call({ state: 'open' }));
  ends.server.says(behindNat({ state: 'open' }));
  ends.store().after(3_600);
  for (let i = 2; i < 12; i++) ends.client.says(call({ index: i, requestSeq: i, hash: i }));
  ends.server.says(behindNat({ state: 'open', revision: 1 }));
  ends.server.says(behindNat({ revision: 2, elapsed: 3_600_000_000 }));
  expect(ends.rows).toHaveLength(11);
  expect(stateOf(ends)).toEqual(['closed', 'ok', 3_600_000_000]);
});

test('the same after a restart of the hub', () => {
  const before = new TwoEnds();
  before.client.says(call({ state: 'open' }));
  before.server.says(behindNat({ state: 'open' }));
  const ends = new TwoEnds();
  const none = { rows: [], cut: false };
  ends.intake.recall({ open: { rows: before.rows, cut: false }, recent: none }, ends.clock.time);
  ends.server.says(behindNat({ revision: 1 }));
  expect(ends.rows.map(({ id }) => id)).toEqual(['clientboot.1.1']);
  expect(stateOf(ends)).toEqual(['closed', 'ok', 10_000]);
});

test('calls that a hub before this one stored are known by their keys: a sighting sent again is none, a new one is late', () => {
  const before = new TwoEnds();
  before.client.says(call(), call({ index: 2, requestSeq: 2_000, responseSeq: 9_500 }));
  before.server.says(behindNat());
  const ends = new TwoEnds();
  const recent = { rows: before.rows.toReversed(), cut: false };
  ends.intake.recall({ open: { rows: [], cut: false }, recent }, ends.clock.time);
  ends.server.says(behindNat(), behindNat({ index: 2, requestSeq: 2_000, responseSeq: 9_500 }));
  ends.store();
  expect(ends.rows).toEqual([]);
  expect(ends.storedSightings.map(({ row }) => row)).toEqual(['clientboot.1.2']);
});

test.each([
  ['incomplete', { outcome: 'incomplete' }],
  ['without its request', { outcome: 'no_request' }],
  ['with a hole', { numbers: { missing: 100 } }],
  ['with its bodies left out', { flags: Flag.bodiesLeftOut }],
] as const)('content seen %s gives way to the other end’s, whichever came first', (_, less) => {
  const sections = { responseBody: 'whole' };
  for (const first of ['less', 'whole']) {
    const ends = new TwoEnds();
    if (first === 'less') ends.client.says(call(less));
    ends.server.says(behindNat({ sections, elapsed: 9_000 }));
    if (first === 'whole') ends.client.says(call(less));
    const record = recordOf(ends);
    expect(record.sectionBytes(Section.responseBody).toString()).toBe('whole');
    expect([record.outcome, record.missing]).toEqual(['ok', 0]);
    expect(ends.rows[0]!.context.seenBy).toHaveLength(2);
  }
});

const addresses = (ends: TwoEnds) => {
  const { srcIp, srcPort, dstIp, dstPort } = recordOf(ends);
  return `${srcIp}:${srcPort} ${dstIp}:${dstPort}`;
};

test('each end has the address that it has at itself, whichever place tells the call first, and when', () => {
  const whole = '10.0.0.1:40000 10.72.0.2:8080';
  for (const first of ['client', 'server'] as const) {
    const ends = new TwoEnds();
    const told = { client: call, server: behindNat };
    const second = first === 'client' ? 'server' : 'client';
    ends[first].says(told[first]({ state: 'open' }));
    expect(addresses(ends)).toBe(
      first === 'client' ? '10.0.0.1:40000 10.0.0.2:80' : '10.72.0.1:30144 10.72.0.2:8080',
    );
    ends[second].says(told[second]({ state: 'open' }));
    expect(addresses(ends)).toBe(whole);
    ends[first].says(told[first]({ revision: 1 }));
    expect(addresses(ends)).toBe(whole);
    ends[second].says(told[second]({ revision: 1 }));
    expect(addresses(ends)).toBe(whole);
    expect(ends.rows).toHaveLength(1);
  }
});

test('a call takes as long as its client waits for it, whichever place tells it first, and when', () => {
  type End = 'client' | 'server';
  const told = { client: call, server: behindNat };
  const elapsed = { client: 10_000, server: 4_000 };
  const orders: [End, End][] = [
    ['client', 'server'],
    ['server', 'client'],
  ];
  for (const began of orders)
    for (const ended of orders) {
      const ends = new TwoEnds();
      for (const end of began) ends[end].says(told[end]({ state: 'open' }));
      const [first, second] = ended;
      ends[first].says(told[first]({ revision: 1, elapsed: elapsed[first] }));
      expect(recordOf(ends).elapsed).toBe(elapsed[first]);
      ends[second].says(told[second]({ revision: 1, elapsed: elapsed[second] }));
      expect(recordOf(ends).elapsed).toBe(elapsed.client);
    }
});

test('what a client saw a part of takes as long as the server says that saw it all', () => {
  const says = {
    client: (ends: TwoEnds) => ends.client.says(call({ elapsed: 9_000, outcome: 'incomplete' })),
    server: (ends: TwoEnds) => ends.server.says(behindNat({ elapsed: 4_000 })),
  };
  for (const order of [
    ['client', 'server'],
    ['server', 'client'],
  ] as const) {
    const ends = new TwoEnds();
    for (const end of order) says[end](ends);
    expect(recordOf(ends).elapsed).toBe(4_000);
  }
});

test('of an end that a node and a pod behind it say is theirs, the pod knows the address', () => {
  const pod = { name: 'cart-1', namespace: 'shop', uid: 'u-1' };
  for (const first of ['node', 'pod'] as const) {
    const ends = new TwoEnds();
    const places = {
      node: ends.worker('nodeboot', { ...SERVER_PLACE, worker: 'node-n', addresses: ['192.0.2.9'] }),
      pod: ends.worker('podboot', { ...SERVER_PLACE, pod }),
    };
    const told = { node: call({ dst: '192.0.2.9', dstPort: 30_080 }), pod: behindNat() };
    const second = first === 'node' ? 'pod' : 'node';
    places[first].says(told[first]);
    places[second].says(told[second]);
    expect(recordOf(ends).dstPort).toBe(8_080);
  }
});

test('a call that was reset at one end is not made good by the other', () => {
  const ends = new TwoEnds();
  ends.client.says(call({ outcome: 'reset' }));
  ends.server.says(behindNat());
  expect(stateOf(ends)).toEqual(['closed', 'reset', 10_000]);
});

test('a closed row never changes; when it ended at the end that told it is still learnt', () => {
  const ends = new TwoEnds();
  ends.client.says(call({ state: 'open' }));
  ends.server.says(behindNat({ elapsed: 2_000_000 }));
  ends.store();
  const { length } = ends.changes;
  ends.client.says(call({ revision: 1, outcome: 'server_error', elapsed: 2_000_300 }));
  ends.client.says(call({ revision: 1, outcome: 'server_error', elapsed: 2_000_300 }));
  ends.store();
  expect(ends.changes).toHaveLength(length);
  expect(ends.storedSightings[0]).toEqual({
    row: 'clientboot.1.1',
    late: true,
    side: 'client',
    elapsed: 2_000_300,
  });
  expect(ends.intake.counters.revisions_after_close).toBe(2);
});

test('a revision that is not higher is nothing', () => {
  const ends = new TwoEnds();
  ends.client.says(call({ state: 'open', revision: 3 }));
  ends.client.says(call({ state: 'open', revision: 3 }), call({ revision: 2 }));
  expect(ends.changes).toHaveLength(1);
});

test('open rows of a worker boot that is gone are closed as incomplete, stored or not', () => {
  const ends = new TwoEnds();
  ends.client.says(call({ state: 'open' }));
  ends.store();
  ends.client.says(
    call({ state: 'open', index: 2, requestSeq: 2_000 }),
    call({ index: 3, requestSeq: 3_000 }),
  );
  expect(ends.intake.abandon('clientboot', ends.clock.time, () => false)).toBe(true);
  expect(ends.rows.map((_, i) => stateOf(ends, i))).toEqual([
    ['closed', 'incomplete', -1],
    ['closed', 'incomplete', -1],
    ['closed', 'ok', 10_000],
  ]);
  ends.store();
  expect([ends.intake.tail.size, ends.intake.open.size, ends.intake.caps.abandonMs]).toEqual([0, 0, 2]);
});

test('a row that a living worker sees too waits for that one', () => {
  const ends = new TwoEnds();
  ends.client.says(call({ state: 'open' }));
  ends.server.says(behindNat({ state: 'open' }));
  ends.intake.abandon('clientboot', ends.clock.time, (boot) => boot === 'serverboot');
  expect(stateOf(ends)).toEqual(['open', 'ok', -1]);
  // No answer, and no time of one: it closes the row all the same.
  ends.server.says(behindNat({ revision: 1, outcome: 'no_response', elapsed: -1 }));
  expect(stateOf(ends)).toEqual(['closed', 'no_response', -1]);
});

test('when that one goes too it is closed', () => {
  const ends = new TwoEnds();
  ends.client.says(call({ state: 'open' }));
  ends.server.says(behindNat({ state: 'open' }));
  ends.intake.abandon('clientboot', ends.clock.time, (boot) => boot === 'serverboot');
  ends.intake.abandon('serverboot', ends.clock.time, () => false);
  expect(stateOf(ends)).toEqual(['closed', 'incomplete', -1]);
});

test('places beyond the cap of one row make another row', () => {
  const ends = new TwoEnds({ sightingsPerRow: 3 });
  for (let i = 0; i < 5; i++)
    ends.worker(`workerboot${i}`, { ...CLIENT_PLACE, worker: `w${i}` }).says(call());
  expect(ends.rows.map(({ context }) => context.seenBy.length)).toEqual([3, 2]);
  expect(ends.intake.caps.sightingsPerRow).toBe(1);
});

test('revisions of further sightings are not asked of the store, those of unknown rows are', () => {
  const ends = new TwoEnds();
  ends.client.says(call({ state: 'open' }));
  ends.server.says(behindNat({ state: 'open' }));
  const source = { boot: 'serverboot', worker: 'node-s', bytes: 0, correction: -AHEAD };
  const records = Buffer.concat([behindNat({ revision: 1 }), behindNat({ revision: 2 })]);
  const told = { number: 2, count: 2, records, places: [SERVER_PLACE], losses: [] };
  expect(ends.intake.unknownRevisions(told, source)).toEqual([]);
  // Stored, and out of memory.
  ends.client.says(call({ revision: 1 }));
  ends.store();
  expect(ends.intake.unknownRevisions(told, source)).toEqual([]);
  expect(ends.intake.unknownRevisions(told, { ...source, boot: 'otherboot' })).toEqual([
    { id: 'otherboot.1.1', timestamp: T0 - AHEAD },
  ]);
});

test('open rows in memory are bounded in bytes, whatever comes and goes; one that is left out is asked of the store', () => {
  const body = (length: number) => ({ sections: { responseBody: 'x'.repeat(length) } });
  const ends = new TwoEnds({ openRowBytes: 10_000 });
  const open = (index: number, revision: number, length: number) =>
    call({ index, revision, state: 'open', requestSeq: index * 1_000, ...body(length) });
  for (let index = 1; index <= 20; index++) ends.client.says(open(index, 0, 1_000));
  ends.store();
  // The last that still found room may be larger than what was left.
  expect(ends.intake.open.size).toBeLessThanOrEqual(10);
  expect(ends.intake.open.size + ends.intake.caps.openRowBytes).toBe(20);
  // They grow and shrink many times, and end: the sum stays true, or there would be no room any more.
  const kept = [...ends.intake.open.keys()].map((id) => Number.parseInt(id.split('.')[2]!, 36));
  for (let revision = 1; revision <= 30; revision++) {
    for (const index of kept) ends.client.says(open(index, revision, revision % 2 === 0 ? 1_000 : 10));
    ends.store();
  }
  for (const index of kept)
    ends.client.says(call({ index, revision: 40, requestSeq: index * 1_000, ...body(10) }));
  ends.store();
  expect(ends.intake.open.size).toBe(0);
  for (let index = 101; index <= 108; index++) ends.client.says(open(index, 0, 1_000));
  ends.store();
  expect(ends.intake.open.size).toBe(8);
});

test('a connection is one row with a sighting at each end; one that had no SYN, or another SYN, is a row of its own', () => {
  const flow = (parts: CallParts) =>
    call({
      protocol: 'tcp',
      kind: 'flow',
      index: 0,
      hash: 1,
      sections: { requestHead: '', responseHead: '' },
      ...parts,
    });
  const ends = new TwoEnds();
  ends.client.says(flow({ state: 'open', elapsed: 1_000, flow: 1 }));
  ends.server.says(
    flow({ flow: 1, elapsed: 90_000, timestamp: T0 + 300, dst: '10.72.0.2', dstPort: 8_080 }),
    flow({ flow: 2, hash: 0 }),
    flow({ flow: 3, requestSeq: 77 }),
    flow({ flow: 4, responseSeq: 78 }),
  );
  expect(ends.rows.map(({ context }) => context.seenBy.length)).toEqual([2, 1, 1, 1]);
  // The other end has told how it ended.
  expect(stateOf(ends)).toEqual(['closed', 'ok', 90_000]);
  ends.client.says(flow({ flow: 1, revision: 1, elapsed: 91_000 }));
  expect(seen(ends).map(([side, , , elapsed]) => [side, elapsed])).toEqual([
    ['client', 91_000],
    ['server', 90_000],
  ]);
  expect(stateOf(ends)).toEqual(['closed', 'ok', 91_000]);
});
