// A worker's clock offset is right within a few milliseconds under jitter, follows drift and a clock that is set, and is 0 for one clock.
import { expect, test } from 'vitest';
import { random } from '../store/testing.ts';
import { ClockOffset } from './clock-offset.ts';

const SECOND = 1_000_000;
const START = 1_790_000_000 * SECOND;

/** Pings as a session sends them: five quickly, then every 5 s; `there` and `back` are the ways' times. */
function measure(
  clock: ClockOffset,
  worker: (time: number) => number,
  seconds: number,
  way: () => number,
  from = START,
): number {
  let time = from;
  for (let n = 0; time < from + seconds * SECOND; n++) {
    const id = clock.ping(time);
    const there = way();
    clock.pong(id, Math.round(worker(time + there)), time + there + way());
    time += n < 4 ? 100_000 : 5 * SECOND;
  }
  return time;
}

/** Mostly 0.3 to 1 ms, now and then a queue of up to 200 ms. */
function jitter(seed: number): () => number {
  const below = random(seed);
  return () => 300 + below(700) + (below(3) === 0 ? below(200_000) : 0);
}

test.each([
  50_000,
  -50_000,
  3_600 * SECOND,
])('a clock that is off by %i µs, ways that jitter by 200 ms', (ahead) => {
  for (let seed = 1; seed <= 50; seed++) {
    const clock = new ClockOffset();
    measure(clock, (time) => time + ahead, 60, jitter(seed));
    expect(Math.abs(clock.correction + ahead)).toBeLessThan(2_000);
  }
});

test('five quick pings are enough for a first correction', () => {
  const clock = new ClockOffset();
  expect([clock.known, clock.correction]).toEqual([false, 0]);
  measure(
    clock,
    (time) => time + 50_000,
    0.5,
    () => 400,
  );
  expect([clock.known, clock.correction]).toEqual([true, -50_000]);
});

test('drift of 50 ppm is followed for an hour', () => {
  const clock = new ClockOffset();
  const worker = (time: number) => time + 50_000 + (time - START) * 50e-6;
  const way = jitter(7);
  let time = START;
  for (let minute = 0; minute < 60; minute++) {
    time = measure(clock, worker, 60, way, time);
    expect(Math.abs(clock.correction - (time - worker(time)))).toBeLessThan(4_000);
  }
});

test('a clock that is set is followed with the next answer, whichever of the two it was', () => {
  const clock = new ClockOffset();
  let time = measure(
    clock,
    (t) => t,
    60,
    () => 400,
  );
  expect(clock.correction).toBe(0);
  time = measure(
    clock,
    (t) => t - 30 * SECOND,
    0.1,
    () => 2_000,
    time,
  );
  expect(clock.correction).toBe(30 * SECOND);
  measure(
    clock,
    (t) => t,
    0.1,
    () => 2_000,
    time + 30 * SECOND,
  );
  expect(clock.correction).toBe(0);
});

test('what cannot be told from the error of measuring is no offset', () => {
  const clock = new ClockOffset();
  measure(
    clock,
    (time) => time + 3_000,
    10,
    () => 5_000,
  );
  expect(clock.correction).toBe(0);
});

test('answers to nothing, twice, of no time, or from before the ping change nothing', () => {
  const clock = new ClockOffset();
  const id = clock.ping(START);
  expect(clock.pong(id + 1, START, START + 10)).toBe(false);
  expect(clock.pong(id, START + 50_000, START + 10)).toBe(true);
  expect(clock.pong(id, START, START + 10)).toBe(false);
  for (const hostile of [Number.NaN, -1, 1e300, Number.POSITIVE_INFINITY])
    expect(clock.pong(clock.ping(START), hostile, START + 10)).toBe(false);
  expect(clock.pong(clock.ping(START), START, START - 1)).toBe(false);
  expect(clock.correction).toBe(-49_995);
});

test('pings that are never answered are forgotten', () => {
  const clock = new ClockOffset();
  const first = clock.ping(START);
  for (let i = 0; i < 100; i++) clock.ping(START + i);
  expect(clock.pong(first, START, START + 200)).toBe(false);
});
