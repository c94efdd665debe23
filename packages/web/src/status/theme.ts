/** Light, dark, or as the system is. Remembered by the browser. */
export type Theme = 'system' | 'light' | 'dark';

const KEY = 'kubeshark.theme';
const NEXT: Record<Theme, Theme> = { system: 'light', light: 'dark', dark: 'system' };

export function storedTheme(): Theme {
  const stored = localStorage.getItem(KEY);
  return stored === 'light' || stored === 'dark' ? stored : 'system';
}

/** Shows a theme, and keeps it for the next visit. */
export function applyTheme(theme: Theme): void {
  const root = document.documentElement;
  if (theme === 'system') {
    delete root.dataset['theme'];
    localStorage.removeItem(KEY);
  } else {
    root.dataset['theme'] = theme;
    localStorage.setItem(KEY, theme);
  }
}

export function nextTheme(theme: Theme): Theme {
  return NEXT[theme];
}
