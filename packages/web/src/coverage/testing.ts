/** Coverage for tests. */
import type { Coverage, CoveredNode, CoveredPod } from '@kubeshark/model';

export function coveredPod(name: string, parts: Partial<CoveredPod> = {}): CoveredPod {
  return {
    uid: name,
    name,
    namespace: 'shop',
    phase: 'Running',
    hostNetwork: false,
    state: 'captured',
    since: 1,
    packets: 10,
    dropped: 0,
    entries: 5,
    protocols: ['http'],
    ...parts,
  };
}

export function coveredNode(name: string, pods: CoveredPod[], parts: Partial<CoveredNode> = {}): CoveredNode {
  return { name, ready: true, worker: { connected: true, since: 1, version: '1' }, pods, ...parts };
}

export function coverageOf(nodes: CoveredNode[], unscheduled: CoveredPod[] = []): Coverage {
  const rule = { namespaces: [], excludeNamespaces: [], pods: '', selector: '' };
  return { time: 1, rule, nodes, unscheduled };
}
