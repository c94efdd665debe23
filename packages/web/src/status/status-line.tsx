/** The foot of the page: always says what is captured, how much, what was lost, and what is kept. */
import { type ClusterStatus, formatCount, formatCounted, formatSize, type HubStatus } from '@kubeshark/model';
import { TriangleAlert } from 'lucide-react';
import { useSyncExternalStore } from 'react';
import { useStore } from 'zustand';
import { OutcomeGlyph } from '../components/outcome-glyph.tsx';
import { ViewLink } from '../components/view-link.tsx';
import { clockTime, dayAndTime, spanOf } from '../list/clock-time.ts';
import type { AddressBar } from '../page/address-bar.ts';
import type { Traffic } from '../traffic.ts';
import { captureProblems, connectedWorkers, readFraction, sourceWords } from './capture-words.ts';
import { clusterProblems } from './cluster-words.ts';
import { rateWords } from './rate.ts';
import { said } from './said.ts';

/** µs. */
const DAY = 86_400_000_000;

export function StatusLine({
  traffic,
  address,
  onHelp,
}: {
  traffic: Traffic;
  address: AddressBar;
  onHelp(this: void): void;
}) {
  const status = useStore(traffic.state, (state) => state.status);
  const { view } = useSyncExternalStore(address.subscribe, address.current);
  const listed = view === 'traffic' || !status?.cluster;
  const connection = useStore(traffic.state, (state) => state.connection.kind);
  const matched = useStore(traffic.state, (state) => state.matched);
  const lost = useStore(traffic.state, (state) => state.lostAt !== null);
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
      {status && lost && <span className="st dim">last known:</span>}
      {status?.cluster && <Pods cluster={status.cluster} address={address} />}
      {status && !status.cluster && <Source status={status} />}
      {status && status.restrictedTo === null && <Figures status={status} />}
      <Said />
      <span className="grow" />
      {matched && listed && (
        <span className="st num">
          {formatCount(matched.matched)} of {formatCount(matched.total)} shown
        </span>
      )}
      {status && listed && <Since status={status} />}
      <button type="button" className="st dim hide-s" onClick={onHelp} title="What the keys do (?)">
        <kbd>?</kbd> keys
      </button>
    </footer>
  );
}

function Said() {
  const text = useStore(said, (state) => state.text);
  return (
    <span role="status" className={text === '' ? undefined : 'st strong'}>
      {text}
    </span>
  );
}

function Pods({ cluster, address }: { cluster: ClusterStatus; address: AddressBar }) {
  const problems = clusterProblems(cluster);
  return (
    <ViewLink
      address={address}
      to={{ view: 'coverage' }}
      className={problems.length > 0 ? 'st num warn' : 'st num'}
      title={problems.join('\n') || 'Coverage (2)'}
    >
      {problems.length > 0 && <TriangleAlert className="ic" size={12} aria-hidden />}
      {cluster.targets === 0
        ? 'no pod targeted'
        : `${formatCount(cluster.captured)} of ${formatCounted(cluster.targets, 'pod')} captured`}
    </ViewLink>
  );
}

function Source({ status }: { status: HubStatus }) {
  const problems = captureProblems(status);
  const reading = readFraction(status);
  const missing = status.mode === 'live' && connectedWorkers(status).length === 0;
  const wrong = problems.length > 0 || missing;
  return (
    <span className={wrong ? 'st warn ell' : 'st ell'} title={problems.join('\n') || undefined}>
      {wrong && <TriangleAlert className="ic" size={12} aria-hidden />}
      <span className="ell">{sourceWords(status)}</span>
      {reading !== null && <span className="num">· {Math.floor(reading * 100)} %</span>}
    </span>
  );
}

/** Who sees some namespaces is told no figures of all. */
function Figures({ status }: { status: HubStatus }) {
  const live = status.mode !== 'file';
  return (
    <>
      {live && <span className="st num">{rateWords(status.entriesPerSecond, 'entry', 'entries')}</span>}
      {live && (
        <span className="st num hide-s">{rateWords(status.packetsPerSecond, 'packet', 'packets')}</span>
      )}
      <span className={status.packetsDropped > 0 ? 'st num warn' : 'st num'}>
        {status.packetsDropped > 0 && <TriangleAlert className="ic" size={12} aria-hidden />}
        {formatCounted(status.packetsDropped, 'packet')} dropped
      </span>
      {live && <Kept status={status} />}
    </>
  );
}

/** A store that was begun today: who looks for what was before reads that it is not kept, and why. */
function Since({ status: { mode, cluster, store, time } }: { status: HubStatus }) {
  if (mode !== 'live' || time - store.since > DAY) return null;
  const why = cluster
    ? ' A hub without a volume (hub.storage.size) begins anew whenever its pod is replaced.'
    : '';
  return (
    <span
      className="st num"
      title={`This history was begun on ${dayAndTime(store.since)}: nothing of before is kept.${why}`}
    >
      kept since {clockTime(store.since)[0].slice(0, 5)}
    </span>
  );
}

/** Not of captures opened from files: they are kept as long as the command runs, and how many rows there are stands beside. */
function Kept({ status: { store, time, entries } }: { status: HubStatus }) {
  const since = store.oldest === null ? null : spanOf(time - store.oldest);
  const title =
    store.oldest === null
      ? 'Nothing is kept yet'
      : `${formatCounted(entries, 'entry', 'entries')}, the oldest of ${dayAndTime(store.oldest)}`;
  return (
    <span className="st num hide-s" title={title}>
      {formatSize(store.bytes)} of {formatSize(store.maxBytes)} kept
      {since !== null && ` · ${since}`}
    </span>
  );
}
