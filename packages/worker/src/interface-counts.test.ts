// An interface that went away is listed no more; what it counted stays in the sums, and its last drops are told once.
import { expect, test } from 'vitest';
import { InterfaceCounts } from './interface-counts.ts';

const counters = (index: number, name: string, packets: number, dropped: number, namespace = '') => ({
  index,
  namespace,
  interface: name,
  packets,
  bytes: packets * 100,
  dropped,
});

test('what is dropped is told once, of each interface', () => {
  const counts = new InterfaceCounts();
  expect(counts.update([counters(0, 'lo', 10, 0), counters(1, 'eth0', 10, 3)], [])).toEqual([
    { index: 1, interface: 'eth0', dropped: 3 },
  ]);
  expect(counts.update([counters(0, 'lo', 20, 1), counters(1, 'eth0', 20, 5)], [])).toEqual([
    { index: 0, interface: 'lo', dropped: 1 },
    { index: 1, interface: 'eth0', dropped: 2 },
  ]);
  expect(counts.update([counters(0, 'lo', 30, 1), counters(1, 'eth0', 30, 5)], [])).toEqual([]);
});

test('one that went away leaves its sums, also when one of its name comes again', () => {
  const counts = new InterfaceCounts();
  counts.update([counters(0, 'lo', 1, 0), counters(1, 'veth1', 10, 3)], []);
  const drops = counts.update(
    [counters(0, 'lo', 2, 0), counters(2, 'veth1', 1, 1)],
    [counters(1, 'veth1', 12, 4)],
  );
  expect(drops).toEqual([
    { index: 1, interface: 'veth1', dropped: 1 },
    { index: 2, interface: 'veth1', dropped: 1 },
  ]);
  expect(counts.capturing).toEqual([
    { interface: 'lo', packets: 2, bytes: 200, dropped: 0 },
    { interface: 'veth1', packets: 1, bytes: 100, dropped: 1 },
  ]);
  expect(counts.gone).toEqual({ packets: 12, bytes: 1_200, dropped: 4 });
  counts.update([counters(0, 'lo', 3, 0)], [counters(2, 'veth1', 5, 1)]);
  expect(counts.capturing.map((one) => one.interface)).toEqual(['lo']);
  expect(counts.gone).toEqual({ packets: 17, bytes: 1_700, dropped: 5 });
});

test('pods have sums of their own, with interfaces that went away, until they go', () => {
  const counts = new InterfaceCounts();
  counts.update(
    [counters(0, 'lo', 1, 0, 'a'), counters(1, 'eth0', 10, 0, 'a'), counters(2, 'eth0', 5, 0, 'b')],
    [],
  );
  expect(counts.capturing).toEqual([
    { interface: 'lo', packets: 1, bytes: 100, dropped: 0 },
    { interface: 'eth0', packets: 15, bytes: 1_500, dropped: 0 },
  ]);
  counts.update(
    [counters(0, 'lo', 2, 0, 'a')],
    [counters(1, 'eth0', 12, 1, 'a'), counters(2, 'eth0', 5, 0, 'b')],
  );
  expect([...counts.namespaces]).toEqual([['a', { packets: 14, bytes: 1_400, dropped: 1 }]]);
  expect(counts.gone).toEqual({ packets: 17, bytes: 1_700, dropped: 1 });
  counts.update([], [counters(0, 'lo', 2, 0, 'a')]);
  counts.update([counters(9, 'lo', 1, 0, 'a')], []);
  expect([...counts.namespaces]).toEqual([['a', { packets: 1, bytes: 100, dropped: 0 }]]);
});
