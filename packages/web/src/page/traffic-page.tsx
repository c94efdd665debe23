/** The traffic: filter, time strip, list and details, and the state of the capture around them. */
import { useCallback, useRef, useState, useSyncExternalStore } from 'react';
import { useStore } from 'zustand';
import { selectedId, selectionOf } from '../address.ts';
import type { Range } from '../connection/api.ts';
import { EntryDetails } from '../details/entry-details.tsx';
import { EmptyState } from '../empty/empty-state.tsx';
import { type How, withCondition, withoutCondition } from '../filter/conditions.ts';
import { FilterBar, type FilterBarHandle } from '../filter/filter-bar.tsx';
import { HelpDialog } from '../keys/help-dialog.tsx';
import { useKeys } from '../keys/use-keys.ts';
import { EntryList } from '../list/entry-list.tsx';
import type { ListModel } from '../list/list-model.ts';
import { Banners, ConnectionNotice } from '../status/notices.tsx';
import { StatusLine } from '../status/status-line.tsx';
import { TopBar } from '../status/top-bar.tsx';
import { TimeStrip, type TimeStripProps } from '../strip/time-strip.tsx';
import type { Traffic } from '../traffic.ts';
import type { AddressBar } from './address-bar.ts';
import { focusDetails, focusList, pressKeyOf } from './focus.ts';
import './page.css';
import { preferences } from './preferences.ts';
import type { Search } from './search.ts';
import { Split } from './split.tsx';
import { useClock } from './use-clock.ts';
import { useMedia } from './use-media.ts';

export interface PageParts {
  traffic: Traffic;
  address: AddressBar;
  search: Search;
  list: ListModel;
}

export function TrafficPage({ traffic, address, search, list }: PageParts) {
  const shown = useSyncExternalStore(address.subscribe, address.current);
  const asked = useStore(search.state);
  const matched = useStore(traffic.state, (state) => state.matched);
  const searching = useStore(traffic.state, (state) => state.searching);
  const status = useStore(traffic.state, (state) => state.status);
  const error = useStore(traffic.state, (state) => state.error);
  const preferred = useStore(preferences);
  const narrow = useMedia('(max-width: 1180px)');
  const wide = useMedia('(min-width: 1900px)');
  const now = useClock();
  const [help, setHelp] = useState(false);
  const filterBar = useRef<FilterBarHandle>(null);
  const rangeSelect = useRef<HTMLSelectElement>(null);

  const compact = narrow || preferred.compact;
  const dock = narrow ? 'below' : preferred.dock;
  const share = dock === 'right' ? (preferred.shareBeside ?? (wide ? 60 : 50)) : (preferred.shareAbove ?? 37);
  const id = shown.selected === null ? null : selectedId(shown.selected);
  // Another revision of the row is painted: the details read the entry again.
  const row = useStore(traffic.state, () => (id === null ? undefined : traffic.rows.get(id))) ?? null;

  const select = useCallback(
    (chosen: string) => {
      const there = traffic.rows.get(chosen);
      // One step back closes the details, however many entries were looked at.
      const step = address.current().selected === null ? 'push' : 'replace';
      if (there) address.go({ selected: selectionOf(there) }, step);
    },
    [traffic, address],
  );
  const close = () => {
    address.go({ selected: null, tab: '' });
    focusList();
  };
  const setRange = ({ from, to }: Range) => address.go({ from: from ?? null, to: to ?? null });
  const addFilter = (expression: string, how: How | 'without') => {
    const filter =
      how === 'without'
        ? withoutCondition(shown.filter, expression)
        : withCondition(shown.filter, expression, how);
    address.go({ filter, off: false });
  };

  useKeys({
    move: (by) => list.move(by),
    page: (by) => list.page(by),
    oldest: () => list.toStart(),
    newest: () => list.toEnd(),
    failure: (direction) => list.failure(direction),
    stream: (direction) => list.stream(direction),
    open: () => (id === null ? list.move(1) : focusDetails()),
    leave: () => id !== null && close(),
    pause: () => status?.mode !== 'file' && traffic.pause(!traffic.state.getState().paused),
    filter: () => filterBar.current?.focus(),
    range: () => rangeSelect.current?.focus(),
    press: pressKeyOf,
    dock: () => preferences.setState({ dock: dock === 'right' ? 'below' : 'right' }),
    density: () => preferences.setState({ compact: !preferred.compact }),
    help: () => setHelp(true),
  });

  const range: Range = {
    ...(asked.from === null ? {} : { from: asked.from }),
    ...(asked.to === null ? {} : { to: asked.to }),
  };

  return (
    <>
      <TopBar
        traffic={traffic}
        from={shown.from}
        to={shown.to}
        onRange={(from, to) => address.go({ from, to })}
        range={rangeSelect}
        onHelp={() => setHelp(true)}
      />
      <FilterBar
        ref={filterBar}
        filter={shown.filter}
        off={shown.off}
        range={range}
        matched={matched}
        searching={searching}
        problem={error}
        onApply={(filter) => address.go({ filter, off: false })}
        onOff={(off) => address.go({ off })}
        onLeave={focusList}
      />
      <StripOfList
        list={list}
        filter={asked.filter}
        range={range}
        oldest={status?.store.oldest ?? null}
        now={status && status.mode !== 'file' ? status.time : null}
        onRange={setRange}
        onFilter={addFilter}
      />
      <Banners traffic={traffic} flows={shown.flows} onHideFlows={() => address.go({ flows: false })} />
      <main className="split-frame">
        <Split
          dock={dock}
          share={share}
          onShare={(to) => preferences.setState(dock === 'right' ? { shareBeside: to } : { shareAbove: to })}
          first={
            <EntryList
              model={list}
              selected={id}
              onSelect={select}
              compact={compact}
              now={now * 1_000}
              empty={<EmptyState traffic={traffic} search={search} address={address} />}
            />
          }
          second={
            shown.selected === null ? null : (
              <EntryDetails
                id={shown.selected}
                row={row}
                tab={shown.tab}
                docked={dock}
                oldest={status?.store.oldest ?? null}
                onTab={(tab) => address.go({ tab: tab === 'call' ? '' : tab }, 'replace')}
                onFilter={addFilter}
                onClose={close}
              />
            )
          }
        />
        <ConnectionNotice traffic={traffic} />
      </main>
      <StatusLine traffic={traffic} onHelp={() => setHelp(true)} />
      {help && <HelpDialog onClose={() => setHelp(false)} />}
    </>
  );
}

/** The strip marks where the rows on screen are: it alone is drawn anew when the list scrolls. */
function StripOfList({ list, ...strip }: Omit<TimeStripProps, 'onScreen'> & { list: ListModel }) {
  const { first, last } = useSyncExternalStore(list.subscribe, list.current);
  const { rows } = list.traffic;
  const from = rows.at(first)?.timestamp;
  const to = rows.at(last)?.timestamp;
  return <TimeStrip {...strip} onScreen={from === undefined || to === undefined ? null : [from, to]} />;
}
