/**
 * Who may speak with whom, where the cluster's network knows policies. A node always reaches its own pods: probes and
 * port-forwards need no rule.
 */
import { HUB, HUB_PORT, namespaced, selector, WORKER } from './names.ts';
import type { Item, Node } from './template.ts';
import { value, when } from './template.ts';

const pods = (component: 'hub' | 'worker'): Node => [{ podSelector: { matchLabels: selector(component) } }];
const hubPort: Node = [{ port: HUB_PORT, protocol: 'TCP' }];
/** 5353: where OpenShift's answers, behind its Service. */
const nameServers: Node = {
  ports: [53, 5353].flatMap((port) => ['UDP', 'TCP'].map((protocol) => ({ port, protocol }))),
};

const policy = (name: string, component: 'hub' | 'worker', ingress: Node, egress: Node): Item =>
  when('networkPolicy.enabled', {
    apiVersion: 'networking.k8s.io/v1',
    kind: 'NetworkPolicy',
    metadata: namespaced(name, component),
    spec: {
      podSelector: { matchLabels: selector(component) },
      policyTypes: ['Ingress', 'Egress'],
      ingress,
      egress,
    },
  });

export const network: readonly Item[] = [
  policy(
    HUB,
    'hub',
    [{ from: pods('worker'), ports: hubPort }],
    [nameServers, { ports: value('networkPolicy.apiServerPorts') }],
  ),
  policy(WORKER, 'worker', [], [nameServers, { to: pods('hub'), ports: hubPort }]),
];
