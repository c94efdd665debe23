/** Sizes and times as people write them in settings and on the command line. */

const SIZES: Record<string, number> = { b: 1, kb: 1e3, mb: 1e6, gb: 1e9, tb: 1e12, '': 1 };

/** `2GB`, `500MB`: bytes; null when it is no size above 0. */
export function sizeIn(text: string): number | null {
  const match = /^(\d+(?:\.\d+)?)\s*([a-z]*)$/i.exec(text.trim());
  const unit = match ? SIZES[match[2]!.toLowerCase()] : undefined;
  const size = match && unit !== undefined ? Math.round(Number(match[1]) * unit) : 0;
  return size > 0 ? size : null;
}

const PERIODS: Record<string, number> = { s: 1e3, m: 60e3, h: 3600e3, d: 86_400e3 };

/** `30m`, `12h`, `7d`: milliseconds; null when it is no time above 0. */
export function periodIn(text: string): number | null {
  const match = /^(\d+(?:\.\d+)?)\s*([smhd])$/i.exec(text.trim());
  const period = match ? Number(match[1]) * PERIODS[match[2]!.toLowerCase()]! : 0;
  return period > 0 ? period : null;
}
