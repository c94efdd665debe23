// Every cap bites where it says, is counted under its name, and what goes on after it is right.
import { expect, test } from 'vitest';
import type { FlowContext } from './protocol.ts';
import { everything, ip, recorder, Stage, segment, tcp, udp } from './testing.ts';

test('held bytes of one stream: beyond the cap the hole before them becomes a gap', () => {
  const protocol = everything();
  const stage = new Stage([protocol], { heldBytesPerStream: 10_000 });
  const play = tcp(stage);
  play.open();
  play.client.say('a');
  const held: number[] = [];
  for (let i = 0; i < 20; i++) {
    play.client.at(10 + i * 1_000, 'x'.repeat(1_000), { after: 1 });
    held.push(stage.dissector.heldBytes);
  }
  expect(Math.max(...held)).toBeLessThanOrEqual(10_000);
  expect(protocol.flows[0]!.events.slice(0, 2)).toEqual(['client: a', 'gap client 9']);
  expect(protocol.flows[0]!.stream[0].length).toBe(1 + 20_000);
  expect([stage.named('cap_heldBytesPerStream'), stage.dissector.heldBytes]).toEqual([1, 0]);
});

test('held bytes of all streams: the stream that asks for more pays', () => {
  const protocol = everything();
  const stage = new Stage([protocol], { heldBytes: 20_000 });
  const plays = Array.from({ length: 10 }, (_, i) => tcp(stage, { fromPort: 40_000 + i }));
  for (const play of plays) {
    play.open();
    play.client.say('a');
    for (let i = 0; i < 3; i++) {
      play.client.at(10 + i * 1_000, 'x'.repeat(1_000), { after: 1 });
      expect(stage.dissector.heldBytes).toBeLessThanOrEqual(20_000);
    }
  }
  expect(stage.named('cap_heldBytes')).toBeGreaterThan(0);
  stage.end();
  expect(protocol.flows.map((f) => f.stream[0].length)).toEqual(Array(10).fill(3_001));
  expect(stage.dissector.heldBytes).toBe(0);
});

test('one-byte segments ahead of a hole cost more than their bytes, so the cap bounds memory', () => {
  const stage = new Stage([everything()], { heldBytesPerStream: 100_000 });
  const play = tcp(stage);
  play.open();
  for (let i = 0; i < 5_000; i++) {
    play.client.at(10 + i * 2, 'x', { after: 1 });
    expect(stage.dissector.heldBytes).toBeLessThanOrEqual(100_000);
  }
  expect(stage.named('cap_heldBytesPerStream')).toBeGreaterThan(10);
});

test('unfinished bytes: who asks for more than is left is refused, and a dead flow gives back', () => {
  const answers: boolean[] = [];
  const greedy = recorder(4, () => 'request', {
    onData: (flow: FlowContext, text) => {
      answers.push(flow.budget.take(Number(text)));
      return undefined;
    },
  });
  const stage = new Stage([greedy], { unfinishedBytes: 1_000 });
  const plays = [1, 2].map((i) => tcp(stage, { fromPort: 40_000 + i }));
  plays[0]!.client.at(0, '600');
  plays[1]!.client.at(0, '600');
  plays[1]!.client.say('400');
  expect(answers).toEqual([true, false, true]);
  expect([stage.dissector.unfinishedBytes, stage.named('cap_unfinishedBytes')]).toEqual([1_000, 1]);
  plays[0]!.server.rst();
  stage.wait(3_000_000);
  expect(stage.dissector.unfinishedBytes).toBe(400);
  greedy.flows[1]!.context.budget.give(5_000);
  expect(stage.dissector.unfinishedBytes).toBe(0);
});

test('bytes looked at to find the protocol: beyond the cap the flow is a plain one', () => {
  const undecided = recorder(4, () => 'more');
  const stage = new Stage([undecided], { detectBytes: 100 });
  const play = tcp(stage);
  play.open();
  for (let i = 0; i < 5; i++) play.client.say('x'.repeat(30));
  expect(stage.named('cap_detectBytes')).toBe(1);
  expect(stage.dissector.unfinishedBytes).toBe(0);
  expect(stage.end().closed()).toMatchObject([{ protocol: 0, client: { payloadBytes: 150 } }]);
});

test('a full flow table ends the idlest, with a row each, and goes on', () => {
  const stage = new Stage([everything()], { flows: 100 });
  const busy = tcp(stage, { fromPort: 1 });
  busy.open();
  for (let i = 0; i < 300; i++) {
    stage.packet(ip('10.1.0.1', '10.2.0.1', 17, udp(1_000 + i, 53, 'x')));
    busy.client.say('still here', { after: 1 });
    expect(stage.dissector.table.size).toBeLessThanOrEqual(100);
  }
  const evicted = stage.closed();
  expect(evicted.length).toBe(stage.named('cap_flows'));
  expect(evicted.length).toBe(301 - stage.dissector.table.size);
  expect(evicted.every((row) => row.end === 'evicted' && row.record.transport === 17)).toBe(true);
  stage.end();
  expect(new Set(stage.closed().map((row) => row.number)).size).toBe(301);
});

test('a connection that was silent for too long is ended and counted; one that was closed before is not', () => {
  const stage = new Stage([everything()], { tcpIdle: 10_000_000 });
  const silent = tcp(stage, { fromPort: 1 });
  silent.open();
  silent.client.say('hello');
  const closed = tcp(stage, { fromPort: 2 });
  closed.open();
  closed.client.rst();
  stage.wait(11_000_000);
  expect(
    stage
      .closed()
      .map((row) => row.end)
      .toSorted(),
  ).toEqual(['idle', 'reset']);
  expect(stage.named('cap_tcpIdle')).toBe(1);
});

test('the table finds every flow from both sides, whatever was added and taken out', () => {
  const stage = new Stage([]);
  const host = (i: number) => (i % 3 === 0 ? `fd00::${i.toString(16)}` : `10.0.${i >> 8}.${i & 255}`);
  const other = (i: number) => (i % 3 === 0 ? 'fd01::1' : '10.9.9.9');
  // Below and above port 32,768, which is the sign of the key's word.
  const port = (i: number) => (i * 7_919) % 65_536;
  for (let i = 1; i <= 9_000; i++)
    stage.packet(ip(host(i), other(i), 17, udp(port(i), 53, 'x')), { after: i < 4_500 ? 1 : 5 });
  expect(stage.dissector.table.size).toBe(9_000);
  for (let i = 1; i <= 9_000; i++)
    stage.packet(ip(other(i), host(i), 17, udp(53, port(i), 'y')), { after: 1 });
  expect(stage.dissector.table.size).toBe(9_000);
  stage.end();
  expect(stage.dissector.table.size).toBe(0);
  const rows = stage.closed();
  expect(rows.length).toBe(9_000);
  expect(rows.filter((r) => r.client.packets !== 1 || r.server.packets !== 1)).toEqual([]);
});

test('the same ports at another place are another flow', () => {
  const stage = new Stage([]);
  stage.packet(ip('10.0.0.1', '10.0.0.2', 17, udp(1, 2, 'x')));
  stage.place = 3;
  stage.packet(ip('10.0.0.1', '10.0.0.2', 17, udp(1, 2, 'x')));
  expect(
    stage
      .end()
      .closed()
      .map((row) => row.record.place)
      .toSorted((a, b) => a - b),
  ).toEqual([0, 3]);
});

test('a conversation of a host with itself on one port has both sides in one', () => {
  const stage = new Stage([everything()]);
  stage.packet(ip('127.0.0.1', '127.0.0.1', 6, segment(9, 9, { seq: 1, flags: 'PA' }, 'x')));
  stage.packet(ip('127.0.0.1', '127.0.0.1', 6, segment(9, 9, { seq: 2, flags: 'PA' }, 'y')));
  expect(stage.end().closed()).toMatchObject([{ client: { payloadBytes: 2 }, server: { payloadBytes: 0 } }]);
});

test('idle UDP flows end after their time, and time that jumps by years ends each once', () => {
  const stage = new Stage([], { udpIdle: 1_000_000 });
  for (let i = 0; i < 10; i++) stage.packet(ip('10.0.0.1', '10.0.0.2', 17, udp(100 + i, 53, 'x')));
  stage.wait(900_000);
  expect(stage.dissector.table.size).toBe(10);
  stage.wait(300_000);
  expect(stage.dissector.table.size).toBe(0);
  for (let i = 0; i < 10; i++) stage.packet(ip('10.0.0.1', '10.0.0.2', 17, udp(100 + i, 53, 'x')));
  stage.wait(3e14);
  expect(stage.dissector.table.size).toBe(0);
  expect(stage.closed().length).toBe(20);
});

test('a packet from the past moves no clock; the entry keeps its own stamp', () => {
  const stage = new Stage([]);
  stage.packet(ip('10.0.0.1', '10.0.0.2', 17, udp(1, 2, 'x')));
  const { now } = stage.dissector;
  stage.time -= 5_000_000;
  stage.packet(ip('10.0.0.1', '10.0.0.2', 17, udp(3, 4, 'x')), { after: 0 });
  expect(stage.dissector.now).toBe(now);
  const rows = stage
    .end()
    .closed()
    .toSorted((a, b) => a.number - b.number);
  expect(rows.map((row) => row.record.timestamp)).toEqual([now, now - 5_000_000]);
});

test.each([
  Number.NaN,
  Number.POSITIVE_INFINITY,
  -5_000,
  1e25,
])('a stamp of %d is replaced by core time', (stamp) => {
  const stage = new Stage([]);
  stage.packet(ip('10.0.0.1', '10.0.0.2', 17, udp(1, 2, 'x')));
  const { now } = stage.dissector;
  stage.time = stamp;
  stage.packet(ip('10.0.0.1', '10.0.0.2', 17, udp(3, 4, 'x')));
  stage.dissector.advance(stamp);
  expect([stage.dissector.now, stage.named('bad_timestamp'), stage.dissector.table.size]).toEqual([
    now,
    1,
    2,
  ]);
});

test('a follower that fails makes its flow a plain one, counted; others go on', () => {
  const faulty = recorder(4, () => 'request', {
    onData: (_flow, text) => {
      if (text.includes('bomb')) throw new Error('mistake');
      return undefined;
    },
  });
  const stage = new Stage([faulty]);
  const a = tcp(stage, { fromPort: 1_000 });
  const b = tcp(stage, { fromPort: 2_000 });
  a.open();
  b.open();
  a.client.say('fine');
  a.client.say('bomb');
  a.client.say('after');
  b.client.say('fine');
  expect(stage.named('follower_failed')).toBe(1);
  expect(faulty.flows.map((f) => f.stream[0])).toEqual(['fine', 'fine']);
  expect(stage.end().closed().length).toBe(2);
});

test('100,000 flows one after another leave no memory behind', () => {
  const stage = new Stage([], { flows: 500, udpIdle: 1_000_000 });
  const packet = ip('10.0.0.1', '10.0.0.2', 17, udp(1, 53, 'x'));
  const { dissector } = stage;
  const round = () => {
    for (let i = 0; i < 20_000; i++) {
      packet.writeUInt32BE((packet.readUInt32BE(12) + 1) >>> 0, 12);
      stage.time += 100;
      dissector.packet(packet, 0, packet.length, packet.length, stage.time, 101, 0, -1);
      stage.records.length = 0;
    }
  };
  round();
  const before = process.memoryUsage();
  for (let i = 0; i < 4; i++) round();
  const after = process.memoryUsage();
  expect(after.heapUsed + after.external - before.heapUsed - before.external).toBeLessThan(80_000_000);
  expect(dissector.table.size).toBeLessThanOrEqual(500);
  expect(dissector.counters.flows).toBe(100_000);
});
