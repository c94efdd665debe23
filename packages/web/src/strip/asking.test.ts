/** The strip asks at most once a second, seldom where nothing happens, and leaves the hub its time. */
import { expect, test } from 'vitest';
import { waitBeforeNext } from './asking.ts';

test.each([
  [10, true, 50, 1_000],
  [10, false, 0, 1_000],
  [10, false, 3, 8_000],
  [10, false, 2_000, 30_000],
  [2_000, true, 0, 18_000],
])('took %d, live %s, %d the same: %d ms', (took, live, unchanged, wait) => {
  expect(waitBeforeNext(took, live, unchanged)).toBe(wait);
});
