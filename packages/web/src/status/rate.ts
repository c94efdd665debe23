/** Rates as people read them: `8,412`, `96.4`, `0.3`. Without the `/s`. */
export function formatRate(perSecond: number): string {
  if (perSecond === 0) return '0';
  if (perSecond < 0.1) return '< 0.1';
  return perSecond < 99.95
    ? perSecond.toFixed(1).replace(/\.0$/, '')
    : Math.round(perSecond).toLocaleString('en-US');
}

/** `1 entry/s`, `8,412 entries/s`. */
export function rateWords(perSecond: number, one: string, more: string): string {
  const rate = formatRate(perSecond);
  return `${rate} ${rate === '1' ? one : more}/s`;
}
