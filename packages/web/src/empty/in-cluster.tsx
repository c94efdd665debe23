/** Nothing yet, in a cluster: no worker, no pod, or no right; why, and what mends it. */
import {
  type ClusterStatus,
  type CoveredNode,
  formatCount,
  formatCounted,
  type HubStatus,
  ruleInWords,
} from '@kubeshark/model';
import type { ReactNode } from 'react';
import { useCoverage } from '../coverage/use-coverage.ts';
import { YouAre } from '../status/you-are.tsx';
import { CaptureSteps } from './capture-steps.tsx';
import { Command } from './still-nothing.tsx';
import { useWiderRules } from './use-wider-rules.ts';
import { Why } from './why.tsx';

interface Props {
  status: HubStatus;
  cluster: ClusterStatus;
  /** The way there. */
  coverage: ReactNode;
}

const WORKERS =
  'kubectl get pods -A -o wide -l app.kubernetes.io/name=kubeshark,app.kubernetes.io/component=worker';

export function NoWorkerOnNodes({ status, cluster: { nodes }, coverage }: Props) {
  const told = useCoverage().coverage?.nodes ?? [];
  return (
    <Why
      title="No worker is connected"
      lead={`${formatCounted(nodes, 'node')} should have one. ${reasonsOf(told).join(' ')}`}
    >
      {coverage}
      <Command command={WORKERS} />
      <CaptureSteps status={status} />
    </Why>
  );
}

/** The commonest first, each with the nodes it is true of. */
function reasonsOf(nodes: readonly CoveredNode[]): string[] {
  const byReason = Map.groupBy(nodes, ({ reason }) => reason ?? '');
  return [...byReason]
    .filter(([reason]) => reason !== '')
    .toSorted((a, b) => b[1].length - a[1].length)
    .slice(0, 3)
    .map(([reason, { length, 0: first }]) =>
      length === 1 ? `${first!.name}: ${reason}` : `${formatCount(length)} nodes: ${reason}`,
    );
}

export function NoPod({
  status,
  cluster: { rule },
  coverage,
  onTargets,
}: Props & { onTargets(this: void): void }) {
  const wider = useWiderRules(rule);
  const restricted = status.restrictedTo !== null;
  return (
    <Why
      title="No pod is targeted"
      lead={
        restricted ? (
          'The workers run, but the target rule selects no pod that you may see.'
        ) : (
          <>
            The workers run, but the target rule selects no pod:{' '}
            <code className="i">{ruleInWords(rule)}</code>. Pods that come and fit are captured within a
            second.
          </>
        )
      }
    >
      {wider.map(({ words, pods, apply }, index) => (
        <button key={words} type="button" className={index === 0 ? 'btn primary' : 'btn'} onClick={apply}>
          Target {words}, {formatCounted(pods, 'pod')}
        </button>
      ))}
      <button type="button" className="btn" onClick={onTargets}>
        {wider.length > 0 ? 'Edit targets' : 'Targets'}
      </button>
      {coverage}
      <CaptureSteps status={status} />
    </Why>
  );
}

export function NotCaptured({ status, cluster: { targets }, coverage }: Props) {
  const known = useCoverage().coverage;
  const pods = known ? [...known.nodes.flatMap((node) => node.pods), ...known.unscheduled] : [];
  const [reason] = [
    ...Map.groupBy(
      pods.filter(({ state }) => state === 'failed' || state === 'waiting'),
      (pod) => pod.reason ?? '',
    ),
  ].toSorted((a, b) => b[1].length - a[1].length);
  return (
    <Why
      title="No pod is captured yet"
      lead={`${formatCounted(targets, 'pod is', 'pods are')} targeted. ${reason ? `${formatCounted(reason[1].length, 'pod')}: ${reason[0]}` : 'A moment after a pod starts it is captured.'}`}
    >
      {coverage}
      <CaptureSteps status={status} />
    </Why>
  );
}

export function SeesNothing() {
  return (
    <Why
      title="You see no namespace"
      lead={
        <>
          You see the traffic of pods whose logs you may read, and there are none. Ask whoever runs the
          cluster for the right to get pods/log in your namespace; it counts a minute later.
          <YouAre />
        </>
      }
    >
      <Command command="kubectl auth can-i get pods/log -n NAMESPACE" />
    </Why>
  );
}
