/** Kubernetes: which pods are captured, what became of that, and where each stands. Shared by hub, worker, page and command. */
import { z } from 'zod';

const named = (description: string, most = 253) => z.string().max(most).meta({ description });

/**
 * Which pods are captured. Kept in a ConfigMap, so that it survives the hub; set by the command or from the page.
 * A pod is a target when every condition holds. The product's own pods never are.
 */
export const TargetRule = z
  .object({
    namespaces: z
      .array(named('Namespace', 63))
      .max(1_000)
      .default([])
      .meta({ description: 'Namespaces of the pods; empty: all that the hub may look at' }),
    excludeNamespaces: z.array(named('Namespace', 63)).max(1_000).default([]),
    pods: z
      .string()
      .max(1_000)
      .default('')
      .meta({ description: 'Regular expression (RE2) found in the pod’s name; empty: all' }),
    selector: z.string().max(2_000).default('').meta({
      description: 'Label selector as kubectl reads it: `app=shop,tier in (front, back)`; empty: all',
    }),
  })
  .meta({ id: 'TargetRule' });
export type TargetRule = z.infer<typeof TargetRule>;

/** A pod that a worker is to capture: on its node, scheduled, not over. */
export const TargetPod = z.object({
  uid: named('UID', 64),
  /** By which its node's control groups name it, where that is another: of a static pod. */
  staticUid: named('UID', 64).optional(),
  name: named('Name'),
  namespace: named('Namespace', 63),
  /** Its network is the node's: captured on the node's interfaces, what has one of `ports` at this node. */
  hostNetwork: z.boolean(),
  /** Of its containers; all of its traffic when the pod says none. Host-network pods only. */
  ports: z.array(z.number().int()).max(1_000).default([]),
});
export type TargetPod = z.infer<typeof TargetPod>;

export const CAPTURE_STATES = ['waiting', 'captured', 'failed'] as const;

/** What became of one target, as its worker says every second. */
export const PodCapture = z
  .object({
    uid: named('UID', 64),
    state: z
      .enum(CAPTURE_STATES)
      .meta({ description: 'waiting: its network is not there yet; failed: `reason` says why' }),
    /** µs since the epoch; of `captured`: since when packets are seen. */
    since: z.number(),
    reason: z.string().max(1_000).optional(),
    packets: z.number(),
    bytes: z.number(),
    dropped: z.number(),
  })
  .meta({ id: 'PodCapture' });
export type PodCapture = z.infer<typeof PodCapture>;

/** What a node offers a worker. */
export const NodeFacts = z
  .object({
    kernel: z.string().max(200).meta({ description: 'Release, as `uname -r` says it' }),
    architecture: z.string().max(20),
    btf: z.boolean().meta({ description: 'The kernel’s types are there: eBPF programs fit it' }),
    cgroup: z.enum(['v1', 'v2', 'none']),
    /** Capabilities that the worker has, of those it uses: `NET_RAW`, `SYS_ADMIN`, … */
    capabilities: z.array(z.string().max(40)).max(64),
  })
  .meta({ id: 'NodeFacts' });
export type NodeFacts = z.infer<typeof NodeFacts>;

/** Of a worker that was started on a node to try it. */
export const NodeProbe = z.object({
  facts: NodeFacts,
  /** Why nothing can be captured there. */
  problem: z.string().optional(),
});
export type NodeProbe = z.infer<typeof NodeProbe>;

/** In the hub's status: the figures of the cluster bar. */
export const ClusterStatus = z
  .object({
    rule: TargetRule,
    nodes: z.number().meta({ description: 'Nodes that should have a worker' }),
    workers: z.number().meta({ description: 'Of them, with one connected' }),
    targets: z.number().meta({ description: 'Pods that the rule selects' }),
    captured: z.number().meta({ description: 'Of them, captured now' }),
    /** Why what is known of the cluster may be old: the API server is away, a right is missing. */
    problem: z.string().optional(),
  })
  .meta({ id: 'ClusterStatus' });
export type ClusterStatus = z.infer<typeof ClusterStatus>;

/** One pod in "Coverage". */
export const CoveredPod = z
  .object({
    uid: z.string(),
    name: z.string(),
    namespace: z.string(),
    workload: z.object({ kind: z.string(), name: z.string() }).optional(),
    phase: z.string().meta({ description: 'As Kubernetes says: Pending, Running, …' }),
    hostNetwork: z.boolean(),
    state: z
      .enum(['captured', 'waiting', 'failed', 'untargeted'])
      .meta({ description: 'waiting: for its network, or for the worker of its node' }),
    since: z.number().nullable().meta({ description: 'µs since the epoch; captured since' }),
    packets: z.number(),
    dropped: z.number(),
    entries: z.number().meta({ description: 'Since the hub runs' }),
    protocols: z.array(z.string()).meta({ description: 'Seen there, most frequent first' }),
    reason: z.string().optional().meta({ description: 'Why it is not captured, or why nothing shows' }),
    hint: z.string().optional().meta({ description: 'What to do about it' }),
  })
  .meta({ id: 'CoveredPod' });
export type CoveredPod = z.infer<typeof CoveredPod>;

export const CoveredNode = z
  .object({
    name: z.string(),
    ready: z.boolean(),
    /** null: none; `reason` says why. */
    worker: z
      .object({
        connected: z.boolean(),
        since: z.number(),
        version: z.string(),
        facts: NodeFacts.optional(),
        /** For those who see all namespaces. */
        load: z
          .object({
            packets: z.number(),
            packetsPerSecond: z.number(),
            dropped: z.number(),
            memoryBytes: z.number(),
            spoolBytes: z.number(),
          })
          .optional(),
      })
      .nullable(),
    reason: z.string().optional(),
    hint: z.string().optional(),
    pods: z.array(CoveredPod),
  })
  .meta({ id: 'CoveredNode' });
export type CoveredNode = z.infer<typeof CoveredNode>;

/** Every node and every pod: is it captured, since when, and if not, why. Answers "why do I see nothing?". */
export const Coverage = z
  .object({
    time: z.number().meta({ description: 'Hub’s clock, µs since the epoch' }),
    rule: TargetRule,
    nodes: z.array(CoveredNode),
    /** Pods that no node has: they cannot be captured yet. */
    unscheduled: z.array(CoveredPod),
  })
  .meta({ id: 'Coverage' });
export type Coverage = z.infer<typeof Coverage>;

/** Who asks, by the names to which the cluster gives rights. */
export const User = z.object({ name: z.string(), groups: z.array(z.string()) }).meta({ id: 'User' });
export type User = z.infer<typeof User>;

/** What a rule selects, before or after it is set. */
export const Targets = z
  .object({
    rule: TargetRule,
    pods: z.array(
      z.object({
        uid: z.string(),
        name: z.string(),
        namespace: z.string(),
        node: z.string().meta({ description: 'Empty: not scheduled yet' }),
      }),
    ),
    /** Pods the hub knows and this viewer may see. */
    of: z.number(),
    namespaces: z
      .array(z.string())
      .meta({ description: 'All that this viewer may see, without the product’s own: for the choice' }),
    mayChange: z.boolean(),
  })
  .meta({ id: 'Targets' });
export type Targets = z.infer<typeof Targets>;
