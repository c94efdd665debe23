/** Filters that were applied before, the newest first; the browser keeps them. */
const KEY = 'kubeshark.filters';
/** Filters kept. Policy: the oldest leaves. */
const KEPT = 30;
/** Longer filters are not kept: they would push everything else out of the browser's store. */
const LONGEST = 2_000;

export function pastFilters(): string[] {
  try {
    const stored: unknown = JSON.parse(localStorage.getItem(KEY) ?? '[]');
    return Array.isArray(stored) ? stored.filter((text) => typeof text === 'string').slice(0, KEPT) : [];
  } catch {
    // No store here, or something else wrote into it: the history starts anew.
    return [];
  }
}

export function rememberFilter(filter: string): void {
  const text = filter.trim();
  if (text === '' || text.length > LONGEST) return;
  try {
    localStorage.setItem(KEY, JSON.stringify(newestFirst(pastFilters(), text)));
  } catch {
    // A full or forbidden store costs the history, nothing else.
  }
}

/** Each filter once. */
export function newestFirst(past: readonly string[], filter: string): string[] {
  return [filter, ...past.filter((text) => text !== filter)].slice(0, KEPT);
}
