/** The tabs of the details (WAI-ARIA tabs pattern): one tab stop, arrows move and choose. */
import type { KeyboardEvent } from 'react';

export const TABS = [
  ['call', 'Request and response'],
  ['connection', 'Connection'],
  ['entry', 'Entry'],
] as const;
export type TabName = (typeof TABS)[number][0];

/** The tab of a name that may come from the address bar. */
export function tabOf(name: string): TabName {
  return TABS.find(([tab]) => tab === name)?.[0] ?? 'call';
}

export function DetailTabs({ tab, onTab }: { tab: TabName; onTab: (tab: string) => void }) {
  const onKeyDown = (event: KeyboardEvent<HTMLElement>) => {
    const at = TABS.findIndex(([name]) => name === tab);
    const to = { ArrowLeft: at - 1, ArrowRight: at + 1, Home: 0, End: -1 }[event.key];
    if (to === undefined) return;
    event.preventDefault();
    event.stopPropagation();
    const next = TABS.at(to % TABS.length);
    if (!next) return;
    onTab(next[0]);
    event.currentTarget.querySelector<HTMLElement>(`#details-tab-${next[0]}`)?.focus();
  };
  return (
    <div className="d-tabs">
      <div className="tabs" role="tablist" aria-label="Details" onKeyDown={onKeyDown}>
        {TABS.map(([name, words]) => (
          <button
            type="button"
            role="tab"
            key={name}
            id={`details-tab-${name}`}
            aria-selected={name === tab}
            aria-controls="details-panel"
            tabIndex={name === tab ? 0 : -1}
            onClick={() => onTab(name)}
          >
            {words}
          </button>
        ))}
      </div>
    </div>
  );
}
