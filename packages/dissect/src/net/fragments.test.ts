// Fragmented datagrams are put together as an endpoint does, or dropped and counted.
import { LIMITS } from '@kubeshark/model';
import { expect, test } from 'vitest';
import { everything, ip, ipv4, ipv6, random, Stage, udp } from '../testing.ts';

const datagram = (length: number) => {
  const next = random(length);
  return udp(5_000, 53, Buffer.from(Array.from({ length }, () => 97 + Math.floor(next() * 26))));
};

function scene(limits = {}) {
  const protocol = everything();
  const stage = new Stage([protocol], limits);
  const v4 = (whole: Buffer, start: number, end: number, id = 1, options = {}) =>
    stage.packet(
      ipv4('10.0.0.1', '10.0.0.2', 17, whole.subarray(start, end), {
        id,
        fragment: { offset: start, more: end < whole.length },
      }),
      options,
    );
  const v6 = (whole: Buffer, start: number, end: number, id = 1) => {
    const header = Buffer.alloc(8);
    header[0] = 17;
    header.writeUInt16BE(start | (end < whole.length ? 1 : 0), 2);
    header.writeUInt32BE(id, 4);
    stage.packet(ipv6('fd00::1', 'fd00::2', 44, Buffer.concat([header, whole.subarray(start, end)])));
  };
  const said = () => protocol.flows.flatMap((f) => f.events).map((event) => event.replace('client: ', ''));
  return { stage, v4, v6, said };
}
const payload = (whole: Buffer) => whole.toString('latin1', 8);

test.each([
  'v4',
  'v6',
] as const)('%s: fragments in any order, some twice, give the datagram once', (version) => {
  for (let seed = 1; seed <= 40; seed++) {
    const next = random(seed);
    const whole = datagram(600 + seed);
    const { stage, said, ...send } = scene();
    const cuts: [number, number][] = [];
    for (let at = 0; at < whole.length; ) {
      const end = Math.min(whole.length, at + 8 * (1 + Math.floor(next() * 20)));
      cuts.push([at, end]);
      if (next() < 0.2) cuts.push([at, end]);
      at = end;
    }
    const shuffled = cuts.map((cut) => ({ cut, key: next() })).toSorted((a, b) => a.key - b.key);
    for (const { cut } of shuffled) send[version](whole, ...cut);
    expect([seed, ...said()]).toEqual([seed, payload(whole)]);
    // A fragment repeated after the datagram was complete begins another that never will be.
    stage.wait(LIMITS.fragmentTime + 1_000_000);
    stage.end();
    expect(stage.dissector.counters.undecoded).toBe(0);
  }
});

test('the flow counts the bytes of all frames of a datagram', () => {
  const { stage, v4 } = scene();
  const whole = datagram(92);
  v4(whole, 0, 48);
  v4(whole, 48, 100);
  expect(stage.end().closed()).toMatchObject([{ client: { packets: 1, bytes: 140, payloadBytes: 92 } }]);
});

test('identifiers, addresses and places keep datagrams apart', () => {
  const { stage, v4, said } = scene();
  const one = datagram(40);
  const other = datagram(41);
  v4(one, 0, 24, 1);
  v4(other, 24, 49, 2);
  stage.place = 1;
  v4(one, 24, 48, 1);
  expect(said()).toEqual([]);
  stage.place = 0;
  v4(one, 24, 48, 1);
  v4(other, 0, 24, 2);
  expect(said()).toEqual([payload(one), payload(other)]);
});

test('fragments that overlap say different things to different readers: the datagram is dropped', () => {
  const whole = datagram(92);
  for (const [start, end] of [
    [40, 64],
    [8, 40],
    [48, 100],
  ] as const) {
    const { stage, v4, said } = scene();
    v4(whole, 0, 32);
    v4(whole, 56, 88);
    v4(whole, start, end);
    v4(whole, 32, 56);
    v4(whole, 88, 100);
    expect(said()).toEqual([]);
    expect(stage.named('fragment_overlap')).toBe(1);
  }
});

test('two ends, or bytes beyond the end, drop the datagram', () => {
  const { stage, v4, said } = scene();
  const whole = datagram(92);
  v4(whole.subarray(0, 64), 48, 64);
  v4(whole, 64, 100);
  v4(whole, 0, 48);
  expect(said()).toEqual([]);
  expect(stage.named('fragment_overlap')).toBe(1);
});

test('a datagram incomplete for 30 s is dropped', () => {
  const { stage, v4, said } = scene();
  const whole = datagram(92);
  v4(whole, 0, 48);
  stage.wait(LIMITS.fragmentTime - 1_000_000);
  v4(whole, 0, 48, 2);
  stage.wait(1_100_000);
  expect(stage.named('cap_fragmentTime')).toBe(1);
  v4(whole, 48, 100);
  v4(whole, 48, 100, 2);
  expect(said()).toEqual([payload(whole)]);
});

test('more pieces than a datagram may have drop it', () => {
  const { stage, v4, said } = scene({ fragmentPieces: 3 });
  const whole = datagram(92);
  for (const [start, end] of [
    [0, 16],
    [16, 32],
    [32, 48],
    [48, 64],
    [64, 100],
  ] as const)
    v4(whole, start, end);
  expect(said()).toEqual([]);
  expect([stage.named('cap_fragmentPieces'), stage.named('fragment_overlap')]).toEqual([1, 0]);
});

test('memory of fragments has a cap: the oldest datagrams go first', () => {
  const { stage, v4, said } = scene({ fragmentBytes: 10_000 });
  const whole = datagram(1_500);
  for (let id = 1; id <= 100; id++) v4(whole, 0, 1_000, id, { after: 1 });
  const held = stage.named('cap_fragmentBytes');
  expect(held).toBeGreaterThan(85);
  v4(whole, 1_000, 1_508, 1);
  v4(whole, 1_000, 1_508, 100);
  expect(said()).toEqual([payload(whole)]);
});

test('tiny fragments cost what they take: a flood of them stays under the cap', () => {
  const { stage } = scene({ fragmentBytes: 50_000 });
  const before = process.memoryUsage().heapUsed;
  for (let id = 0; id < 20_000; id++)
    stage.packet(
      ipv4('10.0.0.1', '10.0.0.2', 17, Buffer.alloc(8), { id, fragment: { offset: 8, more: true } }),
      { after: 1 },
    );
  expect(stage.named('cap_fragmentBytes')).toBeGreaterThan(19_700);
  expect(process.memoryUsage().heapUsed - before).toBeLessThan(60_000_000);
});

test('a cut fragment, one whose length is no multiple of 8, one beyond 65,535 are refused', () => {
  const { stage, v4 } = scene();
  v4(datagram(92), 0, 48, 1, { snap: 40 });
  stage.packet(ipv4('10.0.0.1', '10.0.0.2', 17, Buffer.alloc(9), { fragment: { offset: 0, more: true } }));
  stage.packet(
    ipv4('10.0.0.1', '10.0.0.2', 17, Buffer.alloc(64), { fragment: { offset: 65_528, more: false } }),
  );
  expect([stage.named('fragment_snapped'), stage.named('fragment_malformed')]).toEqual([1, 2]);
  expect(stage.dissector.counters.undecoded).toBe(3);
});

test('a fragment inside a tunnel joins the one outside it that went another way', () => {
  const { stage, v4, said } = scene();
  const whole = datagram(92);
  v4(whole, 0, 48);
  stage.packet(
    ip(
      '192.0.2.1',
      '192.0.2.2',
      4,
      ipv4('10.0.0.1', '10.0.0.2', 17, whole.subarray(48), { id: 1, fragment: { offset: 48, more: false } }),
    ),
  );
  expect(said()).toEqual([payload(whole)]);
});
