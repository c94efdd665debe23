// A TCP connection's life: how it begins, ends, is reset, and how its ports are used again.
import { expect, test } from 'vitest';
import { everything, ip, recorder, Stage, segment, tcp } from '../testing.ts';

function scene(limits = {}) {
  const protocol = everything();
  const stage = new Stage([protocol], limits);
  return { protocol, stage, play: tcp(stage), events: (i = 0) => protocol.flows[i]?.events ?? [] };
}

test('a reset ends both directions at once; its sender is told', () => {
  const { stage, play, events } = scene();
  play.open();
  play.client.say('ask');
  play.server.rst();
  stage.wait(3_000_000);
  expect(events()).toEqual(['client: ask', 'end server reset', 'close']);
  expect(stage.closed()).toMatchObject([
    {
      state: 'reset',
      end: 'reset',
      record: { outcome: 'reset' },
      server: { rst: true },
      client: { rst: false },
    },
  ]);
});

test.each([
  ['far behind', -2_000_000, true],
  ['a little behind, answering what its sender has seen', -500, false],
  ['within the window', 60_000, false],
  ['beyond the window', 70_000, true],
])('a reset %s', (_name, offset, ignored) => {
  const { stage, play, events } = scene();
  play.open();
  play.client.say('ask');
  play.server.say('x'.repeat(1_000));
  play.server.rst({ offset: 1_000 + offset });
  play.client.say('more');
  expect(events().includes('client: more')).toBe(ignored);
  expect(stage.named('tcp_reset_out_of_window')).toBe(ignored ? 1 : 0);
});

test('before its SYN is answered a client believes only a reset that acknowledges that SYN', () => {
  const { stage, play, events } = scene();
  play.syn();
  stage.packet(ip('10.0.0.2', '10.0.0.1', 6, segment(80, 40_000, { seq: 0, ack: 1_000, flags: 'RA' })));
  play.synAck();
  play.client.say('ask');
  expect(events()).toEqual(['client: ask']);
  expect(stage.named('tcp_reset_out_of_window')).toBe(1);

  const refused = scene();
  refused.play.syn();
  refused.stage.packet(
    ip('10.0.0.2', '10.0.0.1', 6, segment(80, 40_000, { seq: 0, ack: 1_001, flags: 'RA' })),
  );
  expect(refused.stage.end().closed()).toMatchObject([{ state: 'reset', from: '10.0.0.1:40000' }]);
});

test('data that was on its way when the reset came is no new flow; data of the side that reset is', () => {
  const { stage, play, events } = scene();
  play.open();
  play.client.say('ask');
  play.server.rst();
  play.client.say('more');
  expect(stage.dissector.counters.flows).toBe(1);
  play.server.say('answer');
  stage.end();
  expect(stage.dissector.counters.flows).toBe(2);
  expect(events(1)).toEqual(expect.arrayContaining([expect.stringContaining('answer')]));
});

test('a SYN with another sequence number on the same ports is another flow; the same SYN again is not', () => {
  const { stage, play, protocol } = scene();
  play.open();
  play.client.say('first');
  play.close();
  play.syn({ isn: 5_000_000 });
  play.synAck();
  play.client.ack();
  play.client.say('second');
  play.syn({ isn: 5_000_000 });
  stage.end();
  expect(protocol.flows.map((f) => f.stream[0])).toEqual(['first', 'second']);
  expect(stage.closed().map((row) => [row.number, row.end])).toEqual([
    [1, 'fin'],
    [2, 'capture_end'],
  ]);
});

test('a connection whose end was not captured ends when its ports are used again', () => {
  const { stage, play, protocol } = scene();
  play.open();
  play.client.say('first');
  play.syn({ isn: 77_000_000 });
  play.client.say('second');
  stage.end();
  expect(protocol.flows.map((f) => f.stream[0])).toEqual(['first', 'second']);
  expect(protocol.flows[0]!.events.slice(1).toSorted()).toEqual([
    'close',
    'end client idle',
    'end server idle',
  ]);
  expect(stage.closed()[0]).toMatchObject({ end: 'reused' });
});

test('packets after the end belong to the closed flow for 2 s of silence', () => {
  const { stage, play } = scene();
  play.open();
  play.client.say('ask');
  play.close();
  play.client.at(0, 'ask', { after: 1_500_000 });
  expect(stage.closed()).toEqual([]);
  stage.wait(2_200_000);
  expect(stage.closed()).toMatchObject([{ end: 'fin', client: { packets: 6, retransmittedBytes: 3 } }]);
  expect(stage.dissector.table.size).toBe(0);
});

test('a SYN captured after the data it opens belongs to it, and so does one captured last', () => {
  for (const last of [false, true]) {
    const { stage, play, events } = scene();
    play.client.at(0, 'ask');
    if (!last) play.syn();
    play.server.at(0, 'answer');
    if (last) {
      play.close();
      play.syn();
    }
    stage.end();
    expect(stage.dissector.counters.flows).toBe(1);
    expect(events().slice(0, 2)).toEqual(['client: ask', 'server: answer']);
    expect(stage.closed()).toMatchObject([{ from: '10.0.0.1:40000', client: { syn: true } }]);
  }
});

test('data in the SYN (fast open) is the start of the stream', () => {
  const { play, events } = scene();
  play.syn({ data: 'early' });
  play.synAck();
  play.client.say(' late');
  expect(events()).toEqual(['client: early', 'client:  late']);
});

test('a stream joined in the middle says so, and a missing SYN-ACK is known from the acknowledgement', () => {
  const { stage, play, protocol } = scene();
  play.client.at(500, 'ask');
  play.server.at(700, 'answer');
  stage.end();
  expect(protocol.flows[0]!.context.midstream).toBe(true);
  expect(stage.closed()).toMatchObject([{ state: 'established', record: { outcome: 'ok', flags: 8 } }]);

  const lost = scene();
  lost.play.syn();
  lost.play.client.ack(0);
  lost.play.client.say('ask');
  // The first 4 bytes of the answer were not captured.
  lost.play.server.at(4, 'er');
  lost.stage.end();
  expect(lost.events().slice(0, 3)).toEqual(['client: ask', 'gap server 4', 'server: er']);
});

test('keep-alives are not counted as sent again', () => {
  const { stage, play } = scene();
  play.open();
  play.client.say('ask');
  play.client.at(2, 'k');
  play.client.at(2, '');
  expect(stage.end().closed()).toMatchObject([{ client: { retransmittedBytes: 0 } }]);
});

test('data beyond a FIN is not of the stream', () => {
  const { stage, play, events } = scene();
  play.open();
  play.client.say('ask');
  play.client.fin();
  play.client.at(4, 'ghost');
  expect(events()).toEqual(['client: ask', 'end client fin']);
  expect(stage.named('tcp_data_after_fin')).toBe(1);
});

test('a FIN waits for the bytes before it', () => {
  const { play, events } = scene();
  play.open();
  play.client.say('a');
  play.client.at(3, 'd');
  play.client.fin();
  expect(events()).toEqual(['client: a']);
  play.client.at(1, 'bc');
  expect(events()).toEqual(['client: a', 'client: bc', 'client: d', 'end client fin']);
});

test('a segment farther ahead than any window is of another connection', () => {
  const { stage, play, events } = scene();
  play.open();
  play.client.say('a');
  play.client.at((1 << 30) + 1, 'far');
  play.client.at(1, 'b');
  expect(events()).toEqual(['client: a', 'client: b']);
  expect(stage.named('tcp_out_of_window')).toBe(1);
});

test('bytes that the snap length cut off are a gap of that size, at once', () => {
  const { stage, play, events } = scene();
  play.open();
  play.client.say('0123456789', { snap: 4 });
  play.client.say('next');
  expect(events()).toEqual(['client: 0123', 'gap client 6', 'client: next']);
  expect(stage.end().closed()).toMatchObject([
    { client: { gaps: 1, gapBytes: 6 }, record: { outcome: 'incomplete' } },
  ]);
});

test('a hole is a gap once it is acknowledged and 16 more packets or 10 ms have passed', () => {
  const byPackets = scene();
  byPackets.play.open();
  byPackets.play.client.say('a');
  byPackets.play.client.at(3, 'd');
  byPackets.play.server.ack(undefined, { after: 1 });
  for (let i = 0; i < 15; i++) byPackets.play.client.ack(undefined, { after: 1 });
  expect(byPackets.events()).toEqual(['client: a']);
  byPackets.play.client.ack(undefined, { after: 1 });
  expect(byPackets.events()).toEqual(['client: a', 'gap client 2', 'client: d']);

  const byTime = scene();
  byTime.play.open();
  byTime.play.client.say('a');
  byTime.play.client.at(3, 'd');
  byTime.play.server.ack();
  byTime.stage.wait(9_000);
  expect(byTime.events()).toEqual(['client: a']);
  byTime.stage.wait(200_000);
  expect(byTime.events()).toEqual(['client: a', 'gap client 2', 'client: d']);
});

test('an answer is not handed over before what it answers: the hole it acknowledges is a gap at once', () => {
  const asked = scene();
  asked.play.open();
  asked.play.client.say('a');
  asked.play.client.at(3, 'd');
  asked.play.server.say('answer');
  expect(asked.events()).toEqual(['client: a', 'gap client 2', 'client: d', 'server: answer']);

  const answered = scene();
  answered.play.open();
  answered.play.client.say('a');
  answered.play.server.skip(6);
  answered.play.client.say('b');
  answered.play.server.at(6, 'answer to b');
  expect(answered.events()).toEqual(['client: a', 'client: b', 'gap server 6', 'server: answer to b']);
});

test('a hole that nobody acknowledges is a gap after `holeTime`', () => {
  const { stage, play, events } = scene({ holeTime: 1_000_000 });
  play.open();
  play.client.say('a');
  play.client.at(3, 'd');
  stage.wait(900_000);
  expect(events()).toEqual(['client: a']);
  stage.wait(200_000);
  expect(events()).toEqual(['client: a', 'gap client 2', 'client: d']);
  expect(stage.named('cap_holeTime')).toBe(1);
});

test('a silent connection ends after `tcpIdle`, its unfinished end told', () => {
  const { stage, play, events } = scene({ tcpIdle: 5_000_000 });
  play.open();
  play.client.say('a');
  stage.wait(4_900_000);
  expect(events()).toEqual(['client: a']);
  stage.wait(300_000);
  expect(events().slice(1).toSorted()).toEqual(['close', 'end client idle', 'end server idle']);
  expect(stage.closed()).toMatchObject([{ end: 'idle', state: 'established' }]);
});

test('an open connection is announced after 1 s, and again only when packets came', () => {
  const { stage, play } = scene();
  play.open();
  play.client.say('a');
  stage.wait(1_200_000);
  expect(stage.rows()).toMatchObject([
    { record: { state: 'open', revision: 0 }, client: { payloadBytes: 1 } },
  ]);
  stage.wait(30_000_000);
  expect(stage.rows().length).toBe(1);
  play.client.say('b');
  stage.wait(30_000_000);
  stage.end();
  expect(stage.rows().map((r) => [r.record.revision, r.client.payloadBytes])).toEqual([
    [0, 1],
    [1, 2],
    [2, 2],
  ]);
});

test('window scale counts for resets and zero windows are counted', () => {
  const { stage, play, events } = scene();
  const scale = Buffer.from([1, 3, 3, 7]);
  play.syn({ options: scale });
  play.synAck({ options: scale });
  play.client.ack(undefined, { window: 1_000 });
  play.client.say('ask');
  play.client.ack(undefined, { window: 0 });
  play.client.ack(undefined, { window: 1_000 });
  // 128,000 bytes ahead are within the window of 1,000 << 7; 65,535 without the scale would refuse it.
  play.server.rst({ offset: 127_000 });
  stage.wait(3_000_000);
  expect(events()).toEqual(['client: ask', 'end server reset', 'close']);
  expect(stage.closed()).toMatchObject([{ client: { zeroWindows: 1 } }]);
});

test('who is the client: a known port, the lower port, what a protocol says', () => {
  const known = new Stage([recorder(4, () => 'no', { ports: [9_000] })]);
  tcp(known, { fromPort: 9_000, toPort: 80 }).client.at(5, 'x');
  expect(known.end().closed()).toMatchObject([{ to: '10.0.0.1:9000', record: { flags: 8 | 16 } }]);

  const lower = new Stage([]);
  tcp(lower, { fromPort: 1_500, toPort: 2_000 }).client.at(5, 'x');
  expect(lower.end().closed()).toMatchObject([{ to: '10.0.0.1:1500' }]);

  const told = new Stage([recorder(4)]);
  tcp(told, { fromPort: 80, toPort: 40_000 }).server.at(5, 'hello');
  expect(told.end().closed()).toMatchObject([{ to: '10.0.0.1:80', record: { flags: 8 } }]);
});

test('a connection has a key where its SYN was seen: the initial sequence numbers; joined in the middle it has none', () => {
  const { stage, play } = scene();
  play.open();
  play.client.say('ask');
  const [whole] = stage.end().closed();
  expect([whole!.record.requestSeq, whole!.record.responseSeq]).toEqual([1_001, 9_001]);
  const unanswered = scene();
  unanswered.play.syn();
  const [asked] = unanswered.stage.end().closed();
  expect([asked!.record.requestSeq, asked!.record.responseSeq]).toEqual([1_001, 0]);
  const middle = scene();
  middle.play.client.say('ask');
  middle.play.server.say('answer');
  const [joined] = middle.stage.end().closed();
  expect([joined!.record.requestSeq, joined!.record.responseSeq]).toEqual([0, 0]);
});
