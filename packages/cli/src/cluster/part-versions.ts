/** Which versions of hub and workers run, by their pods. */
import type { KubeConfig, V1Pod } from '@kubernetes/client-node';
import { CoreV1Api } from '@kubernetes/client-node';
import { labelSelector } from './installed.ts';

export interface PartVersion {
  component: string;
  /** Of the command that installed it. */
  version: string;
  image: string;
  /** What was pulled by that name: `sha256:…`. More than one while an upgrade is under way. */
  imageIds: string[];
  pods: number;
}

export async function partVersions(config: KubeConfig, namespace: string): Promise<PartVersion[]> {
  const { items } = await config
    .makeApiClient(CoreV1Api)
    .listNamespacedPod({ namespace, labelSelector: labelSelector(namespace) });
  return versionsOf(items);
}

/** Pods of the same part, version and image are one. */
export function versionsOf(pods: readonly V1Pod[]): PartVersion[] {
  const found = new Map<string, PartVersion>();
  for (const { metadata, spec, status } of pods) {
    const { labels = {} } = metadata ?? {};
    const component = labels['app.kubernetes.io/component'] ?? '';
    const version = labels['app.kubernetes.io/version'] ?? '';
    const image = spec?.containers[0]?.image ?? '';
    const key = `${component} ${version} ${image}`;
    const part = found.get(key) ?? { component, version, image, imageIds: [], pods: 0 };
    const id = status?.containerStatuses?.[0]?.imageID ?? '';
    if (id !== '' && !part.imageIds.includes(id)) part.imageIds.push(id);
    part.pods++;
    found.set(key, part);
  }
  return [...found.entries()].toSorted(([a], [b]) => (a < b ? -1 : 1)).map(([, part]) => part);
}
