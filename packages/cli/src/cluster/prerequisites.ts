/** What an installation needs of the cluster, looked at before anything is changed. */
import type { KubeConfig, V1Node } from '@kubernetes/client-node';
import { CoreV1Api } from '@kubernetes/client-node';
import { UserError } from '../user-error.ts';
import { isForbidden } from './api-problem.ts';

/** Ring buffers that leave out the host's own copies of loopback (PACKET_IGNORE_OUTGOING). */
const KERNEL = [4, 20] as const;
const POD_SECURITY = 'pod-security.kubernetes.io/enforce';

export interface NodesFound {
  linux: number;
  /** Of Linux nodes that have room for pods of their own: virtual ones have none. */
  names: string[];
  others: number;
  /** `node-1: 3.10.0`, too old. */
  old: string[];
}

/** null: the user may not list nodes. */
export async function nodesOf(config: KubeConfig): Promise<NodesFound | null> {
  let nodes: V1Node[];
  try {
    nodes = (await config.makeApiClient(CoreV1Api).listNode()).items;
  } catch (error) {
    if (isForbidden(error)) return null;
    throw error;
  }
  const linux = nodes.filter(({ status }) => (status?.nodeInfo?.operatingSystem ?? 'linux') === 'linux');
  return {
    linux: linux.length,
    names: linux.filter((node) => !isVirtual(node)).map(({ metadata }) => metadata?.name ?? ''),
    others: nodes.length - linux.length,
    old: linux.flatMap(({ metadata, status }) => {
      const kernel = status?.nodeInfo?.kernelVersion ?? '';
      return isOld(kernel) ? [`${metadata?.name}: ${kernel}`] : [];
    }),
  };
}

/** As the workers' affinity has it. */
function isVirtual({ metadata }: V1Node): boolean {
  const { type, 'eks.amazonaws.com/compute-type': compute } = metadata?.labels ?? {};
  return type === 'virtual-kubelet' || compute === 'fargate';
}

function isOld(kernel: string): boolean {
  const [, major, minor] = /^(\d+)\.(\d+)/.exec(kernel) ?? [];
  if (major === undefined) return false;
  return Number(major) < KERNEL[0] || (Number(major) === KERNEL[0] && Number(minor) < KERNEL[1]);
}

/** Workers look into the networks of other pods: a namespace whose Pod Security forbids that would never start one. */
export function checkPodSecurity(namespace: string, labels: Readonly<Record<string, string>>): void {
  const level = labels[POD_SECURITY];
  if (level === undefined || level === 'privileged') return;
  throw new UserError(
    `namespace ${namespace} has Pod Security level "${level}": the worker's pods would be refused, for they look into the networks of others.
Choose another namespace (--release-namespace), or allow it: kubectl label --overwrite namespace ${namespace} ${POD_SECURITY}=privileged`,
  );
}
