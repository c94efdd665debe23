// The wall clock is finer than a millisecond and follows when the machine's clock is set.
import { afterEach, expect, test, vi } from 'vitest';
import { wallClock } from './wall-clock.ts';

afterEach(() => {
  vi.useRealTimers();
});

test('it never differs from the coarse clock by 2 ms, and tells parts of a millisecond apart', () => {
  const fractions = new Set<number>();
  for (let i = 0; i < 2_000; i++) {
    const before = Date.now();
    const fine = wallClock();
    // The process may have to wait between the two.
    const after = Date.now();
    expect(fine / 1000).toBeGreaterThan(before - 2);
    expect(fine / 1000).toBeLessThan(after + 2);
    fractions.add(fine % 1000);
  }
  expect(fractions.size).toBeGreaterThan(10);
});

test.each([3_600_000, -3_600_000, 5])('it follows a clock set by %i ms', { retry: 2 }, (by) => {
  vi.useFakeTimers({ toFake: ['Date'], now: Date.now() + by });
  expect(Math.abs(wallClock() / 1000 - Date.now())).toBeLessThan(2);
});
