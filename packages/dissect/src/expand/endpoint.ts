/** One end of a row, as entries and lists show it. */
import type { Endpoint, Identity } from '@kubeshark/model';

/** Without labels: lists go without them. */
export function endpointOf(ip: string, port: number, known: Identity): Endpoint {
  const { name, namespace = '', pod, podUid = '', service, workload, workloadKind = '', node } = known;
  const end: Endpoint = { ip, port };
  if (name !== undefined) end.name = name;
  if (pod !== undefined) end.pod = { name: pod, namespace, uid: podUid };
  if (service !== undefined) end.service = { name: service, namespace };
  if (workload !== undefined) end.workload = { kind: workloadKind, name: workload };
  if (node !== undefined) end.node = { name: node };
  return end;
}

export function endpointWithLabels(ip: string, port: number, known: Identity): Endpoint {
  const end = endpointOf(ip, port, known);
  return known.labels === undefined ? end : { ...end, labels: { ...known.labels } };
}
