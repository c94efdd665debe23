/** Each node is tried by a pod of the worker's image, which is taken away again whatever happens. */
import { setTimeout as sleep } from 'node:timers/promises';
import type { KubeConfig, V1Pod } from '@kubernetes/client-node';
import { CoreV1Api } from '@kubernetes/client-node';
import type { NodeFacts } from '@kubeshark/model';
import { NodeProbe } from '@kubeshark/model/schemas';
import type { Values } from '../manifests/index.ts';
import { apiProblem, isForbidden, isNotFound } from './api-problem.ts';
import { probePod } from './probe-pod.ts';
import { OTHER_IMAGE, STUCK } from './rollout.ts';

/** For one node: pulling the image is part of it. */
const PROBE_MS = 90_000;
/** Nodes that are tried at once. */
const AT_ONCE = 25;
const LOOK_AGAIN_MS = 500;
/** The ServiceAccount `default` of a namespace that is new comes a moment later than the namespace. */
const ACCOUNT_MS = 10_000;

export interface Probed {
  node: string;
  facts: NodeFacts | null;
  /** Why it cannot capture; null: it can. */
  problem: string | null;
}

export interface ProbeOptions {
  config: KubeConfig;
  /** That is there. */
  namespace: string;
  values: Values;
  nodes: readonly string[];
  signal: AbortSignal;
  say: (text: string) => void;
}

/** Rejects with `UserError` when no pod may be created there. */
export async function probeNodes(options: ProbeOptions): Promise<Probed[]> {
  const { config, nodes, say } = options;
  const core = config.makeApiClient(CoreV1Api);
  const waiting = [...nodes];
  const probed: Probed[] = [];
  const next = async () => {
    for (let node = waiting.shift(); node !== undefined; node = waiting.shift()) {
      probed.push(await probe(core, node, options));
      say(`${probed.length} of ${nodes.length} nodes`);
    }
  };
  // Each cleans up after itself: all have ended before the first one's error goes out.
  const ended = await Promise.allSettled(Array.from({ length: Math.min(AT_ONCE, nodes.length) }, next));
  for (const one of ended) if (one.status === 'rejected') throw one.reason;
  return probed.toSorted((a, b) => (a.node < b.node ? -1 : 1));
}

async function probe(
  core: CoreV1Api,
  node: string,
  { namespace, values, signal }: ProbeOptions,
): Promise<Probed> {
  const name = await created(core, probePod(values, namespace, node), signal);
  try {
    const end = performance.now() + PROBE_MS;
    for (;;) {
      const pod = await core.readNamespacedPod({ namespace, name });
      const result = resultOf(pod, performance.now() > end);
      if (result) return { node, ...result };
      await sleep(LOOK_AGAIN_MS, undefined, { signal });
    }
  } finally {
    await core.deleteNamespacedPod({ namespace, name, gracePeriodSeconds: 0 }).catch((error: unknown) => {
      if (!isNotFound(error)) throw apiProblem(error, `the pod ${namespace}/${name} could not be deleted`);
    });
  }
}

/** Its name. */
async function created(core: CoreV1Api, body: V1Pod, signal: AbortSignal): Promise<string> {
  const namespace = body.metadata!.namespace!;
  const end = performance.now() + ACCOUNT_MS;
  for (;;)
    try {
      signal.throwIfAborted();
      return (await core.createNamespacedPod({ namespace, body })).metadata!.name!;
    } catch (error) {
      if (signal.aborted) throw error;
      const isEarly = isForbidden(error) && /serviceaccount "default" not found/.test(String(error));
      if (!isEarly || performance.now() > end)
        throw apiProblem(error, `no pod for a probe can be created in namespace ${namespace}`);
      await sleep(LOOK_AGAIN_MS, undefined, { signal });
    }
}

/** null: it has not ended yet. */
export function resultOf({ status, spec }: V1Pod, late: boolean): Omit<Probed, 'node'> | null {
  const failed = (problem: string) => ({ facts: null, problem });
  const [container] = status?.containerStatuses ?? [];
  const { waiting, terminated } = container?.state ?? {};
  const image = spec?.containers[0]?.image ?? '';
  if (terminated) {
    const { message = '', exitCode, reason } = terminated;
    if (exitCode !== 0)
      return failed(
        `the image ${image} ends with ${reason ?? 'an error'} (exit code ${exitCode}): is it of this version? ${message}`.trim(),
      );
    const answer = NodeProbe.safeParse(jsonOf(message));
    if (!answer.success) return failed(`the image ${image} gives no answer: is it of this version?`);
    const { facts, problem = null } = answer.data;
    return { facts, problem };
  }
  // A first try that failed is told as it is; the next ones come later and later.
  if (waiting && STUCK.has(waiting.reason ?? '') && (late || /Image/.test(waiting.reason!)))
    return failed(
      `the image ${image} cannot be run: ${waiting.reason}: ${waiting.message ?? ''}. ${OTHER_IMAGE}`,
    );
  if (status?.phase === 'Failed')
    return failed(`the node refuses the pod: ${status.reason ?? ''} ${status.message ?? ''}`.trim());
  if (!late) return null;
  return failed(
    `its pod has not ended within ${PROBE_MS / 1_000} s (${waiting?.reason ?? status?.phase ?? 'not started'})`,
  );
}

function jsonOf(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return null;
  }
}
