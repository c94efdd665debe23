/** The tabs of the details (WAI-ARIA tabs pattern): one tab stop, arrows move and choose. */
import { type KeyboardEvent, useEffect } from 'react';
import { detailsHaveFocus, focusDetails } from '../page/focus.ts';

export const TABS = ['call', 'connection', 'entry'] as const;
export type TabName = (typeof TABS)[number];

/** A flow has no request and no response. */
const wordsOf = (flow: boolean): Record<TabName, string> => ({
  call: flow ? 'Both directions' : 'Request and response',
  connection: 'Connection',
  entry: 'Entry',
});

/** The tab of a name that may come from the address bar. */
export function tabOf(name: string): TabName {
  return TABS.find((tab) => tab === name) ?? 'call';
}

export function DetailTabs({
  tab,
  flow,
  onTab,
}: {
  tab: TabName;
  flow: boolean;
  onTab: (tab: string) => void;
}) {
  const words = wordsOf(flow);
  // Keys went to the details before the tabs were there.
  useEffect(() => {
    if (detailsHaveFocus()) focusDetails();
  }, []);
  const onKeyDown = (event: KeyboardEvent<HTMLElement>) => {
    const at = TABS.indexOf(tab);
    const to = { ArrowLeft: at - 1, ArrowRight: at + 1, Home: 0, End: -1 }[event.key];
    if (to === undefined) return;
    event.preventDefault();
    event.stopPropagation();
    const next = TABS.at(to % TABS.length);
    if (!next) return;
    onTab(next);
    event.currentTarget.querySelector<HTMLElement>(`#details-tab-${next}`)?.focus();
  };
  return (
    <div className="d-tabs">
      <div className="tabs" role="tablist" aria-label="Details" onKeyDown={onKeyDown}>
        {TABS.map((name) => (
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
            {words[name]}
          </button>
        ))}
      </div>
    </div>
  );
}
