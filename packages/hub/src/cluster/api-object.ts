/** Objects as the API server writes them, as far as they are read. Everything may be absent: they are others' words. */

export interface ApiObject {
  kind?: string;
  metadata?: {
    uid?: string;
    name?: string;
    namespace?: string;
    resourceVersion?: string;
    labels?: Record<string, string>;
    annotations?: Record<string, string>;
    creationTimestamp?: string;
    deletionTimestamp?: string;
    ownerReferences?: { kind?: string; name?: string; uid?: string; controller?: boolean }[];
  };
}

interface ContainerState {
  waiting?: { reason?: string; message?: string };
  running?: { startedAt?: string };
  terminated?: { reason?: string; startedAt?: string; finishedAt?: string };
}

interface ContainerStatus {
  state?: ContainerState;
  lastState?: ContainerState;
}

interface Container {
  restartPolicy?: string;
  ports?: { name?: string; containerPort?: number; hostPort?: number; protocol?: string }[];
}

export interface ApiPod extends ApiObject {
  spec?: { nodeName?: string; hostNetwork?: boolean; containers?: Container[]; initContainers?: Container[] };
  status?: {
    phase?: string;
    reason?: string;
    message?: string;
    podIP?: string;
    podIPs?: { ip?: string }[];
    startTime?: string;
    conditions?: {
      type?: string;
      status?: string;
      reason?: string;
      message?: string;
      lastTransitionTime?: string;
    }[];
    containerStatuses?: ContainerStatus[];
    initContainerStatuses?: ContainerStatus[];
  };
}

export interface ApiConfigMap extends ApiObject {
  data?: Record<string, string>;
}

export interface ApiService extends ApiObject {
  spec?: {
    type?: string;
    clusterIP?: string;
    clusterIPs?: string[];
    externalIPs?: string[];
    externalName?: string;
    ports?: { port?: number; nodePort?: number; protocol?: string }[];
  };
  status?: { loadBalancer?: { ingress?: { ip?: string }[] } };
}

export interface ApiEndpointSlice extends ApiObject {
  addressType?: string;
  endpoints?: { addresses?: string[] }[];
  ports?: { port?: number }[];
}

export interface ApiNode extends ApiObject {
  spec?: { podCIDR?: string; podCIDRs?: string[] };
  status?: {
    addresses?: { type?: string; address?: string }[];
    conditions?: { type?: string; status?: string }[];
    nodeInfo?: { operatingSystem?: string };
  };
}

/** µs since the epoch; 0: none. */
export function microsOf(time: string | undefined): number {
  const ms = time === undefined ? Number.NaN : Date.parse(time);
  return Number.isNaN(ms) ? 0 : ms * 1000;
}
