/** Ticks stand at whole times of the reader's zone, as many as there is room for. */
import { expect, test } from 'vitest';
import { ticksOf } from './ticks.ts';

const at = (...parts: [number, number, number, number, number, number]) =>
  new Date(...parts).getTime() * 1_000;
const labels = (from: number, to: number, most: number) => ticksOf(from, to, most).map(({ label }) => label);

test.each([
  [
    at(2026, 5, 1, 14, 17, 20),
    15 * 60,
    8,
    ['14:18', '14:20', '14:22', '14:24', '14:26', '14:28', '14:30', '14:32'],
  ],
  [
    at(2026, 5, 1, 14, 17, 20),
    60,
    6,
    ['14:17:20', '14:17:30', '14:17:40', '14:17:50', '14:18:00', '14:18:10', '14:18:20'],
  ],
  [at(2026, 5, 1, 22, 0, 0), 6 * 3_600, 6, ['22:00', '23:00', '2 Jun', '01:00', '02:00', '03:00', '04:00']],
  [at(2026, 5, 1, 22, 0, 0), 3 * 86_400, 4, ['2 Jun', '3 Jun', '4 Jun']],
  [at(2026, 5, 1, 14, 17, 20), 0.02, 4, ['17:20.000', '17:20.005', '17:20.010', '17:20.015', '17:20.020']],
])('%j', (from, seconds, most, expected) => {
  expect(labels(from, from + seconds * 1_000_000, most)).toEqual(expected);
});

test('no ticks in a stretch that is too short for them, and never many', () => {
  expect(ticksOf(5, 100, 8)).toEqual([]);
  expect(ticksOf(0, 3_000_000_000_000_000, 8).length).toBeLessThanOrEqual(9);
});
