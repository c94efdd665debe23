/** Everything known of one entry, beside or below the list. */
import type { Entry, ListRow } from '@kubeshark/model';
import { ListX } from 'lucide-react';
import { ConnectionView } from './connection-view.tsx';
import { DetailTabs, type TabName, tabOf } from './detail-tabs.tsx';
import './details.css';
import { dayAndTime } from '../list/clock-time.ts';
import type { Dock } from '../page/preferences.ts';
import { Ends, EntryHeader } from './entry-header.tsx';
import type { OnFilter } from './filter-value.tsx';
import { FlowView } from './flow-view.tsx';
import { JsonView } from './json-view.tsx';
import { LegsOf, type OnOpen } from './legs-view.tsx';
import { SideView } from './side-view.tsx';
import { stateWords } from './state-words.ts';
import { TimingBars } from './timing-bars.tsx';
import { useEntry } from './use-entry.ts';

export interface EntryDetailsProps {
  id: string;
  /** The row of the list, when the list has it: its revision says when to read again. */
  row: ListRow | null;
  /** `call`, `connection` or `entry`; any other name is `call`. */
  tab: string;
  onTab: (tab: string) => void;
  /** `not` gives the expression as it stands: the receiver puts the negation. */
  onFilter: OnFilter;
  onClose: () => void;
  /** Another entry, one of the same call. */
  onOpen: OnOpen;
  docked: Dock;
  /** There is little height: what a body needs goes to the body. */
  brief: boolean;
  /** The oldest entry that is kept, µs since the epoch. */
  oldest: number | null;
  /** Why the list does not have it; null when it has, or when nobody knows. */
  notListed: 'filter' | 'range' | null;
}

const NOT_LISTED = {
  filter: 'Not in the list: the filter leaves this entry out.',
  range: 'Not in the list: this entry is of another time than the one chosen.',
};

export function EntryDetails({
  id,
  row,
  tab,
  onTab,
  onFilter,
  onClose,
  onOpen,
  docked,
  brief,
  oldest,
  notListed,
}: EntryDetailsProps) {
  const { entry, problem, retry } = useEntry(id, row?.revision ?? 0);
  const call = entry ?? row;
  const gone = problem?.code === 'not_found' && !entry;
  return (
    <section className={`detail docked-${docked}`} aria-label="Entry">
      {call && <EntryHeader call={call} entry={entry} onClose={onClose} />}
      {call && notListed && (
        <p className="d-problem" role="status">
          <ListX className="ic" size={14} aria-hidden />
          {NOT_LISTED[notListed]}
        </p>
      )}
      {problem && (
        <div className="d-problem" role="status">
          <p>
            {gone ? 'This entry is no longer kept.' : problem.message}{' '}
            {gone && oldest !== null && (
              <span className="dim">The store reaches back to {dayAndTime(oldest)}.</span>
            )}
            {!gone && problem.hint !== undefined && <span className="dim">{problem.hint}</span>}
          </p>
          {!gone && (
            <button type="button" className="btn small" onClick={retry}>
              Try again
            </button>
          )}
          {!call && (
            <button type="button" className="btn small" onClick={onClose}>
              Back to traffic
            </button>
          )}
        </div>
      )}
      {call && (
        <div className="facts">
          <Ends call={call} onFilter={onFilter} />
          {entry?.legs && <LegsOf key={entry.legs.call} entry={entry} onOpen={onOpen} />}
          {entry && <TimingBars entry={entry} brief={brief} />}
        </div>
      )}
      {/* Another entry starts folded and paged anew; another height has room for other parts. */}
      {entry && (
        <EntryBody
          key={`${entry.id} ${brief}`}
          entry={entry}
          tab={tabOf(tab)}
          brief={brief}
          onTab={onTab}
          onFilter={onFilter}
        />
      )}
      {!entry && !problem && <p className="body-note">Reading the entry.</p>}
    </section>
  );
}

function stateColour({ state, outcome, capture }: Entry): string {
  if (capture.missing > 0 && outcome === 'ok' && state !== 'open') return 'warn';
  // What is to be said of an entry that went well is no praise.
  return state === 'open' || outcome === 'ok' ? 'sec' : `o-${outcome}`;
}

/** What stands below the header, for an entry that was read. */
export function EntryBody({
  entry,
  tab,
  brief,
  onTab,
  onFilter,
}: {
  entry: Entry;
  tab: TabName;
  brief: boolean;
  onTab: (tab: string) => void;
  onFilter: OnFilter;
}) {
  const words = stateWords(entry);
  return (
    <>
      {words.length > 0 && <p className={`d-state ${stateColour(entry)}`}>{words.join(' ')}</p>}
      <DetailTabs tab={tab} flow={entry.kind === 'flow'} onTab={onTab} />
      <div className="d-panel" role="tabpanel" id="details-panel" aria-labelledby={`details-tab-${tab}`}>
        {tab === 'call' && entry.kind === 'flow' && <FlowView entry={entry} onFilter={onFilter} />}
        {tab === 'call' && entry.kind !== 'flow' && (
          <div className="halves">
            <SideView entry={entry} which="request" brief={brief} onFilter={onFilter} />
            <SideView entry={entry} which="response" brief={brief} onFilter={onFilter} />
          </div>
        )}
        {tab === 'connection' && <ConnectionView entry={entry} onFilter={onFilter} />}
        {tab === 'entry' && (
          <div className="half-body">
            <JsonView value={entry} label="The entry as the API gives it" />
          </div>
        )}
      </div>
    </>
  );
}
