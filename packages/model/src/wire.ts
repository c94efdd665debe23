/**
 * Worker and hub. `GET /worker` upgraded to WebSocket, `Authorization: Bearer …`. Binary frames from the worker are
 * batches (batch.ts), each as it is or as one zstd frame: its first four bytes say which. Text frames are the control messages below.
 */
import { z } from 'zod';
import { NodeFacts, PodCapture, TargetPod } from './cluster.ts';

const counters = z.record(z.string().max(64), z.number());

export const WorkerStatus = z
  .object({
    capturing: z.array(
      z.object({
        interface: z.string(),
        packets: z.number(),
        bytes: z.number(),
        dropped: z.number(),
        error: z.string().optional(),
      }),
    ),
    /** What interfaces that are not there any more have counted together. */
    gone: z.object({ packets: z.number(), bytes: z.number(), dropped: z.number() }).optional(),
    /** Why nothing is captured, in words for the user; absent when it is. */
    problem: z.string().optional(),
    flows: z.number(),
    spoolBytes: z.number(),
    memoryBytes: z.number(),
    /** Caps and anomalies by name, since boot. */
    counters,
    /** In a cluster: what became of each target, in the order in which the hub named them. */
    pods: z.array(PodCapture).max(10_000).optional(),
    node: NodeFacts.optional(),
  })
  .meta({ id: 'WorkerStatus' });
export type WorkerStatus = z.infer<typeof WorkerStatus>;

/** Of all interfaces of a worker, those that are gone too. */
export function captured(
  { capturing, gone }: Pick<WorkerStatus, 'capturing' | 'gone'>,
  what: 'packets' | 'dropped',
): number {
  return capturing.reduce((sum, one) => sum + one[what], gone?.[what] ?? 0);
}

export const WorkerMessage = z.discriminatedUnion('type', [
  z.object({
    type: z.literal('hello'),
    /** Random per start: it makes entry ids unique. */
    boot: z.string().regex(/^[0-9a-z]{8,16}$/),
    worker: z.string().min(1).max(253),
    version: z.string().max(64),
    codec: z.number(),
    source: z.enum(['live', 'file']),
    /** Names of the files, for source `file`. */
    files: z.array(z.string()).max(10_000).optional(),
  }),
  z.object({ type: z.literal('status'), status: WorkerStatus }),
  /** Answer to the hub's `ping`: `time` is the worker's clock in µs. */
  z.object({ type: z.literal('pong'), id: z.number(), time: z.number() }),
  /** How far a file is read: 0 to 1; `done` when no more will come. */
  z.object({ type: z.literal('progress'), fraction: z.number(), done: z.boolean(), packets: z.number() }),
]);
export type WorkerMessage = z.infer<typeof WorkerMessage>;

export const HubMessage = z.discriminatedUnion('type', [
  /** `acknowledged`: the highest batch number of this boot that is stored; the worker resends what follows. */
  z.object({
    type: z.literal('welcome'),
    hub: z.string(),
    version: z.string(),
    acknowledged: z.number(),
    credit: z.number(),
  }),
  /** Everything up to and including `number` is stored; `credit` bytes more may be sent. */
  z.object({ type: z.literal('ack'), number: z.number(), credit: z.number() }),
  z.object({ type: z.literal('ping'), id: z.number() }),
  /** In a cluster: all pods of the worker's node to be captured from now on. Replaces the list before; sent after `welcome` and at every change. */
  z.object({ type: z.literal('targets'), pods: z.array(TargetPod).max(10_000) }),
  /** The hub will close; `fatal` means that trying again is of no use (a codec it does not know). */
  z.object({ type: z.literal('refused'), reason: z.string(), fatal: z.boolean() }),
]);
export type HubMessage = z.infer<typeof HubMessage>;
