/** A cluster for tests: what the watch would know. */
import type { ClusterView, Node, Pod, Service } from './view.ts';

export function testPod(name: string, parts: Partial<Pod> = {}): Pod {
  return {
    uid: `uid-${name}`,
    name,
    namespace: 'shop',
    node: 'node-1',
    addresses: ['10.244.1.7'],
    hostNetwork: false,
    labels: {},
    workload: null,
    phase: 'Running',
    ports: [],
    reason: '',
    scheduled: 0,
    started: 0,
    ended: 0,
    ...parts,
  };
}

export function testNode(name: string, parts: Partial<Node> = {}): Node {
  return {
    name,
    addresses: [],
    podNetworkAddresses: [],
    podRanges: [],
    ready: true,
    linux: true,
    ...parts,
  };
}

export class TestCluster implements ClusterView {
  readonly pods = new Map<string, Pod>();
  readonly services = new Map<string, Service>();
  readonly nodes = new Map<string, Node>();
  readonly namespaces = new Set<string>();
  complete = true;
  problem = '';

  /** Puts pods there, or in the place of those with the same UID; with their nodes and namespaces. */
  put(...pods: Pod[]): this {
    for (const pod of pods) {
      this.pods.set(pod.uid, pod);
      this.namespaces.add(pod.namespace);
      if (pod.node !== '' && !this.nodes.has(pod.node)) this.nodes.set(pod.node, testNode(pod.node));
    }
    return this;
  }
}
