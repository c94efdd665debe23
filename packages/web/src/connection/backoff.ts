/** ms to wait before the attempt after `failures` failed ones: 1 s, 2 s, 4 s, … 15 s. */
export function retryDelay(failures: number): number {
  return Math.min(15_000, 1_000 * 2 ** Math.max(0, failures - 1));
}
