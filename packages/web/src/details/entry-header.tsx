/** What the call was, how it ended, from where to where. */
import { type Endpoint, type Entry, formatDuration, type ListRow, visibleText } from '@kubeshark/model';
import { ArrowRight, X } from 'lucide-react';
import { Captured } from '../components/captured.tsx';
import { OUTCOME_WORDS, OutcomeGlyph } from '../components/outcome-glyph.tsx';
import { ProtocolBadge } from '../components/protocol-badge.tsx';
import { endWords, longEnd } from '../list/end-name.ts';
import { CopyButton } from './copy-button.tsx';
import { curlCommand } from './curl-command.ts';
import { equals } from './expressions.ts';
import { FilterValue, type OnFilter } from './filter-value.tsx';
import { isoTime, preciseTime } from './precise-time.ts';
import { elapsedAt } from './timing.ts';

/** `row` stands in while the entry is on its way: both have these fields. */
export function EntryHeader({
  call,
  entry,
  onClose,
}: {
  call: Entry | ListRow;
  entry: Entry | undefined;
  onClose: () => void;
}) {
  const curl = entry && curlCommand(entry);
  const open = call.state === 'open';
  const { status, outcome } = call;
  return (
    <div className="d-head">
      <ProtocolBadge protocol={call.protocol} />
      <h1 className="mono ell" title={visibleText(`${call.operation} ${call.target}`)}>
        <b>
          <Captured text={call.operation} />
        </b>{' '}
        <Captured text={call.target} />
      </h1>
      {open ? (
        <span className="chip sec tint-incomplete">open</span>
      ) : (
        <span className={`chip o-${outcome} tint-${outcome}`}>
          <OutcomeGlyph outcome={outcome} label={status !== ''} />
          <span className="ell" title={visibleText(endedWith(call))}>
            <Captured text={endedWith(call)} />
          </span>
        </span>
      )}
      <span className="grow" />
      {curl && (
        <CopyButton
          text={curl.command}
          label={curl.lacks === undefined ? 'Copy as cURL (c)' : `Copy as cURL (c), without ${curl.lacks}`}
          words="cURL"
          dataKey="c"
          className="btn ghost small"
        />
      )}
      {entry && (
        <CopyButton
          text={() => JSON.stringify(entry, null, 2)}
          label="Copy the entry as JSON"
          words="JSON"
          className="btn ghost small"
        />
      )}
      <button
        type="button"
        className="btn icon ghost"
        aria-label="Close the details (Esc)"
        title="Close the details (Esc)"
        onClick={onClose}
      >
        <X className="ic" size={14} aria-hidden="true" />
      </button>
    </div>
  );
}

/** A status says itself how the entry ended, unless a call broke off after it. */
function endedWith({ kind, status, outcome }: Entry | ListRow): string {
  if (status === '') return OUTCOME_WORDS[outcome];
  if (kind === 'flow') return status;
  const answered = outcome === 'ok' || outcome === 'client_error' || outcome === 'server_error';
  return answered || status === OUTCOME_WORDS[outcome] ? status : `${status} · ${OUTCOME_WORDS[outcome]}`;
}

export function Ends({ call, onFilter }: { call: Entry | ListRow; onFilter: OnFilter }) {
  return (
    <div className="ends">
      <End end={call.src} side="src" words="From" onFilter={onFilter} />
      <ArrowRight className="ic dim" size={14} aria-label="to" />
      <End end={call.dst} side="dst" words="To" onFilter={onFilter} />
      <dl className="when">
        <dt>At</dt>
        <dd className="num ell" title={isoTime(call.timestamp)}>
          {preciseTime(call.timestamp)}
        </dd>
        <Lasted call={call} />
      </dl>
    </div>
  );
}

function Lasted({ call }: { call: Entry | ListRow }) {
  const { kind, elapsed, state } = call;
  if (elapsed < 0) return <dd className="dim ell">{state === 'open' ? 'still open' : 'no duration'}</dd>;
  const lasted = `${kind === 'flow' ? 'lasted' : 'took'} ${formatDuration(elapsed)}`;
  const at = 'seenBy' in call ? elapsedAt(call) : undefined;
  return (
    <dd className="dim ell" title={at && `${at.words}, as in the list; ${at.other}`}>
      {at ? `${lasted} ${at.words}` : lasted}
    </dd>
  );
}

function End({
  end,
  side,
  words,
  onFilter,
}: {
  end: Endpoint;
  side: 'src' | 'dst';
  words: string;
  onFilter: OnFilter;
}) {
  const { name, rest } = longEnd(end, false);
  const ip = end.ip.includes(':') && end.port !== 0 ? `[${end.ip}]` : end.ip;
  const address = end.port === 0 ? ip : `${ip}:${end.port}`;
  const known = [
    address,
    end.pod?.namespace ?? end.service?.namespace,
    end.node?.name,
    end.pod && end.service && `service ${end.service.name}`,
  ];
  const named = end.pod
    ? equals(`${side}.pod.name`, end.pod.name)
    : end.name
      ? equals(`${side}.name`, end.name)
      : equals(`${side}.ip`, end.ip);
  return (
    <dl title={endWords(end)}>
      <dt>{words}</dt>
      <dd>
        <FilterValue expression={named} value={end.pod?.name ?? end.name ?? end.ip} onFilter={onFilter}>
          <b>{name}</b>
          <span className="dim">{rest}</span>
        </FilterValue>
      </dd>
      <dd className="mono dim ell">
        <Captured text={known.filter((part) => part !== undefined && part !== '').join(' · ')} />
      </dd>
    </dl>
  );
}
