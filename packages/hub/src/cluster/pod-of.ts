/** A pod of the API, as far as the hub keeps it. */
import type { ApiObject, ApiPod } from './api-object.ts';
import { microsOf } from './api-object.ts';
import type { Pod } from './view.ts';

/** What controls an object. */
export interface Owner {
  kind: string;
  name: string;
  uid: string;
}

/** null: it has no name to be known by. `owner`: its controller, which may be controlled by something itself. */
export function podOf(object: ApiPod): { pod: Pod; owner: Owner | null } | null {
  const { metadata = {}, spec = {}, status = {} } = object;
  const { uid, name, namespace, labels = {} } = metadata;
  if (!uid || !name || !namespace) return null;
  const owner = ownerOf(object);
  const staticUid = staticUidOf(object);
  const pod: Pod = {
    uid,
    ...(staticUid === null ? {} : { staticUid }),
    name,
    namespace,
    node: spec.nodeName ?? '',
    addresses: (status.podIPs ?? [{ ip: status.podIP }]).flatMap(({ ip }) => (ip ? [ip] : [])),
    hostNetwork: spec.hostNetwork === true,
    labels,
    workload: owner && { kind: owner.kind, name: owner.name },
    phase: phaseOf(object),
    ports: declaredPorts(object.spec),
    reason: reasonOf(object),
    ...timesOf(object),
  };
  return { pod, owner };
}

export function ownerOf({ metadata }: ApiObject): Owner | null {
  const owner = metadata?.ownerReferences?.find(({ controller }) => controller === true);
  return owner?.kind && owner.name && owner.uid
    ? { kind: owner.kind, name: owner.name, uid: owner.uid }
    : null;
}

/**
 * What the kubelet writes on the copy that it makes of a static pod: the pod's own UID, a hash of its file. Whoever may make
 * pods can write it too, so it never names a pod of the API, whose UIDs have hyphens.
 * https://kubernetes.io/docs/reference/labels-annotations-taints/#kubernetes-io-config-mirror
 */
function staticUidOf(object: ApiPod): string | null {
  const uid = object.metadata?.annotations?.['kubernetes.io/config.mirror'] ?? '';
  return HASH.test(uid) && ownerOf(object)?.kind === 'Node' ? uid : null;
}

const HASH = /^[0-9a-f]{32}$/;

function phaseOf({ metadata, status }: ApiPod): string {
  const phase = status?.phase ?? 'Unknown';
  const over = phase === 'Succeeded' || phase === 'Failed';
  return metadata?.deletionTimestamp !== undefined && !over ? 'Terminating' : phase;
}

/** Of the containers that run beside each other. */
export function declaredPorts(spec: ApiPod['spec'] = {}): Pod['ports'] {
  const sidecars = spec.initContainers?.filter(({ restartPolicy }) => restartPolicy === 'Always') ?? [];
  return [...(spec.containers ?? []), ...sidecars]
    .flatMap(({ ports = [] }) => ports)
    .flatMap(({ name = '', containerPort, hostPort = 0, protocol = 'TCP' }) =>
      containerPort ? [{ name, port: containerPort, hostPort, protocol }] : [],
    );
}

function reasonOf({ status = {} }: ApiPod): string {
  if (status.reason) return inWords(status.reason, status.message);
  const unscheduled = status.conditions?.find((c) => c.type === 'PodScheduled' && c.status === 'False');
  if (unscheduled) return inWords(unscheduled.reason ?? 'Unschedulable', unscheduled.message);
  for (const { state } of [...(status.initContainerStatuses ?? []), ...(status.containerStatuses ?? [])]) {
    const { reason, message } = state?.waiting ?? {};
    // These two are every pod's beginning.
    if (reason && reason !== 'PodInitializing' && reason !== 'ContainerCreating')
      return inWords(reason, message);
  }
  return '';
}

const MESSAGE_LENGTH = 300;

function inWords(reason: string, message: string | undefined): string {
  return message ? `${reason}: ${message.slice(0, MESSAGE_LENGTH)}` : reason;
}

function timesOf({ metadata, status = {} }: ApiPod): Pick<Pod, 'scheduled' | 'started' | 'ended'> {
  const scheduled = status.conditions?.find((c) => c.type === 'PodScheduled' && c.status === 'True');
  const containers = [...(status.initContainerStatuses ?? []), ...(status.containerStatuses ?? [])];
  const starts: number[] = [];
  const ends: number[] = [];
  for (const { state, lastState } of containers) {
    for (const told of [state, lastState]) {
      const start = microsOf((told?.running ?? told?.terminated)?.startedAt);
      if (start > 0) starts.push(start);
    }
    ends.push(microsOf(state?.terminated?.finishedAt));
  }
  const over = status.phase === 'Succeeded' || status.phase === 'Failed';
  return {
    scheduled: microsOf(scheduled?.lastTransitionTime ?? status.startTime ?? metadata?.creationTimestamp),
    started: starts.length === 0 ? 0 : Math.min(...starts),
    ended: over ? Math.max(0, ...ends) : 0,
  };
}
