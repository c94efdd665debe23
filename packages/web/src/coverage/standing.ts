/** How a pod or a node stands, and what Coverage is asked for. */
import type { Coverage, CoveredNode, CoveredPod } from '@kubeshark/model';

/** From what needs somebody to what needs nobody. */
export const STANDINGS = ['not_captured', 'dropping', 'silent', 'fine', 'untargeted'] as const;
export type Standing = (typeof STANDINGS)[number];

export function standingOf({ state, dropped, entries }: CoveredPod): Standing {
  if (state === 'untargeted') return 'untargeted';
  if (state !== 'captured') return 'not_captured';
  if (dropped > 0) return 'dropping';
  return entries === 0 ? 'silent' : 'fine';
}

/** The hub gives no reason where all is well. */
export function nodeIsFine({ worker, pods, reason }: CoveredNode): boolean {
  return worker?.connected === true && reason === undefined && !pods.some(isProblem);
}

export function isProblem(pod: CoveredPod): boolean {
  return standingOf(pod) === 'not_captured';
}

/** `targeted`: all pods that the rule selects. */
export type Show = 'all' | 'not_captured' | 'silent' | 'dropping';

export interface Asked {
  show: Show;
  text: string;
}

export function isAsked(pod: CoveredPod, node: string, { show, text }: Asked): boolean {
  if (show !== 'all' && standingOf(pod) !== show) return false;
  const words = text.trim().toLowerCase();
  if (words === '') return true;
  const { name, namespace, workload, reason = '', hint = '', protocols } = pod;
  return [name, namespace, workload?.name ?? '', node, reason, hint, ...protocols]
    .join(' ')
    .toLowerCase()
    .includes(words);
}

export function podsOf({ nodes, unscheduled }: Coverage): CoveredPod[] {
  return [...nodes.flatMap(({ pods }) => pods), ...unscheduled];
}

export function countStandings(pods: readonly CoveredPod[]): Record<Standing, number> {
  const counts = { not_captured: 0, dropping: 0, silent: 0, fine: 0, untargeted: 0 };
  for (const pod of pods) counts[standingOf(pod)]++;
  return counts;
}
