/** What a reader sets once: kept by the browser, never part of a link. */
import { createStore } from 'zustand/vanilla';
import { applyTheme, storedTheme, type Theme } from '../status/theme.ts';

export type Dock = 'right' | 'below';

export interface Preferences {
  theme: Theme;
  compact: boolean;
  dock: Dock;
  /** Letters are keys outside text fields. Some input methods type letters of their own (WCAG 2.1.4). */
  letterKeys: boolean;
  /** Share of the list beside the details, and above them, in per cent; null as the design has it. */
  shareBeside: number | null;
  shareAbove: number | null;
}

const KEY = 'kubeshark.preferences';

function share(value: unknown): number | null {
  return typeof value === 'number' && value >= 30 && value <= 70 ? value : null;
}

function stored(): Preferences {
  let kept: Record<string, unknown> = {};
  try {
    kept = (JSON.parse(localStorage.getItem(KEY) ?? '{}') ?? {}) as Record<string, unknown>;
  } catch {
    // Written by something else: the defaults are as good.
  }
  return {
    theme: storedTheme(),
    compact: kept['compact'] === true,
    dock: kept['dock'] === 'below' ? 'below' : 'right',
    letterKeys: kept['letterKeys'] !== false,
    shareBeside: share(kept['shareBeside']),
    shareAbove: share(kept['shareAbove']),
  };
}

function apply({ theme, compact }: Preferences): void {
  applyTheme(theme);
  if (compact) document.documentElement.dataset['density'] = 'compact';
  else delete document.documentElement.dataset['density'];
}

export const preferences = createStore<Preferences>(stored);

/** Shows the page as it was left. */
export function startPreferences(): void {
  apply(preferences.getState());
  preferences.subscribe((now) => {
    apply(now);
    // The theme has a key of its own.
    localStorage.setItem(KEY, JSON.stringify({ ...now, theme: undefined }));
  });
}
