/**
 * The order of nodes and pods: what needs somebody first. It is found once; afterwards nothing moves under the reader:
 * what changes changes in its place, and what comes, comes at the end of what is shown.
 */
import type { Coverage, CoveredNode, CoveredPod } from '@kubeshark/model';
import { nodeIsFine, STANDINGS, standingOf } from './standing.ts';

/** Of a node, pods with nothing to report that are shown all the same; the others are behind "Show more". */
const SHOWN_FINE = 5;

/** Where things stand: names of nodes, UIDs of pods. */
export interface Arrangement {
  nodes: readonly string[];
  /** By node; '' for the pods without one. */
  shown: ReadonlyMap<string, readonly string[]>;
}

export const NOTHING_ARRANGED: Arrangement = { nodes: [], shown: new Map() };

export function arrange(before: Arrangement, { nodes, unscheduled }: Coverage): Arrangement {
  const known = new Set(before.nodes);
  const come = nodes.filter(({ name }) => !known.has(name)).toSorted(byNeed);
  const there = new Set(nodes.map(({ name }) => name));
  const shown = new Map<string, readonly string[]>();
  for (const { name, pods } of [...nodes, { name: '', pods: unscheduled }])
    shown.set(name, shownOf(before.shown.get(name), pods));
  return {
    nodes: [...before.nodes.filter((name) => there.has(name)), ...come.map(({ name }) => name)],
    shown,
  };
}

function byNeed(a: CoveredNode, b: CoveredNode): number {
  return Number(nodeIsFine(a)) - Number(nodeIsFine(b)) || a.name.localeCompare(b.name);
}

function shownOf(before: readonly string[] | undefined, pods: readonly CoveredPod[]): string[] {
  const there = new Map(pods.map((pod) => [pod.uid, pod]));
  const kept = (before ?? []).filter((uid) => there.has(uid));
  const known = new Set(kept);
  const others = pods.filter(({ uid }) => !known.has(uid)).toSorted((a, b) => rank(a) - rank(b));
  let room =
    before === undefined ? SHOWN_FINE : SHOWN_FINE - kept.filter((uid) => isFine(there.get(uid)!)).length;
  const come = others.filter((pod) => {
    if (standingOf(pod) === 'untargeted') return false;
    return !isFine(pod) || room-- > 0;
  });
  return [...kept, ...come.map(({ uid }) => uid)];
}

function rank(pod: CoveredPod): number {
  return STANDINGS.indexOf(standingOf(pod));
}

function isFine(pod: CoveredPod): boolean {
  return standingOf(pod) === 'fine';
}

export interface Group {
  node: CoveredNode;
  shown: readonly CoveredPod[];
  /** Captured, nothing to report. */
  fine: readonly CoveredPod[];
  untargeted: readonly CoveredPod[];
}

/** The pods of a node in their places. */
export function grouped(node: CoveredNode, { shown }: Arrangement): Group {
  const places = shown.get(node.name) ?? [];
  const byUid = new Map(node.pods.map((pod) => [pod.uid, pod]));
  const placed = new Set(places);
  const rest = node.pods.filter(({ uid }) => !placed.has(uid));
  return {
    node,
    shown: places.flatMap((uid) => byUid.get(uid) ?? []),
    fine: rest.filter((pod) => standingOf(pod) !== 'untargeted'),
    untargeted: rest.filter((pod) => standingOf(pod) === 'untargeted'),
  };
}
