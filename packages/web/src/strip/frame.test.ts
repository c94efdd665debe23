/** The strip's bars keep their places while traffic comes, and a chosen range is asked for exactly. */
import { expect, test } from 'vitest';
import { barsFor, frameOf } from './frame.ts';

const SECOND = 1_000_000;
const noon = 1_760_011_200 * SECOND;

test('a chosen range is asked for as it is', () => {
  expect(frameOf({ from: 5, to: 90 }, 1, noon, 120)).toEqual({ from: 5, to: 90, buckets: 120 });
});

test('where nothing more comes the hub knows the ends', () => {
  expect(frameOf({}, null, null, 120)).toEqual({ buckets: 120 });
  expect(frameOf({ from: 5 }, null, null, 120)).toEqual({ from: 5, buckets: 120 });
});

test('while traffic comes the frame moves by whole bars only', () => {
  const oldest = noon - 12 * 60 * SECOND;
  const frame = frameOf({}, oldest, noon + 1, 120);
  expect(frame).toEqual({ from: noon + 10 * SECOND - 900 * SECOND, to: noon + 10 * SECOND, buckets: 90 });
  expect(frameOf({}, oldest, noon + 9 * SECOND, 120)).toEqual(frame);
  expect(frameOf({}, oldest, noon + 11 * SECOND, 120).from).toBe(frame.from! + 10 * SECOND);
});

test('bars are as many as there is room for, and never wider than needed', () => {
  for (const age of [1, 70, 500, 4_000, 90_000, 3_000_000, 90_000_000]) {
    const { from, to, buckets } = frameOf({}, noon - age * SECOND, noon, 120);
    expect(buckets).toBeGreaterThan(20);
    expect(buckets).toBeLessThanOrEqual(120);
    expect(to! - from!).toBeGreaterThanOrEqual(age * SECOND);
  }
});

test('an open end after a chosen beginning', () => {
  const { from, to, buckets } = frameOf({ from: noon - 61 * SECOND }, null, noon, 120);
  expect([from, to! - from!, buckets]).toEqual([noon - 61 * SECOND, 61 * SECOND, 61]);
});

test('nothing kept yet shows a minute', () => {
  const { from, to } = frameOf({}, null, noon, 120);
  expect(to! - from!).toBe(60 * SECOND);
});

test('small changes of the width change nothing', () => {
  expect(barsFor(1_093)).toBe(130);
  expect(barsFor(1_041)).toBe(130);
  expect(barsFor(10)).toBe(20);
});
