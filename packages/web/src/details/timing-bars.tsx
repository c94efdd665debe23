/** Where the time went: a bar for each end that saw the call, and what the parts are. */
import type { Entry } from '@kubeshark/model';
import { TriangleAlert } from 'lucide-react';
import { type ReactNode, useEffect, useState } from 'react';
import { Duration } from '../components/measure.tsx';
import { openFor } from '../list/status-words.ts';
import { type TimingBar, timingOf } from './timing.ts';

export function TimingBars({ entry, brief }: { entry: Entry /** There is no height. */; brief: boolean }) {
  const timing = timingOf(entry, brief);
  if (!timing) return entry.state === 'open' ? <OpenFor timestamp={entry.timestamp} /> : null;
  const percent = (micros: number) => `${timing.scale > 0 ? (micros / timing.scale) * 100 : 100}%`;
  return (
    <div className="timing" role="group" aria-label="Where the time went">
      {timing.bars.map((bar) => (
        <div className="tl" key={bar.label}>
          <span className="dim">{bar.label}</span>
          <div className="track" aria-hidden="true">
            {bar.parts.map((part) => (
              <i
                key={part.words}
                className={`t-${part.kind}`}
                style={{ left: percent(part.start), width: percent(part.length) }}
              />
            ))}
          </div>
          <b className="r">
            <Duration micros={bar.total} />
          </b>
        </div>
      ))}
      {timing.bars.map((bar, i) => (
        <Legend key={bar.label} bar={bar}>
          {i === timing.bars.length - 1 && (
            <Remarks note={timing.note} sentAgain={entry.capture.retransmitted} />
          )}
        </Legend>
      ))}
    </div>
  );
}

/** What the parts of a bar are; one that has no parts is named by its place and total. */
function Legend({ bar, children }: { bar: TimingBar; children: ReactNode }) {
  const named = bar.parts.filter((part) => part.kind !== 'whole');
  if (named.length === 0 && children === false) return null;
  return (
    <div className="tleg num">
      {named.map((part) => (
        <span key={part.words}>
          <i className={`sw t-${part.kind}`} aria-hidden="true" />
          {part.words}{' '}
          <b>
            <Duration micros={part.length} />
          </b>
        </span>
      ))}
      {children}
    </div>
  );
}

function Remarks({ note, sentAgain }: { note: string | undefined; sentAgain: boolean }) {
  return (
    <>
      {note !== undefined && <span className="only">{note}</span>}
      {sentAgain && (
        <span className="warn">
          <TriangleAlert className="ic" size={12} aria-hidden="true" />
          bytes were sent again
        </span>
      )}
    </>
  );
}

function OpenFor({ timestamp }: { timestamp: number }) {
  const [now, setNow] = useState(() => Date.now() * 1_000);
  useEffect(() => {
    const timer = setInterval(() => setNow(Date.now() * 1_000), 1_000);
    return () => clearInterval(timer);
  }, []);
  return (
    <div className="timing">
      <div className="tl">
        <span className="dim">open</span>
        <div className="track" aria-hidden="true">
          <i className="t-open" />
        </div>
        <b className="r">{openFor(timestamp, now)}</b>
      </div>
    </div>
  );
}
