/** The cluster as the objects told so far make it. Whoever is told of changes is told of those that matter here only. */
import { isDeepStrictEqual } from 'node:util';
import type { Owner } from './pod-of.ts';
import type { ClusterView, Endpoints, Node, OnClusterChange, Pod, Service } from './view.ts';

export type ChangedKind = Parameters<OnClusterChange>[0] extends ReadonlySet<infer Kind> ? Kind : never;

/** Is told of every change at once. `undefined`: not there before, or gone. */
export interface ClusterObserver {
  pod(before: Pod | undefined, now: Pod | undefined): void;
  service(before: Service | undefined, now: Service | undefined): void;
  endpoints(before: Endpoints | undefined, now: Endpoints | undefined): void;
  node(before: Node | undefined, now: Node | undefined): void;
}

export class KnownCluster implements ClusterView {
  readonly pods = new Map<string, Pod>();
  readonly services = new Map<string, Service>();
  readonly nodes = new Map<string, Node>();
  readonly namespaces = new Set<string>();
  /** By `namespace/name` of the slice. */
  readonly endpoints = new Map<string, Endpoints>();
  complete = false;
  problem = '';
  observer: ClusterObserver | null = null;
  onKind: (kind: ChangedKind) => void = () => {};
  /** What controls the ReplicaSets and Jobs, by their UIDs. */
  private readonly controllers = new Map<string, Pod['workload']>();
  /** UIDs of the pods of a ReplicaSet or Job, by its UID. */
  private readonly owned = new Map<string, Set<string>>();
  private readonly ownerOf = new Map<string, string>();

  putPod(pod: Pod, owner: Owner | null): void {
    if (owner?.kind === 'ReplicaSet' || owner?.kind === 'Job') {
      this.own(pod.uid, owner.uid);
      pod.workload = this.controllers.get(owner.uid) ?? deploymentOf(pod, owner) ?? pod.workload;
    }
    const before = this.pods.get(pod.uid);
    if (before && isDeepStrictEqual(before, pod)) return;
    this.pods.set(pod.uid, pod);
    this.observer?.pod(before, pod);
    this.onKind('pods');
  }

  removePod(uid: string): void {
    const before = this.pods.get(uid);
    if (!before) return;
    this.pods.delete(uid);
    this.disown(uid);
    this.observer?.pod(before, undefined);
    this.onKind('pods');
  }

  /** `controller` of a ReplicaSet or Job; null: it stands for itself. */
  putController(uid: string, controller: Owner | null): void {
    const before = this.controllers.get(uid);
    const workload = controller && { kind: controller.kind, name: controller.name };
    if (!workload || isDeepStrictEqual(before, workload)) return;
    this.controllers.set(uid, workload);
    for (const pod of this.podsOf(uid)) {
      const now = { ...pod, workload };
      this.pods.set(pod.uid, now);
      this.observer?.pod(pod, now);
      this.onKind('pods');
    }
  }

  /** Pods that it leaves behind keep their workload. */
  removeController(uid: string): void {
    this.controllers.delete(uid);
  }

  putService(service: Service): void {
    const key = `${service.namespace}/${service.name}`;
    const before = this.services.get(key);
    if (before && isDeepStrictEqual(before, service)) return;
    this.services.set(key, service);
    this.observer?.service(before, service);
    this.onKind('services');
  }

  removeService(key: string): void {
    const before = this.services.get(key);
    if (!this.services.delete(key)) return;
    this.observer?.service(before, undefined);
    this.onKind('services');
  }

  putEndpoints(key: string, endpoints: Endpoints): void {
    const before = this.endpoints.get(key);
    if (before && isDeepStrictEqual(before, endpoints)) return;
    this.endpoints.set(key, endpoints);
    this.observer?.endpoints(before, endpoints);
    this.onKind('services');
  }

  removeEndpoints(key: string): void {
    const before = this.endpoints.get(key);
    if (!this.endpoints.delete(key)) return;
    this.observer?.endpoints(before, undefined);
    this.onKind('services');
  }

  putNode(node: Node): void {
    const before = this.nodes.get(node.name);
    if (before && isDeepStrictEqual(before, node)) return;
    this.nodes.set(node.name, node);
    this.observer?.node(before, node);
    this.onKind('nodes');
  }

  removeNode(name: string): void {
    const before = this.nodes.get(name);
    if (!this.nodes.delete(name)) return;
    this.observer?.node(before, undefined);
    this.onKind('nodes');
  }

  putNamespace(name: string): void {
    if (this.namespaces.has(name)) return;
    this.namespaces.add(name);
    this.onKind('namespaces');
  }

  removeNamespace(name: string): void {
    if (this.namespaces.delete(name)) this.onKind('namespaces');
  }

  private own(pod: string, owner: string): void {
    if (this.ownerOf.get(pod) === owner) return;
    this.disown(pod);
    this.ownerOf.set(pod, owner);
    const pods = this.owned.get(owner);
    if (pods) pods.add(pod);
    else this.owned.set(owner, new Set([pod]));
  }

  private disown(pod: string): void {
    const owner = this.ownerOf.get(pod);
    if (owner === undefined) return;
    this.ownerOf.delete(pod);
    const pods = this.owned.get(owner);
    pods?.delete(pod);
    if (pods?.size === 0) this.owned.delete(owner);
  }

  private podsOf(owner: string): Pod[] {
    return [...(this.owned.get(owner) ?? [])].flatMap((uid) => this.pods.get(uid) ?? []);
  }
}

/** A pod may be told of a moment before its ReplicaSet: the name of one that a Deployment made is the Deployment's and a hash. */
function deploymentOf({ labels }: Pod, { kind, name }: Owner): Pod['workload'] {
  const hash = labels['pod-template-hash'];
  return kind === 'ReplicaSet' && hash && name.endsWith(`-${hash}`)
    ? { kind: 'Deployment', name: name.slice(0, -hash.length - 1) }
    : null;
}
