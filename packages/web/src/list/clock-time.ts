/** Times of rows as people read them, in the browser's zone. */

const two = (n: number) => String(n).padStart(2, '0');

/** `14:31:58` and `.412`: the second half is what differs from row to row. */
export function clockTime(micros: number): [string, string] {
  const date = new Date(micros / 1_000);
  const ms = String(Math.floor(micros / 1_000) % 1_000).padStart(3, '0');
  return [`${two(date.getHours())}:${two(date.getMinutes())}:${two(date.getSeconds())}`, `.${ms}`];
}

/** `14:31:58`, or `14:31` for whole minutes. */
export function shortTime(micros: number): string {
  const [time] = clockTime(micros);
  return time.endsWith(':00') ? time.slice(0, 5) : time;
}

const DAY = new Intl.DateTimeFormat('en-GB', {
  weekday: 'long',
  day: 'numeric',
  month: 'long',
  year: 'numeric',
});

/** `Tuesday 18 November 2025`. */
export function dayName(ms: number): string {
  return DAY.format(ms);
}

const FULL = new Intl.DateTimeFormat('en-GB', {
  day: 'numeric',
  month: 'short',
  hour: '2-digit',
  minute: '2-digit',
});

/** `12 Nov, 10:14`. */
export function dayAndTime(micros: number): string {
  return FULL.format(micros / 1_000);
}

/** ISO 8601 with µs and the zone's name: for tooltips and copies. */
export function isoTime(micros: number): string {
  const text = new Date(Math.floor(micros / 1_000)).toISOString();
  return `${text.slice(0, -1)}${String(Math.floor(micros) % 1_000).padStart(3, '0')}Z`;
}

/** A span in words: `the last 15 min`, `the last 6 d 4 h`. */
export function spanOf(micros: number): string {
  const minutes = Math.max(1, Math.round(micros / 60_000_000));
  if (minutes < 60) return `${minutes} min`;
  const hours = Math.floor(minutes / 60);
  if (hours < 24) return minutes % 60 === 0 ? `${hours} h` : `${hours} h ${minutes % 60} min`;
  return hours % 24 === 0 ? `${Math.floor(hours / 24)} d` : `${Math.floor(hours / 24)} d ${hours % 24} h`;
}
