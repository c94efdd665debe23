/** The hub's knowledge of its cluster, kept by list and watch of every kind it uses. */
import type { Logger } from 'pino';
import type { ApiObject } from './api-object.ts';
import { ApiServer } from './api-server.ts';
import type { FollowerCounters, FollowerLimits, Sink } from './follower.ts';
import { Follower } from './follower.ts';
import type { ChangedKind, KnownCluster } from './known-cluster.ts';
import { endpointsOf, nodeOf, serviceOf } from './network-objects.ts';
import { ownerOf, podOf } from './pod-of.ts';
import type { ClusterSettings } from './settings.ts';
import { Turns } from './turns.ts';
import type { OnClusterChange } from './view.ts';

/** Changes are told together, at most this often. */
const TELL_MS = 50;
/** The hub goes on when what it asks for is not there by then. */
const SETTLE_MS = 30_000;
/** Lists read at the same time: with many namespaces there are hundreds. */
const LISTS = 8;
/** Different problems that are told. */
const PROBLEMS = 3;

/** `version` and `resource` of the kinds that have a namespace. */
const IN_NAMESPACES = [
  ['/api/v1', 'pods'],
  ['/api/v1', 'services'],
  ['/apis/discovery.k8s.io/v1', 'endpointslices'],
  ['/apis/apps/v1', 'replicasets'],
  ['/apis/batch/v1', 'jobs'],
] as const;
const CLUSTER_WIDE = ['nodes', 'namespaces'] as const;
type Resource = (typeof IN_NAMESPACES)[number][1] | (typeof CLUSTER_WIDE)[number];

const METADATA_ONLY: ReadonlySet<Resource> = new Set(['replicasets', 'jobs', 'namespaces']);

export class ClusterWatch {
  readonly view: KnownCluster;
  readonly counters = {
    lists: 0,
    watches: 0,
    events: 0,
    expired: 0,
    failures: 0,
    cap_clusterSilenceMs: 0,
    unreadable: 0,
    cap_clusterPageBytes: 0,
    cap_clusterEventBytes: 0,
  } satisfies FollowerCounters;
  readonly api: ApiServer;
  private readonly followers: Follower[] = [];
  private readonly listeners = new Set<OnClusterChange>();
  private readonly stop = new AbortController();
  private readonly began = performance.now();
  private readonly log: Logger;
  private changed = new Set<ChangedKind>();
  private telling: NodeJS.Timeout | undefined;
  private told = Number.NEGATIVE_INFINITY;

  constructor(settings: ClusterSettings, known: KnownCluster, limits: FollowerLimits, log: Logger) {
    this.view = known;
    this.log = log;
    this.api = new ApiServer(settings.kubeConfig);
    const sinks = sinksOf(known);
    const turns = new Turns(LISTS);
    const follow = (path: string, resource: Resource) => {
      this.followers.push(
        new Follower({
          api: this.api,
          path,
          metadataOnly: METADATA_ONLY.has(resource),
          sink: sinks[resource],
          limits,
          counters: this.counters,
          turn: (list) => turns.take(list),
          onState: () => this.stateChanged(),
        }),
      );
    };
    for (const [version, resource] of IN_NAMESPACES)
      if (settings.namespaces === null) follow(`${version}/${resource}`, resource);
      else
        for (const name of settings.namespaces) follow(`${version}/namespaces/${name}/${resource}`, resource);
    // A worker's token names its pod, and the pod its node.
    if (settings.namespaces !== null && !settings.namespaces.includes(settings.namespace))
      follow(`/api/v1/namespaces/${settings.namespace}/pods`, 'pods');
    follow('/api/v1/nodes', 'nodes');
    // Which ones may be looked at is known then; all the others' names are not ours to ask for.
    if (settings.namespaces === null) follow('/api/v1/namespaces', 'namespaces');
    else for (const name of settings.namespaces) known.putNamespace(name);
    known.problem = 'the cluster is being listed';
    known.onKind = (kind) => this.tellSoon(kind);
    for (const follower of this.followers) void follower.run(this.stop.signal);
  }

  /** Every kind was listed, or that takes so long that the hub goes on without. */
  get settled(): boolean {
    return this.view.complete || performance.now() - this.began > SETTLE_MS;
  }

  /** Until the function that it gives is called. */
  onChange(listener: OnClusterChange): () => void {
    this.listeners.add(listener);
    return () => this.listeners.delete(listener);
  }

  close(): void {
    this.stop.abort();
    clearTimeout(this.telling);
    this.listeners.clear();
  }

  private stateChanged(): void {
    const complete = this.followers.every(({ answered }) => answered);
    const problems = [...new Set(this.followers.map(({ problem }) => problem))].filter((text) => text !== '');
    const { view } = this;
    const more = problems.length > PROBLEMS ? ` (and ${problems.length - PROBLEMS} more)` : '';
    const problem = problems.slice(0, PROBLEMS).join('; ') + more || (complete ? '' : view.problem);
    if (problem !== view.problem && problem !== '')
      this.log.warn({ problem }, 'what is known of the cluster may be old');
    if (problem === '' && view.problem !== '')
      this.log.info({ pods: view.pods.size, nodes: view.nodes.size }, 'the cluster is known');
    view.problem = problem;
    view.complete = complete;
  }

  private tellSoon(kind: ChangedKind): void {
    this.changed.add(kind);
    this.telling ??= setTimeout(
      () => {
        this.telling = undefined;
        this.told = performance.now();
        const { changed } = this;
        this.changed = new Set();
        for (const listener of this.listeners) listener(changed);
      },
      Math.max(0, this.told + TELL_MS - performance.now()),
    );
  }
}

const uidOf = ({ metadata }: ApiObject) => metadata?.uid ?? null;
const nameOf = ({ metadata }: ApiObject) => metadata?.name ?? null;
const fullNameOf = ({ metadata }: ApiObject) =>
  metadata?.namespace && metadata.name ? `${metadata.namespace}/${metadata.name}` : null;

function sinksOf(known: KnownCluster): Record<Resource, Sink> {
  const controllers: Sink = {
    keyOf: uidOf,
    put: (uid, object) => known.putController(uid, ownerOf(object)),
    remove: (uid) => known.removeController(uid),
  };
  return {
    pods: {
      keyOf: uidOf,
      put(_uid, object) {
        const read = podOf(object);
        if (read) known.putPod(read.pod, read.owner);
      },
      remove: (uid) => known.removePod(uid),
    },
    services: {
      keyOf: fullNameOf,
      put(_name, object) {
        const service = serviceOf(object);
        if (service) known.putService(service);
      },
      remove: (name) => known.removeService(name),
    },
    endpointslices: {
      keyOf: fullNameOf,
      put(name, object) {
        const endpoints = endpointsOf(object);
        if (endpoints) known.putEndpoints(name, endpoints);
        else known.removeEndpoints(name);
      },
      remove: (name) => known.removeEndpoints(name),
    },
    replicasets: controllers,
    jobs: controllers,
    nodes: {
      keyOf: nameOf,
      put(_name, object) {
        const node = nodeOf(object);
        if (node) known.putNode(node);
      },
      remove: (name) => known.removeNode(name),
    },
    namespaces: {
      keyOf: nameOf,
      put: (name) => known.putNamespace(name),
      remove: (name) => known.removeNamespace(name),
    },
  };
}
