/** Numbers for people, the same words in the page and in the terminal. */

/** `412 µs`, `6.12 ms`, `18.4 ms`, `212.4 ms`, `1.284 s`, `2 m 04 s`, `3 h 07 m`; `—` below zero (there is none). */
export function formatDuration(micros: number): string {
  if (!(micros >= 0)) return '—';
  if (micros < 999.5) return `${Math.round(micros)} µs`;
  if (micros < 9_995) return `${(micros / 1000).toFixed(2)} ms`;
  if (micros < 999_950) return `${(micros / 1000).toFixed(1)} ms`;
  if (micros < 59_999_500) return `${(micros / 1_000_000).toFixed(3)} s`;
  const seconds = Math.round(micros / 1_000_000);
  const two = (n: number) => String(n).padStart(2, '0');
  if (seconds < 3600) return `${Math.floor(seconds / 60)} m ${two(seconds % 60)} s`;
  return `${Math.floor(seconds / 3600)} h ${two(Math.floor(seconds / 60) % 60)} m`;
}

/** Decimal: `96 B`, `1.2 kB`, `4.2 MB`. */
export function formatSize(bytes: number): string {
  if (bytes < 1000) return `${bytes} B`;
  let value = bytes;
  for (const unit of ['kB', 'MB', 'GB']) {
    value /= 1000;
    if (value < 999.95) return `${value.toFixed(1)} ${unit}`;
  }
  return `${(value / 1000).toFixed(1)} TB`;
}

/** With separators and no abbreviation: `6,204,118`. */
export function formatCount(count: number): string {
  return count.toLocaleString('en-US');
}

/** `1 entry`, `6,204 entries`. */
export function formatCounted(count: number, one: string, more = `${one}s`): string {
  return `${formatCount(count)} ${count === 1 ? one : more}`;
}
