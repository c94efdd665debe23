/** CEL's `timestamp("…")` and `duration("…")` as µs. */

/** RFC 3339; NaN when it is none. */
export function parseTimestamp(text: string): number {
  const match = /^(\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2})(?:\.(\d{1,9}))?(Z|[+-]\d{2}:\d{2})$/.exec(text);
  if (!match) return Number.NaN;
  return Date.parse(`${match[1]}${match[3]}`) * 1000 + Number((match[2] ?? '').padEnd(6, '0').slice(0, 6));
}

const UNITS: Record<string, number> = {
  ns: 0.001,
  us: 1,
  µs: 1,
  ms: 1e3,
  s: 1e6,
  m: 60e6,
  h: 3600e6,
  d: 86_400e6,
};

/** `1h30m`, `250ms`, `1.5s`, `7d`; NaN when it is none. */
export function parseDuration(text: string): number {
  if (!/^-?(?:\d+(?:\.\d+)?(?:ns|us|µs|ms|s|m|h|d))+$/.test(text)) return Number.NaN;
  let micros = 0;
  for (const [, number, unit] of text.matchAll(/(\d+(?:\.\d+)?)(ns|us|µs|ms|s|m|h|d)/g))
    micros += Number(number) * UNITS[unit!]!;
  return Math.trunc(text.startsWith('-') ? -micros : micros);
}
