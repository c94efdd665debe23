/** Each condition of the filter on its own: the one that nothing fulfils is the one to mend. */
import { quote } from '@kubeshark/kfl';
import { formatCount, formatCounted, type HubStatus } from '@kubeshark/model';
import { TriangleAlert } from 'lucide-react';
import { ViewLink } from '../components/view-link.tsx';
import { useCoverage } from '../coverage/use-coverage.ts';
import { withoutCondition } from '../filter/conditions.ts';
import { FilterText } from '../filter/filter-text.tsx';
import { spanOf } from '../list/clock-time.ts';
import type { AddressBar } from '../page/address-bar.ts';
import type { SearchState } from '../page/search.ts';
import { rangeWords } from '../status/range-select.tsx';
import { CaptureSteps } from './capture-steps.tsx';
import { namedPods, whyNotCaptured } from './named-pods.ts';
import { useConditionCounts } from './use-condition-counts.ts';
import { useSuggestion } from './use-suggestion.ts';
import { Why } from './why.tsx';

interface Props {
  asked: SearchState;
  /** Entries that the search looked at. */
  total: number;
  status: HubStatus | null;
  address: AddressBar;
  onTargets(this: void): void;
}

export function NothingMatches({ asked, total, status, address, onTargets }: Props) {
  const { filter, conditions, from, to, flows } = asked;
  const counts = useConditionCounts(conditions, from, to, flows);
  const ranged = from !== null || to !== null;
  const where = ranged ? ` ${rangeWords(from, to)}` : '';
  const leaveOut = (condition: string) => address.go({ filter: withoutCondition(filter, condition) });
  const worst = conditions.find((condition) => counts.get(condition) === 0);
  const unfulfilled = conditions.filter((condition) => counts.get(condition) === 0);
  const named = status?.cluster ? namedPods(unfulfilled) : null;
  const { coverage } = useCoverage(named !== null);
  const notCaptured = named && coverage && whyNotCaptured(named, coverage, status?.restrictedTo !== null);
  const suggestion = useSuggestion(conditions, worst, from, to, flows);
  const mainAct = notCaptured?.known ? 'btn' : 'btn primary';
  const kept = status?.store.oldest ? spanOf(status.time - status.store.oldest) : null;
  return (
    <Why
      title={
        notCaptured?.title ??
        (filter === '' ? 'Nothing was seen in this time' : 'Nothing matches this filter')
      }
      lead={
        filter === '' ? (
          `${formatCounted(total, 'entry is', 'entries are')} kept, none of them${where}.`
        ) : (
          <>
            {notCaptured?.reasons.map((reason) => `${reason} `)}
            {formatCounted(total, 'entry', 'entries')} arrived{where}; the search looked at{' '}
            {total === 1 ? 'it' : 'all of them'}.
            {suggestion && (
              <>
                {' '}
                No entry has the <code>{suggestion.field}</code> <code>{quote(suggestion.written)}</code>.
                There is <code>{quote(suggestion.value)}</code>.
              </>
            )}
          </>
        )
      }
    >
      {notCaptured?.byRule && (
        <button type="button" className="btn primary" onClick={onTargets}>
          Targets
        </button>
      )}
      {notCaptured?.known && (
        <ViewLink
          address={address}
          to={{ view: 'coverage', find: notCaptured.find }}
          className={notCaptured.byRule ? 'btn' : 'btn primary'}
        >
          Open Coverage
        </ViewLink>
      )}
      {suggestion && (
        <button
          type="button"
          className={mainAct}
          title={suggestion.filter}
          onClick={() => address.go({ filter: suggestion.filter })}
        >
          Use <code>{quote(suggestion.value)}</code> and show {formatCount(suggestion.matched)}
        </button>
      )}
      {worst !== undefined && conditions.length > 1 && (
        <button type="button" className={suggestion ? 'btn' : mainAct} onClick={() => leaveOut(worst)}>
          Leave <code>{worst}</code> out
        </button>
      )}
      {ranged && (
        <button type="button" className="btn" onClick={() => address.go({ from: null, to: null })}>
          {kept === null ? 'Search all that is kept' : `Search the last ${kept}`}
        </button>
      )}
      {filter !== '' && (
        <button type="button" className="btn ghost" onClick={() => address.go({ filter: '', off: false })}>
          Clear the filter <kbd>Esc</kbd> <kbd>Esc</kbd>
        </button>
      )}
      {conditions.length > 0 && (
        <section>
          <h2>Each condition on its own</h2>
          <div className="box">
            <table className="data">
              <thead>
                <tr>
                  <th scope="col">Condition</th>
                  <th scope="col" className="r">
                    Entries
                  </th>
                  <th scope="col">
                    <span className="sr-only">Mend</span>
                  </th>
                </tr>
              </thead>
              <tbody>
                {conditions.map((condition) => (
                  <Condition
                    key={condition}
                    text={condition}
                    count={counts.get(condition)}
                    onLeaveOut={() => leaveOut(condition)}
                  />
                ))}
                {conditions.length > 1 && (
                  <tr className="all">
                    <td>All together</td>
                    <td className="r">
                      <b>0</b>
                    </td>
                    <td />
                  </tr>
                )}
              </tbody>
            </table>
          </div>
        </section>
      )}
      {status && status.mode !== 'file' && !notCaptured && (
        <section>
          <h2>The capture</h2>
          <CaptureSteps status={status} />
        </section>
      )}
    </Why>
  );
}

function Condition({
  text,
  count,
  onLeaveOut,
}: {
  text: string;
  /** undefined while it is counted. */
  count: number | undefined;
  onLeaveOut(this: void): void;
}) {
  return (
    <tr className={count === 0 ? 'bad' : undefined}>
      <td className="mono">
        <FilterText text={text} />
      </td>
      <td className="r">{count === undefined ? '…' : formatCount(count)}</td>
      <td>
        <button type="button" className="btn small" onClick={onLeaveOut}>
          Leave this condition out
        </button>
        {count === 0 && <TriangleAlert className="ic" size={14} aria-label="Nothing fulfils it" />}
      </td>
    </tr>
  );
}
