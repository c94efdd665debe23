/** By how much the monotonic clock, as read here, is behind the wall clock (ms). */
let shift = 0;

/**
 * Wall clock, µs since the epoch: finer than `Date.now()`, and unlike `performance.timeOrigin + performance.now()` it follows
 * when the clock is set and when the machine wakes up. Packets are stamped by the same clock.
 */
export function wallClock(): number {
  const fine = performance.timeOrigin + performance.now() + shift;
  const coarse = Date.now();
  // `Date.now()` cuts the part of a millisecond off.
  if (fine < coarse - 0.5 || fine > coarse + 1.5) {
    shift += coarse + 0.5 - fine;
    return Math.round((coarse + 0.5) * 1000);
  }
  return Math.round(fine * 1000);
}
