/** The views of the page in a cluster, and what is captured there. */
import {
  type ClusterStatus,
  formatCount,
  formatCounted,
  type HubStatus,
  ruleInWords,
} from '@kubeshark/model';
import { List, ScanSearch, SlidersHorizontal } from 'lucide-react';
import { useSyncExternalStore } from 'react';
import { ViewLink } from '../components/view-link.tsx';
import type { AddressBar } from '../page/address-bar.ts';
import { clusterProblems } from './cluster-words.ts';

export function Views({ cluster, address }: { cluster: ClusterStatus; address: AddressBar }) {
  const { view } = useSyncExternalStore(address.subscribe, address.current);
  const problems = clusterProblems(cluster);
  const missing = cluster.targets - cluster.captured || cluster.nodes - cluster.workers;
  return (
    <nav className="nav" aria-label="Views">
      <ViewLink address={address} to={{ view: 'traffic' }} current={view === 'traffic'} title="Traffic (1)">
        <List className="ic" size={14} aria-hidden />
        Traffic
      </ViewLink>
      <ViewLink
        address={address}
        to={{ view: 'coverage' }}
        current={view === 'coverage'}
        title={problems.length === 0 ? 'Coverage (2)' : `Coverage (2): ${problems.join(' ')}`}
      >
        <ScanSearch className="ic" size={14} aria-hidden />
        Coverage
        {problems.length > 0 && (
          <span className="count warn" role="img" aria-label={problems.join(' ')}>
            {missing > 0 ? formatCount(missing) : '!'}
          </span>
        )}
      </ViewLink>
    </nav>
  );
}

/** Opens the dialog where it is changed. */
export function TargetsButton({
  cluster: { rule, captured, targets, workers, nodes },
  lost,
  restrictedTo,
  onTargets,
}: {
  cluster: ClusterStatus;
  /** The hub is away: it was so. */
  lost: boolean;
  restrictedTo: HubStatus['restrictedTo'];
  onTargets(this: void): void;
}) {
  // Who sees some namespaces is not told the whole rule.
  const words = restrictedTo === null ? ruleInWords(rule) : 'your namespaces';
  const count = `${formatCount(captured)} of ${formatCounted(targets, 'pod')}${lost ? ', last known' : ''}`;
  return (
    <button
      type="button"
      className="btn ghost targets"
      title={`Captured: ${words}. ${count}; workers on ${formatCount(workers)} of ${formatCounted(nodes, 'node')}. Click: targets (Shift+T)`}
      onClick={onTargets}
    >
      <SlidersHorizontal className="ic" size={14} aria-hidden />
      <span className="ell">{words}</span>
      <span className="num sec">{count}</span>
      <span className="num sec hide-s">
        · {formatCount(workers)} of {formatCounted(nodes, 'node')}
      </span>
    </button>
  );
}
