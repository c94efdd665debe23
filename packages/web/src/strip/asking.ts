/** When the hub is asked for the counts again. */

/** ms. */
const SOONEST = 1_000;
const LATEST = 30_000;
/** The hub works for the strip at most one part in this many: a filter over bodies may take seconds. */
const SHARE = 10;

/**
 * ms to wait after an answer. `took`: ms the answer took. `unchanged`: how many answers in a row were the same; where
 * nothing more comes the hub is asked ever more seldom.
 */
export function waitBeforeNext(took: number, live: boolean, unchanged: number): number {
  const least = live ? SOONEST : Math.min(LATEST, SOONEST * 2 ** unchanged);
  return Math.max(least, took * (SHARE - 1));
}
