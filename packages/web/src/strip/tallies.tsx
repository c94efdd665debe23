/** How many rows of the list failed, by how: each a filter, put in by one click and taken out by the next. */
import { formatCount, type Histogram, type Outcome } from '@kubeshark/model';
import { OutcomeGlyph } from '../components/outcome-glyph.tsx';
import { type How, hasCondition } from '../filter/conditions.ts';

const TALLIES: readonly { outcome: Outcome; words: string; what: string }[] = [
  { outcome: 'server_error', words: 'server errors', what: 'HTTP from 500 on, DNS SERVFAIL and NOTIMP' },
  { outcome: 'no_response', words: 'no response', what: 'calls and connections without an answer' },
  { outcome: 'reset', words: 'reset', what: 'connections refused or broken off, and the calls on them' },
  {
    outcome: 'client_error',
    words: 'client errors',
    what: 'HTTP 400 to 499, DNS NXDOMAIN and REFUSED, also for names that a resolver tries with its search domains. Without DNS: !dns',
  },
];

export function Tallies({
  filter,
  totals,
  onFilter,
}: {
  filter: string;
  totals: Histogram['totals'] | null;
  onFilter: (expression: string, how: How | 'without') => void;
}) {
  return (
    <div className="tally" role="group" aria-label="Failures in this range">
      {TALLIES.map(({ outcome, words, what }) => {
        const expression = `outcome == "${outcome}"`;
        const on = hasCondition(filter, expression);
        const count = totals ? (totals[outcome] ?? 0) : null;
        return (
          <button
            key={outcome}
            type="button"
            className={count === 0 ? 'none' : ''}
            aria-pressed={on}
            title={`${words}: ${what}\n${on ? 'Click takes out' : 'Click filters'}: ${expression}`}
            onClick={() => onFilter(expression, on ? 'without' : 'and')}
          >
            <OutcomeGlyph outcome={outcome} label={false} />
            <b>{count === null ? '—' : formatCount(count)}</b>
            <span>{words}</span>
          </button>
        );
      })}
    </div>
  );
}
