/** What a bar says: when, how many, how many failed, and what is missing. */
import type { Histogram, Loss } from '@kubeshark/model';
import { expect, test } from 'vitest';
import { entryWords, spanWords, sumBars } from './bar-words.ts';

const start = new Date(2026, 5, 1, 14, 30, 4).getTime() * 1_000;
const loss: Loss = {
  from: start + 9_000_000,
  to: start + 9_500_000,
  worker: 'node-a3',
  place: '',
  cause: 'spool_full',
  count: 12,
};
const histogram: Histogram = {
  from: start,
  to: start + 20_000_000,
  step: 8_000_000,
  buckets: [
    { all: 164, outcomes: { ok: 150, server_error: 12, client_error: 2 } },
    { all: 1, outcomes: { reset: 1 } },
    { all: 0, outcomes: {} },
  ],
  totals: {},
  losses: [loss],
};

test('one bar', () => {
  const bar = sumBars(histogram, 0, 0);
  expect([spanWords(bar), entryWords(bar.all), bar.failed, bar.losses]).toEqual([
    '14:30:04 – 14:30:12',
    '164 entries',
    [{ outcome: 'server_error', count: 12 }],
    [],
  ]);
});

test('several bars together; the last ends with the strip', () => {
  const bars = sumBars(histogram, 1, 2);
  expect([spanWords(bars), entryWords(bars.all), bars.losses]).toEqual([
    '14:30:12 – 14:30:24',
    '1 entry',
    [loss],
  ]);
});

test('short stretches have fractions', () => {
  expect(spanWords({ from: start, to: start + 250_000, dated: false })).toBe('14:30:04.000 – 14:30:04.250');
});

test('a strip of days says the day', () => {
  const wide = { ...histogram, to: start + 172_800_000_000, step: 57_600_000_000 };
  expect(spanWords(sumBars(wide, 0, 0))).toBe('1 Jun, 14:30 – 2 Jun, 06:30');
});
