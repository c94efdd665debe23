/** The traffic: filter, time strip, list and details. */
import { type RefObject, useCallback, useRef, useSyncExternalStore } from 'react';
import { useStore } from 'zustand';
import { selectedId, selectionOf } from '../address.ts';
import type { Range } from '../connection/api.ts';
import { EntryDetails } from '../details/entry-details.tsx';
import { EmptyState } from '../empty/empty-state.tsx';
import { type How, withCondition, withoutCondition } from '../filter/conditions.ts';
import { FilterBar, type FilterBarHandle } from '../filter/filter-bar.tsx';
import { KEY_TABLE } from '../keys/key-table.ts';
import { useKeys } from '../keys/use-keys.ts';
import { EntryList } from '../list/entry-list.tsx';
import type { ListModel } from '../list/list-model.ts';
import { Banners, ConnectionNotice } from '../status/notices.tsx';
import { say } from '../status/said.ts';
import { TimeStrip, type TimeStripProps } from '../strip/time-strip.tsx';
import type { Traffic } from '../traffic.ts';
import type { AddressBar } from './address-bar.ts';
import { focusDetails, focusList, pressKeyOf } from './focus.ts';
import { preferences } from './preferences.ts';
import type { Search } from './search.ts';
import { Split } from './split.tsx';
import { useClock } from './use-clock.ts';
import { useNotListed } from './use-listed.ts';
import { useMedia } from './use-media.ts';

export interface PageParts {
  traffic: Traffic;
  address: AddressBar;
  search: Search;
  list: ListModel;
}

interface Props extends PageParts {
  rangeSelect: RefObject<HTMLSelectElement | null>;
  /** Opens the dialog that says what is captured. */
  onTargets(this: void): void;
}

export function TrafficPage({ traffic, address, search, list, rangeSelect, onTargets }: Props) {
  const shown = useSyncExternalStore(address.subscribe, address.current);
  const asked = useStore(search.state);
  const matched = useStore(traffic.state, (state) => state.matched);
  const searching = useStore(traffic.state, (state) => state.searching);
  const status = useStore(traffic.state, (state) => state.status);
  const error = useStore(traffic.state, (state) => state.error);
  const preferred = useStore(preferences);
  const narrow = useMedia('(max-width: 1180px)');
  const low = useMedia('(max-height: 860px)');
  const wide = useMedia('(min-width: 1900px)');
  const now = useClock();
  const filterBar = useRef<FilterBarHandle>(null);

  const compact = narrow || preferred.compact;
  const dock = narrow ? 'below' : preferred.dock;
  const share = dock === 'right' ? (preferred.shareBeside ?? (wide ? 60 : 50)) : (preferred.shareAbove ?? 37);
  const id = shown.selected === null ? null : selectedId(shown.selected);
  // Another revision of the row is painted: the details read the entry again.
  const row = useStore(traffic.state, () => (id === null ? undefined : traffic.rows.get(id))) ?? null;

  const at = shown.selected?.split('@')[1];
  const notListed = useNotListed(id, at === undefined ? null : Number(at), row !== null, asked);

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

  useKeys(KEY_TABLE, {
    move: (by) => list.move(by),
    page: (by) => list.page(by),
    oldest: () => list.toStart(),
    newest: () => list.toEnd(),
    failure: (direction) => list.failure(direction) || say(noneWords('failure', direction, traffic)),
    stream: (direction) =>
      list.stream(direction) || say(noneWords('entry of this connection', direction, traffic)),
    open: () => (id === null ? list.move(1) : focusDetails()),
    leave: () => id !== null && close(),
    pause: () => status?.mode !== 'file' && traffic.pause(!traffic.state.getState().paused),
    filter: () => filterBar.current?.focus(),
    range: () => rangeSelect.current?.focus(),
    press: pressKeyOf,
    dock: () =>
      narrow
        ? say('The window is too narrow for details beside the list')
        : preferences.setState({ dock: dock === 'right' ? 'below' : 'right' }),
    density: () =>
      narrow
        ? say('In a window as narrow as this all rows are low')
        : preferences.setState({ compact: !preferred.compact }),
  });

  const range: Range = {
    ...(asked.from === null ? {} : { from: asked.from }),
    ...(asked.to === null ? {} : { to: asked.to }),
  };

  return (
    <>
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
        flows={asked.flows}
        oldest={status?.store.oldest ?? null}
        now={status && status.mode !== 'file' ? status.time : null}
        onRange={setRange}
        onFilter={addFilter}
      />
      <Banners
        traffic={traffic}
        address={address}
        flows={shown.flows}
        onHideFlows={() => address.go({ flows: false })}
      />
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
              order={asked.order}
              onOrder={(order) => address.go({ order })}
              now={now * 1_000}
              empty={<EmptyState traffic={traffic} search={search} address={address} onTargets={onTargets} />}
            />
          }
          second={
            shown.selected === null ? null : (
              <EntryDetails
                id={shown.selected}
                row={row}
                tab={shown.tab}
                docked={dock}
                brief={low || dock === 'below'}
                oldest={status?.store.oldest ?? null}
                notListed={notListed}
                onTab={(tab) => address.go({ tab: tab === 'call' ? '' : tab }, 'replace')}
                onFilter={addFilter}
                onClose={close}
                onOpen={(leg) => address.go({ selected: selectionOf(leg) }, 'replace')}
              />
            )
          }
        />
        <ConnectionNotice traffic={traffic} />
      </main>
    </>
  );
}

function noneWords(what: string, direction: 1 | -1, { rows, detached }: Traffic): string {
  const more = direction === 1 ? detached > 0 : rows.hasMoreBefore;
  return `No ${direction === 1 ? 'later' : 'earlier'} ${what}${more ? ' among the rows read so far' : ''}`;
}

/** The strip marks where the rows on screen are: it alone is drawn anew when the list scrolls. */
function StripOfList({ list, ...strip }: Omit<TimeStripProps, 'onScreen'> & { list: ListModel }) {
  const { first, last } = useSyncExternalStore(list.subscribe, list.current);
  const { rows } = list.traffic;
  const from = rows.at(first)?.timestamp;
  const to = rows.at(last)?.timestamp;
  return <TimeStrip {...strip} onScreen={from === undefined || to === undefined ? null : [from, to]} />;
}
