// What all rings take together stays below its limit: rings do not grow, new ones are small, then there is none; each time is counted.
import { expect, test } from 'vitest';
import { InterfaceNumbers } from './interface-numbers.ts';
import { RingMemory, SMALLEST_RING_BYTES } from './ring-memory.ts';

test('a new ring is as large as wanted, then as small as may be, then there is none; each is counted once', () => {
  const memory = new RingMemory(2_400_000);
  expect(memory.takeAtMost(2_000_000)).toBe(2_000_000);
  expect(memory.caps.cap_ringBytes).toBe(0);
  expect(memory.takeAtMost(2_000_000)).toBe(SMALLEST_RING_BYTES);
  expect(memory.caps.cap_ringBytes).toBe(1);
  expect(memory.takeAtMost(2_000_000)).toBe(0);
  expect(memory.caps.cap_ringBytes).toBe(2);
  memory.give(2_000_000);
  expect(memory.takeAtMost(1_000_000)).toBe(1_000_000);
  expect(memory.used).toBe(SMALLEST_RING_BYTES + 1_000_000);
});

test('the number of an interface is given again after 15 minutes, the longest gone first', () => {
  const numbers = new InterfaceNumbers();
  const minute = 60_000;
  expect([numbers.take(0), numbers.take(0), numbers.take(0)]).toEqual([0, 1, 2]);
  numbers.release(1, 0);
  numbers.release(0, minute);
  expect(numbers.take(14 * minute)).toBe(3);
  expect(numbers.take(15 * minute)).toBe(1);
  expect(numbers.take(15 * minute)).toBe(4);
  expect(numbers.take(16 * minute)).toBe(0);
});

test('there are as many numbers as a record has room for', () => {
  const numbers = new InterfaceNumbers();
  for (let i = 0; i < 65_536; i++) numbers.take(0);
  expect(numbers.take(0)).toBeUndefined();
  numbers.release(7, 0);
  expect(numbers.take(900_000)).toBe(7);
});

test('a ring that is there leaves most of what is free to others, and what it does not get is counted once', () => {
  const memory = new RingMemory(8_000_000);
  expect(memory.takeToGrow([2_000_000, 500_000])).toBe(2_000_000);
  expect(memory.caps.cap_ringBytes).toBe(0);
  expect(memory.takeToGrow([2_000_000, 500_000])).toBe(500_000);
  expect(memory.caps.cap_ringBytes).toBe(1);
  expect(memory.takeToGrow([8_000_000, 2_000_000])).toBe(0);
  expect([memory.used, memory.free, memory.caps.cap_ringBytes]).toEqual([2_500_000, 5_500_000, 2]);
});
