/**
 * What the hub knows of its cluster at this moment, as list and watch keep it. Only the fields that are used are kept: a
 * thousand nodes have tens of thousands of pods.
 */

export interface Pod {
  uid: string;
  /** Of a static pod, whose copy in the API has another: the one by which its node's kubelet runs it. */
  staticUid?: string;
  name: string;
  namespace: string;
  /** '' while it is not scheduled. */
  node: string;
  /** All of `status.podIPs`; those of the node when `hostNetwork`. */
  addresses: readonly string[];
  hostNetwork: boolean;
  labels: Readonly<Record<string, string>>;
  /** What owns it in the end: the Deployment rather than the ReplicaSet, the CronJob rather than the Job. */
  workload: { kind: string; name: string } | null;
  /** `status.phase`; `Terminating` when it has a deletion timestamp. */
  phase: string;
  /** Its containers' ports; `hostPort`: also at its node, 0 for none. */
  ports: readonly { name: string; port: number; hostPort: number; protocol: string }[];
  /** Why it does not run, when its status says so: `Unschedulable: …`, `ImagePullBackOff`. */
  reason: string;
  /**
   * When its addresses were its own, µs by its node's clock, to the second: not before `scheduled`, surely from `started` on
   * (its first container), until `ended` (its last one, when it is over). 0: not yet.
   */
  scheduled: number;
  started: number;
  ended: number;
}

export interface Service {
  name: string;
  namespace: string;
  /** Cluster addresses (none of a headless one), external addresses and those of load balancers. */
  addresses: readonly string[];
  /** `nodePort`: 0 for none. */
  ports: readonly { port: number; nodePort: number; protocol: string }[];
  /** `ExternalName`: the name it stands for. */
  externalName: string;
}

export interface Node {
  name: string;
  addresses: readonly string[];
  /** Those it has in the pods' network, on its bridge or tunnel: where its probes come from. */
  podNetworkAddresses: readonly string[];
  /** Ranges from which its pods get theirs, where the cluster says so. */
  podRanges: readonly string[];
  ready: boolean;
  /** Runs Linux: a worker belongs there. */
  linux: boolean;
}

/** Where a service's traffic goes: one of its endpoint slices. */
export interface Endpoints {
  /** Of the service. */
  name: string;
  namespace: string;
  addresses: readonly string[];
  ports: readonly number[];
}

export interface ClusterView {
  /** By UID. */
  readonly pods: ReadonlyMap<string, Pod>;
  /** By `namespace/name`. */
  readonly services: ReadonlyMap<string, Service>;
  /** By name. */
  readonly nodes: ReadonlyMap<string, Node>;
  readonly namespaces: ReadonlySet<string>;
  /** Every kind was listed once: what is not known now is not there. */
  readonly complete: boolean;
  /** Why it may be old: the API server is away, a right is missing; '' when it is fresh. */
  readonly problem: string;
}

/** Kinds that changed since the last call. Called at most every 50 ms, and not while nothing changes. */
export type OnClusterChange = (changed: ReadonlySet<'pods' | 'services' | 'nodes' | 'namespaces'>) => void;
