/** Which pods of the table are shown, and the way to the targets. */
import { type Coverage, formatCount } from '@kubeshark/model';
import { Search, SlidersHorizontal } from 'lucide-react';
import { clockTime } from '../list/clock-time.ts';
import { type Asked, countStandings, podsOf, type Show } from './standing.ts';

const SHOWS: readonly [Show, string][] = [
  ['not_captured', 'Not captured'],
  ['silent', 'No calls seen'],
  ['dropping', 'Drops'],
];

export function Tools({
  coverage,
  asked,
  onAsked,
  onTargets,
}: {
  coverage: Coverage;
  asked: Asked;
  onAsked(this: void, asked: Asked): void;
  onTargets(this: void): void;
}) {
  const pods = podsOf(coverage);
  const counts = countStandings(pods);
  return (
    <div className="tools">
      <label className="find">
        <Search className="ic" size={13} aria-hidden />
        <span className="sr-only">Find</span>
        <input
          type="search"
          placeholder="Pod, namespace, node, reason"
          spellCheck={false}
          value={asked.text}
          onChange={(event) => onAsked({ ...asked, text: event.target.value })}
        />
      </label>
      <div className="seg" role="group" aria-label="Pods that are shown">
        <button
          type="button"
          aria-pressed={asked.show === 'all'}
          onClick={() => onAsked({ ...asked, show: 'all' })}
        >
          All <span className="num">{formatCount(pods.length)}</span>
        </button>
        {SHOWS.map(([show, words]) => (
          <button
            key={show}
            type="button"
            aria-pressed={asked.show === show}
            onClick={() => onAsked({ ...asked, show: asked.show === show ? 'all' : show })}
          >
            {words} <span className="num">{formatCount(counts[show as Exclude<Show, 'all'>])}</span>
          </button>
        ))}
      </div>
      <span className="grow" />
      <span className="dim num hide-s">As of {clockTime(coverage.time)[0]}</span>
      <button type="button" className="btn" onClick={onTargets} title="Which pods are captured (Shift+T)">
        <SlidersHorizontal className="ic" size={14} aria-hidden />
        Targets
      </button>
    </div>
  );
}
