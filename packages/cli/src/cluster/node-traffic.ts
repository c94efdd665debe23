/** Pods with which a worker captures the traffic of the node itself. */
import type { V1Pod } from '@kubernetes/client-node';
import { declaredPorts } from '@kubeshark/hub/targeting';
import type { TargetRule } from '@kubeshark/model';

/** Pods named one by one before the rest is counted. */
const NAMED = 3;
/** More namespaces than these are not written out as options. */
const EXCLUDED = 3;

/**
 * It is in the node's network, and no port says which traffic is its own. A worker finds the ports at which it listens; what
 * it asks others looks like what the node itself asks.
 */
export function bringsNodeTraffic({ spec }: V1Pod): boolean {
  return spec?.hostNetwork === true && declaredPorts(spec).length === 0;
}

/** What happens, and what to do. `pods`: `namespace/name`, at least one. */
export function nodeTrafficInWords(pods: readonly string[], rule: TargetRule): [what: string, todo: string] {
  const rest = pods.length > NAMED ? ` and ${pods.length - NAMED} more` : '';
  const names = `${pods.slice(0, NAMED).join(', ')}${rest}`;
  const subject =
    pods.length === 1
      ? `${names} is in its node’s own network and declares no ports: its`
      : `${names} are in their nodes’ own network and declare no ports: their`;
  const namespaces = [...new Set(pods.map((pod) => pod.split('/')[0]!))];
  const excluding =
    rule.namespaces.length === 0 && namespaces.length <= EXCLUDED
      ? `, or ${namespaces.map((name) => `--exclude-namespace ${name}`).join(' ')}`
      : '';
  return [
    `${subject} requests look like the node’s, so everything that the node itself sends and receives is captured, as rows without a pod`,
    `without it: declare the ports of the containers, choose fewer pods (a pattern, -n, -l)${excluding}`,
  ];
}
