/** `14:31:58.412906`, in the browser's zone: details show microseconds. */
export function preciseTime(micros: number): string {
  const date = new Date(micros / 1_000);
  const two = (n: number) => String(n).padStart(2, '0');
  const rest = String(Math.floor(micros) % 1_000_000).padStart(6, '0');
  return `${two(date.getHours())}:${two(date.getMinutes())}:${two(date.getSeconds())}.${rest}`;
}

/** ISO 8601 with microseconds, UTC: for copies and tooltips. */
export function isoTime(micros: number): string {
  const text = new Date(Math.floor(micros / 1_000)).toISOString();
  return `${text.slice(0, -1)}${String(Math.floor(micros) % 1_000).padStart(3, '0')}Z`;
}
