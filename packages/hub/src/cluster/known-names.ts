/** Names that the cluster has, also where no traffic was seen yet: completion offers them behind those of the traffic. */
import type { Access } from '@kubeshark/model';
import { FIELDS } from '@kubeshark/model';
import type { ClusterView, Pod, Service } from './view.ts';

type OfPod = (pod: Pod) => Iterable<string>;

/** By the field's name without its end, `src.` or `dst.`. */
const OF_PODS: Readonly<Record<string, OfPod>> = {
  name: ({ name }) => [name],
  'pod.name': ({ name }) => [name],
  'workload.name': ({ workload }) => (workload ? [workload.name] : []),
  'workload.kind': ({ workload }) => (workload ? [workload.kind] : []),
  labels: ({ labels }) => Object.keys(labels),
  'node.name': ({ node }) => [node],
};
const OF_SERVICES: Readonly<Record<string, (service: Service) => string>> = {
  name: ({ name }) => name,
  'service.name': ({ name }) => name,
};

/** Of a map its keys. In alphabetical order, `limit` at most. */
export function knownNames(
  view: ClusterView,
  field: number,
  prefix: string,
  access: Access,
  limit: number,
): string[] {
  const [, name] = /^(?:src|dst)\.(.+)$/.exec(FIELDS[field]?.name ?? '') ?? [];
  if (name === undefined) return [];
  const visible = (namespace: string) => access.all || access.namespaces.has(namespace);
  const names = new Set<string>();
  const add = (known: string) => known !== '' && known.startsWith(prefix) && names.add(known);
  const ofPod = OF_PODS[name];
  if (ofPod)
    for (const pod of view.pods.values())
      if (visible(pod.namespace)) for (const known of ofPod(pod)) add(known);
  const ofService = OF_SERVICES[name];
  if (ofService)
    for (const service of view.services.values()) if (visible(service.namespace)) add(ofService(service));
  if (name === 'namespace') for (const known of view.namespaces) if (visible(known)) add(known);
  return [...names].toSorted().slice(0, limit);
}
