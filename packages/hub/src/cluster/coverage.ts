/** Answers "why do I see nothing?": every node and every pod, whether it is captured, and if not, why. */
import type { Access, ClusterStatus, Coverage, CoveredNode, CoveredPod, PodCapture } from '@kubeshark/model';
import { now } from '../clock.ts';
import type { Boot } from '../ingest/boot.ts';
import type { PodActivity } from '../ingest/pod-activity.ts';
import { ruleFor } from './rule-access.ts';
import type { Targets } from './targets.ts';
import { isLasting } from './targets.ts';
import type { ClusterView, Node, Pod } from './view.ts';

export interface CoverageSources {
  view: ClusterView;
  targets: Targets;
  /** One for each worker: of several starts the latest. */
  workers: () => Iterable<Boot>;
  activity: PodActivity;
  ownNamespace: string;
}

type Words = Pick<CoveredPod, 'reason' | 'hint'>;

/** What is looked up for each node and pod, gathered once. */
interface Now extends CoverageSources {
  boots: Map<string, Boot>;
  /** Of connected workers, by UID of the pod. */
  captures: Map<string, PodCapture>;
  /** By node. */
  workerPods: Map<string, Pod>;
}

const WORKER = 'worker';
/** The API server's own words name namespaces. */
const SOME_PROBLEM = 'the API server does not tell the hub everything; who sees all namespaces reads more';

function gathered(sources: CoverageSources): Now {
  const boots = new Map<string, Boot>();
  const captures = new Map<string, PodCapture>();
  const workerPods = new Map<string, Pod>();
  for (const boot of sources.workers()) {
    boots.set(boot.worker, boot);
    if (boot.session) for (const capture of boot.status?.pods ?? []) captures.set(capture.uid, capture);
  }
  for (const pod of sources.view.pods.values())
    if (
      pod.namespace === sources.ownNamespace &&
      pod.labels['app.kubernetes.io/component'] === WORKER &&
      isLasting(pod)
    )
      workerPods.set(pod.node, pod);
  return { ...sources, boots, captures, workerPods };
}

export function coverageOf(sources: CoverageSources, access: Access): Coverage {
  const all = gathered(sources);
  const { view, targets, boots } = all;
  const visible = [...view.pods.values()].filter(
    (pod) => isLasting(pod) && (access.all || access.namespaces.has(pod.namespace)),
  );
  const byNode = Map.groupBy(visible, ({ node }) => node);
  const nodes: CoveredNode[] = [];
  // A node that a pod names and the view does not know (no right to list nodes) is there all the same.
  const names = new Set([...(access.all ? view.nodes.keys() : []), ...byNode.keys()]);
  names.delete('');
  for (const name of [...names].toSorted()) {
    const boot = boots.get(name);
    nodes.push({
      name,
      ready: view.nodes.get(name)?.ready ?? true,
      worker: boot ? workerOf(boot, access) : null,
      ...(boot?.session ? {} : whyNoWorker(all, name, view.nodes.get(name), boot)),
      pods: inOrder(byNode.get(name) ?? []).map((pod) => covered(all, pod, boot)),
    });
  }
  return {
    time: now(),
    rule: ruleFor(targets.rule, access),
    nodes,
    unscheduled: inOrder(byNode.get('') ?? []).map((pod) => covered(all, pod, undefined)),
  };
}

/** The figures of the cluster bar: for who does not see all namespaces, of their pods and the nodes of these. */
export function clusterStatus(sources: CoverageSources, access: Access): ClusterStatus {
  const { view, targets, boots, captures } = gathered(sources);
  let selected = 0;
  let captured = 0;
  const theirs = new Set<string>();
  for (const pod of view.pods.values()) {
    if (!access.all && !access.namespaces.has(pod.namespace)) continue;
    theirs.add(pod.node);
    if (!targets.isTarget(pod)) continue;
    selected++;
    if (captures.get(pod.uid)?.state === 'captured') captured++;
  }
  theirs.delete('');
  // A hub that may not see nodes knows those of its pods.
  const nodes =
    view.nodes.size === 0
      ? [...theirs]
      : [...view.nodes.values()]
          .filter(({ name, linux }) => linux && (access.all || theirs.has(name)))
          .map(({ name }) => name);
  return {
    rule: ruleFor(targets.rule, access),
    nodes: nodes.length,
    workers: nodes.filter((name) => boots.get(name)?.session).length,
    targets: selected,
    captured,
    ...(view.problem === '' ? {} : { problem: access.all ? view.problem : SOME_PROBLEM }),
  };
}

function inOrder(pods: readonly Pod[]): Pod[] {
  return pods.toSorted((a, b) => a.namespace.localeCompare(b.namespace) || a.name.localeCompare(b.name));
}

function workerOf(boot: Boot, access: Access): CoveredNode['worker'] {
  const { status, version, since, packets, packetsPerSecond, dropped } = boot;
  const load = {
    packets,
    packetsPerSecond,
    dropped,
    memoryBytes: status?.memoryBytes ?? 0,
    spoolBytes: status?.spoolBytes ?? 0,
  };
  return {
    connected: boot.session !== null,
    since: since * 1_000,
    version,
    ...(status?.node ? { facts: status.node } : {}),
    ...(access.all ? { load } : {}),
  };
}

/** Why a node has no worker that is connected, as far as its pod tells. */
function whyNoWorker(
  { workerPods, ownNamespace }: Now,
  name: string,
  node: Node | undefined,
  boot: Boot | undefined,
): Words {
  if (node && !node.linux) return { reason: 'It does not run Linux: nothing can be captured there.' };
  const pod = workerPods.get(name);
  if (!pod)
    return {
      reason: 'No worker pod was placed there.',
      hint: 'Does a taint, a node selector or a quota keep the DaemonSet kubeshark-worker away? `kubectl describe` says it.',
    };
  const state = pod.reason === '' ? pod.phase : pod.reason;
  if (boot && pod.phase === 'Running' && pod.reason === '')
    return { reason: 'Its worker has lost the connection; it tries again by itself.' };
  return {
    reason: `Its worker is not connected: pod ${pod.name} is ${state}.`,
    hint: `\`kubeshark logs\` collects what it says; or: kubectl -n ${ownNamespace} logs ${pod.name}`,
  };
}

function covered(all: Now, pod: Pod, boot: Boot | undefined): CoveredPod {
  const { targets, activity, captures } = all;
  const { uid, name, namespace, workload, phase, hostNetwork } = pod;
  const capture = captures.get(uid);
  const seen = activity.of(uid);
  const state: CoveredPod['state'] = targets.isTarget(pod) ? (capture?.state ?? 'waiting') : 'untargeted';
  const facts = {
    uid,
    name,
    namespace,
    ...(workload ? { workload } : {}),
    phase,
    hostNetwork,
    state,
    since: state === 'captured' ? (capture?.since ?? null) : null,
    packets: capture?.packets ?? 0,
    dropped: capture?.dropped ?? 0,
    entries: seen?.entries ?? 0,
    protocols: [...(seen?.protocols ?? [])].toSorted((a, b) => b[1] - a[1]).map(([protocol]) => protocol),
  };
  return { ...facts, ...why(all, pod, boot, capture, facts) };
}

/** Why a pod is not captured, or why nothing shows of one that is. */
function why(
  { ownNamespace }: Now,
  pod: Pod,
  boot: Boot | undefined,
  capture: PodCapture | undefined,
  { state, packets, entries }: Pick<CoveredPod, 'state' | 'packets' | 'entries'>,
): Words {
  switch (state) {
    case 'untargeted':
      return pod.namespace === ownNamespace
        ? { reason: 'It is in the namespace of kubeshark itself, which is never captured.' }
        : { reason: 'The target rule does not select it.', hint: 'Edit the targets.' };
    case 'failed':
      return failure(capture?.reason ?? 'Its worker cannot capture it.');
    case 'waiting':
      if (pod.node === '')
        return { reason: pod.reason === '' ? 'It waits for a node.' : `It waits for a node: ${pod.reason}` };
      if (!boot?.session) return { reason: `No worker is connected on ${pod.node}.` };
      if (capture?.reason !== undefined) return { reason: capture.reason };
      return {
        reason: pod.reason === '' ? 'Its network is not there yet.' : `It does not run yet: ${pod.reason}`,
      };
    case 'captured':
      if (capture?.reason !== undefined) return { reason: capture.reason };
      if (entries === 0 && pod.reason !== '') return { reason: `Not all of it runs: ${pod.reason}` };
      if (packets === 0)
        return {
          reason: 'No packet has passed since it is captured.',
          hint: 'Does anybody call it? Calls over a Unix socket leave no packets.',
        };
      if (entries === 0)
        return {
          reason: 'Packets passed, no call was recognised in them.',
          hint: 'No call was made yet, or they are encrypted, or of a protocol that is not read: `is_flow` lists its flows.',
        };
      return {};
  }
}

function failure(reason: string): Words {
  if (!/\bCAP_[A-Z]/.test(reason)) return { reason };
  return {
    reason,
    hint: 'DaemonSet kubeshark-worker asks for it in its securityContext. Did an admission policy take it away? If not, a security profile of the node (AppArmor, SELinux) keeps it from the worker.',
  };
}
