import { formatCount, type ListRow, visibleText } from '@kubeshark/model';
import { TriangleAlert } from 'lucide-react';
import { memo } from 'react';
import { Captured } from '../components/captured.tsx';
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
  const legs = 1 + (row.legs?.inner ?? 0);
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
      <span className="g" title={same ? 'On the same connection as the selected entry' : undefined} />
      <span className="t" title={isoTime(row.timestamp)}>{time}<i>{ms}</i></span>
      <ProtocolBadge protocol={row.protocol} />
      <span className={open ? 'sc open' : 'sc'}>
        {!open && <OutcomeGlyph outcome={row.outcome} />}
        <b className={`ell o-${row.outcome}`} title={visibleText(status)}><Captured text={status} /></b>
        {row.missing > 0 && <Hole bytes={row.missing} />}
      </span>
      <span className={legs > 1 ? 'wh many' : 'wh ell'} title={visibleText(`${row.operation} ${row.target}`)}>
        <span className="ell"><b><Captured text={row.operation} /></b> <span className="tg"><Captured text={row.target} /></span></span>
        {legs > 1 && <span className="legs" title="Seen on each leg of its way through sidecars; the details list them">{formatCount(legs)} legs</span>}
      </span>
      <span className="rt" title={`${endWords(row.src)} → ${endWords(row.dst)}`}>
        <span className="name sec">{from.name}</span>
        <span className="ar">→</span>
        <span className="name">{to.name}<span className="dim">{to.rest}</span></span>
      </span>
      <End className="sp" end={longEnd(row.src, true)} words={endWords(row.src)} />
      <End className="dp" end={longEnd(row.dst, true)} words={endWords(row.dst)} />
      <span className="sz r" title={sizeWords(row)}>
        <Size bytes={row.requestSize + row.responseSize} />
      </span>
      <span className={row.elapsed >= SLOW ? 'el r slow' : 'el r'}>
        {open ? <span className="dim">{openFor(row.timestamp, now)}</span> : <Duration micros={row.elapsed} />}
      </span>
    </div>
  );
});

function sizeWords({ kind, requestSize, responseSize }: ListRow): string {
  const [up, down] = kind === 'flow' ? ['from the client', 'from the server'] : ['request', 'response'];
  return `${formatCount(requestSize)} B ${up}, ${formatCount(responseSize)} B ${down}`;
}

/** Not all of it was captured. */
function Hole({ bytes }: { bytes: number }) {
  const words = `${formatCount(bytes)} ${bytes === 1 ? 'byte' : 'bytes'} missing`;
  return (
    <span className="hole" role="img" aria-label={words} title={words}>
      <TriangleAlert className="ic warn" size={12} aria-hidden />
    </span>
  );
}

function End({ className, end, words }: { className: string; end: EndName; words: string }) {
  return (
    <span className={`end ${className}`} title={words}>
      {end.namespace !== undefined && (
        <span className="ns">
          {end.namespace}
          <i>/</i>
        </span>
      )}
      <span>{end.name}</span>
      <span className="dim">{end.rest}</span>
    </span>
  );
}
