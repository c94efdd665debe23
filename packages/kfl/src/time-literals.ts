/** CEL's `timestamp("…")` and `duration("…")` as µs. */

const RFC3339 =
  /^(\d{4}-\d{2}-\d{2})T((?:[01]\d|2[0-3]):\d{2}:\d{2})(?:\.(\d{1,9}))?(Z|[+-](?:[01]\d|2[0-3]):[0-5]\d)$/;

/** RFC 3339; NaN when it is none. */
export function parseTimestamp(text: string): number {
  const match = RFC3339.exec(text);
  if (!match) return Number.NaN;
  const [, date, time, fraction = '', offset] = match;
  // JavaScript reads 30 February as 2 March.
  const day = new Date(`${date}T00:00:00Z`);
  if (Number.isNaN(day.getTime()) || !day.toISOString().startsWith(date!)) return Number.NaN;
  return Date.parse(`${date}T${time}${offset}`) * 1000 + Number(fraction.padEnd(6, '0').slice(0, 6));
}

const UNITS: Record<string, number> = {
  ns: 0.001,
  us: 1,
  // MICRO SIGN, and the Greek letter.
  µs: 1,
  μs: 1,
  ms: 1e3,
  s: 1e6,
  m: 60e6,
  h: 3600e6,
  d: 86_400e6,
};

/** `1h30m`, `250ms`, `1.5s`, `7d`; NaN when it is none, or longer than can be counted in µs. */
export function parseDuration(text: string): number {
  if (!/^-?(?:\d+(?:\.\d+)?(?:ns|us|µs|μs|ms|s|m|h|d))+$/.test(text)) return Number.NaN;
  let micros = 0;
  for (const [, number, unit] of text.matchAll(/(\d+(?:\.\d+)?)(ns|us|µs|μs|ms|s|m|h|d)/g))
    micros += Number(number) * UNITS[unit!]!;
  if (micros > Number.MAX_SAFE_INTEGER) return Number.NaN;
  return Math.trunc(text.startsWith('-') ? -micros : micros);
}
