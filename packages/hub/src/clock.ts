/** The hub's clock, µs since the epoch. Finer than `Date.now()`: clock offsets of workers are measured with it. */
export function now(): number {
  return Math.round((performance.timeOrigin + performance.now()) * 1000);
}
