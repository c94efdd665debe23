/** Hub and workers on their way up: how far they are, and why one does not start. */
import type { KubeConfig, V1ContainerStatus, V1Pod } from '@kubernetes/client-node';
import { AppsV1Api, CoreV1Api } from '@kubernetes/client-node';
import { HUB, WORKER } from '../manifests/names.ts';
import { apiProblem } from './api-problem.ts';

export interface Parts {
  hubReady: boolean;
  /** Of the hub; when it is ready, the pod to talk to. */
  hubPod: string | null;
  workersReady: number;
  /** Nodes that should have one; 0 until the controller has looked. */
  workersWanted: number;
  /** Why a pod does not start, one line each. */
  problems: string[];
  /** Of them: waiting longer is of no use until somebody mends something. */
  hopeless: boolean;
}

/** States of a container that do not mend themselves soon. */
export const STUCK: ReadonlySet<string> = new Set([
  'ErrImagePull',
  'ImagePullBackOff',
  'ErrImageNeverPull',
  'InvalidImageName',
  'CreateContainerConfigError',
  'CreateContainerError',
  'RunContainerError',
  'CrashLoopBackOff',
]);
/** What to do about an image that a node cannot pull. */
export const OTHER_IMAGE =
  'Another: --image-registry, --image-tag; to build it and bring it to the nodes: npm run images';
const LAST_LINES = 5;

export class Rollout {
  private readonly core: CoreV1Api;
  private readonly apps: AppsV1Api;
  private readonly namespace: string;

  constructor(config: KubeConfig, namespace: string) {
    this.core = config.makeApiClient(CoreV1Api);
    this.apps = config.makeApiClient(AppsV1Api);
    this.namespace = namespace;
  }

  async look(): Promise<Parts> {
    const { namespace } = this;
    try {
      const [hub, workers, pods] = await Promise.all([
        this.apps.readNamespacedDeployment({ namespace, name: HUB }),
        this.apps.readNamespacedDaemonSet({ namespace, name: WORKER }),
        this.core.listNamespacedPod({ namespace, labelSelector: 'app.kubernetes.io/name=kubeshark' }),
      ]);
      const current = pods.items.filter(({ metadata }) => metadata?.deletionTimestamp === undefined);
      const ready = current.find((pod) => component(pod) === 'hub' && isReady(pod));
      const problems = await Promise.all(
        current.filter((pod) => !isReady(pod)).map((pod) => this.problem(pod)),
      );
      const observed = workers.status?.observedGeneration === workers.metadata?.generation;
      return {
        hubReady: ready !== undefined && hub.status?.observedGeneration === hub.metadata?.generation,
        hubPod: ready?.metadata?.name ?? null,
        workersReady: observed ? (workers.status?.numberReady ?? 0) : 0,
        workersWanted: observed ? (workers.status?.desiredNumberScheduled ?? 0) : 0,
        problems: problems.flatMap((problem) => (problem === null ? [] : [problem.text])),
        hopeless: problems.some((problem) => problem?.hopeless === true),
      };
    } catch (error) {
      throw apiProblem(error, 'hub and workers cannot be looked at');
    }
  }

  /** The hub alone, by its pods: for those who may see no more. null: there is none. */
  async hub(): Promise<{ ready: boolean; pod: string | null; problem: string | null } | null> {
    const { namespace } = this;
    const labelSelector = 'app.kubernetes.io/name=kubeshark,app.kubernetes.io/component=hub';
    try {
      const { items } = await this.core.listNamespacedPod({ namespace, labelSelector });
      const current = items.filter(({ metadata }) => metadata?.deletionTimestamp === undefined);
      if (current.length === 0) return null;
      const ready = current.find(isReady);
      const problem = ready ? null : await this.problem(current[0]!);
      return {
        ready: ready !== undefined,
        pod: ready?.metadata?.name ?? null,
        problem: problem?.text ?? null,
      };
    } catch (error) {
      throw apiProblem(error, `the hub in namespace ${namespace} cannot be looked for`);
    }
  }

  private async problem(pod: V1Pod): Promise<{ text: string; hopeless: boolean } | null> {
    const name = pod.metadata?.name ?? '';
    const unscheduled = pod.status?.conditions?.find(
      ({ type, status }) => type === 'PodScheduled' && status === 'False',
    );
    if (unscheduled)
      return { text: `${name} finds no node: ${unscheduled.message ?? unscheduled.reason}`, hopeless: false };
    for (const status of pod.status?.containerStatuses ?? []) {
      const { waiting } = status.state ?? {};
      const ended = status.lastState?.terminated ?? status.state?.terminated;
      if (waiting?.reason === 'CrashLoopBackOff' || ended)
        return {
          text: `${name} ends (exit code ${ended?.exitCode ?? '?'}${ended?.reason === 'OOMKilled' ? ', out of memory' : ''})${await this.lastWords(name, status)}`,
          hopeless: status.restartCount > 2,
        };
      if (waiting && STUCK.has(waiting.reason ?? ''))
        return {
          text: `${name}: ${waiting.reason}: ${waiting.message ?? status.image}${/Image/.test(waiting.reason!) ? `. ${OTHER_IMAGE}` : ''}`,
          hopeless: true,
        };
    }
    return null;
  }

  private async lastWords(
    name: string,
    { name: container, restartCount }: V1ContainerStatus,
  ): Promise<string> {
    const { namespace } = this;
    const log = await this.core
      .readNamespacedPodLog({ namespace, name, container, tailLines: LAST_LINES, previous: restartCount > 0 })
      .catch(() => '');
    return log.trim() === '' ? '' : `; its last words:\n    ${log.trim().replaceAll('\n', '\n    ')}`;
  }
}

function component({ metadata }: V1Pod): string | undefined {
  return metadata?.labels?.['app.kubernetes.io/component'];
}

function isReady({ status }: V1Pod): boolean {
  return status?.conditions?.some(({ type, status }) => type === 'Ready' && status === 'True') === true;
}
