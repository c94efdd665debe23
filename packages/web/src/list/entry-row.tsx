import { formatCount, type ListRow } from '@kubeshark/model';
import { memo } from 'react';
import { Duration, Size } from '../components/measure.tsx';
import { OutcomeGlyph } from '../components/outcome-glyph.tsx';
import { ProtocolBadge } from '../components/protocol-badge.tsx';
import { clockTime, isoTime } from './clock-time.ts';
import { type EndName, endWords, longEnd, shortEnd } from './end-name.ts';
import { openFor, statusWords } from './status-words.ts';

const SLOW = 1_000_000;

interface Props {
  row: ListRow;
  selected: boolean;
  /** Of the same stream as the selection. */
  same: boolean;
  /** µs, of an open call; 0 otherwise, so that closed rows are not drawn again. */
  now: number;
  onSelect(this: void, id: string): void;
}

/** One entry as one line. Drawn again only when the row itself changed. */
export const EntryRow = memo(function EntryRow({ row, selected, same, now, onSelect }: Props) {
  const [time, ms] = clockTime(row.timestamp);
  const open = row.state === 'open';
  const status = statusWords(row);
  const from = shortEnd(row.src, false);
  const to = shortEnd(row.dst, true);
  return (
    // biome-ignore format: one line a column
    <div
      id={`row-${row.id}`}
      role="option"
      aria-selected={selected}
      className={`er r-${open ? 'ok' : row.outcome}${selected ? ' sel' : ''}${same ? ' same' : ''}`}
      onMouseDown={(event) => event.button === 0 && onSelect(row.id)}
    >
      <span className="g" />
      <span className="t" title={isoTime(row.timestamp)}>{time}<i>{ms}</i></span>
      <ProtocolBadge protocol={row.protocol} />
      <span className={open ? 'sc open' : 'sc'}>
        {!open && <OutcomeGlyph outcome={row.outcome} />}
        <b className={`ell o-${row.outcome}`} title={status}>{status}</b>
      </span>
      <span className="wh ell" title={`${row.operation} ${row.target}`}><b>{row.operation}</b> <span className="tg">{row.target}</span></span>
      <span className="rt ell" title={`${endWords(row.src)} → ${endWords(row.dst)}`}>
        <span className="sec">{from.name}</span><span className="ar">→</span>{to.name}<span className="dim">{to.rest}</span>
      </span>
      <End className="sp" end={longEnd(row.src, true)} words={endWords(row.src)} />
      <End className="dp" end={longEnd(row.dst, true)} words={endWords(row.dst)} />
      <span className="sz r" title={`${formatCount(row.requestSize)} B request, ${formatCount(row.responseSize)} B response`}>
        <Size bytes={row.requestSize + row.responseSize} />
      </span>
      <span className={row.elapsed >= SLOW ? 'el r slow' : 'el r'}>
        {open ? <span className="dim">{openFor(row.timestamp, now)}</span> : <Duration micros={row.elapsed} />}
      </span>
    </div>
  );
});

function End({ className, end, words }: { className: string; end: EndName; words: string }) {
  return (
    <span className={`end ${className}`} title={words}>
      <span>{end.name}</span>
      <span className="dim">{end.rest}</span>
    </span>
  );
}
