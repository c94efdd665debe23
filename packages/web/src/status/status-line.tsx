/** The foot of the page: always says what is captured, how much, what was lost, and what is kept. */
import { formatCount, formatSize, type HubStatus } from '@kubeshark/model';
import { TriangleAlert } from 'lucide-react';
import { useStore } from 'zustand';
import { OutcomeGlyph } from '../components/outcome-glyph.tsx';
import { dayAndTime, spanOf } from '../list/clock-time.ts';
import type { Traffic } from '../traffic.ts';
import { captureProblems, connectedWorkers, readFraction, sourceWords } from './capture-words.ts';
import { formatRate } from './rate.ts';

export function StatusLine({ traffic, onHelp }: { traffic: Traffic; onHelp(this: void): void }) {
  const status = useStore(traffic.state, (state) => state.status);
  const connection = useStore(traffic.state, (state) => state.connection.kind);
  const matched = useStore(traffic.state, (state) => state.matched);
  return (
    <footer className="status">
      <span className="st">
        {connection === 'connected' ? (
          <>
            <OutcomeGlyph outcome="ok" label={false} />
            Connected
          </>
        ) : (
          <span className="st-part warn">
            <TriangleAlert className="ic" size={12} aria-hidden />
            {connection === 'waiting' ? 'Disconnected' : 'Connecting'}
          </span>
        )}
      </span>
      {status && <Capture status={status} />}
      <span className="grow" />
      {matched && (
        <span className="st num">
          {formatCount(matched.matched)} of {formatCount(matched.total)} shown
        </span>
      )}
      <button type="button" className="st dim hide-s" onClick={onHelp} title="What the keys do (?)">
        <kbd>?</kbd> keys
      </button>
    </footer>
  );
}

function Capture({ status }: { status: HubStatus }) {
  const problems = captureProblems(status);
  const live = status.mode !== 'file';
  const reading = readFraction(status);
  const missing = status.mode === 'live' && connectedWorkers(status).length === 0;
  const wrong = problems.length > 0 || missing;
  return (
    <>
      <span className={wrong ? 'st warn ell' : 'st ell'} title={problems.join('\n') || undefined}>
        {wrong && <TriangleAlert className="ic" size={12} aria-hidden />}
        <span className="ell">{sourceWords(status)}</span>
        {reading !== null && <span className="num">· {Math.floor(reading * 100)} %</span>}
      </span>
      {live && <span className="st num">{formatRate(status.entriesPerSecond)} entries/s</span>}
      {live && <span className="st num hide-s">{formatRate(status.packetsPerSecond)} packets/s</span>}
      <span className={status.packetsDropped > 0 ? 'st num warn' : 'st num'}>
        {status.packetsDropped > 0 && <TriangleAlert className="ic" size={12} aria-hidden />}
        {formatCount(status.packetsDropped)} packets dropped
      </span>
      <Kept status={status} />
    </>
  );
}

/** Captures opened from files are kept as long as the command runs: nothing to say about space. */
function Kept({ status: { mode, store, time, entries } }: { status: HubStatus }) {
  if (mode === 'file') return <span className="st num hide-s">{formatCount(entries)} entries</span>;
  const since = store.oldest === null ? null : spanOf(time - store.oldest);
  const title =
    store.oldest === null
      ? 'Nothing is kept yet'
      : `${formatCount(entries)} entries, the oldest of ${dayAndTime(store.oldest)}`;
  return (
    <span className="st num hide-s" title={title}>
      {formatSize(store.bytes)} of {formatSize(store.maxBytes)} kept
      {since !== null && ` · ${since}`}
    </span>
  );
}
