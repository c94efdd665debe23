/** Whose the installation in a namespace is: Helm's, or that of the run of `deploy` which applied it last. */
import type { KubeConfig, V1ConfigMap } from '@kubernetes/client-node';
import { CoreV1Api } from '@kubernetes/client-node';
import type { KubernetesObject } from '../manifests/index.ts';
import { CONFIG } from '../manifests/names.ts';
import { UserError } from '../user-error.ts';
import { apiProblem, isNotFound } from './api-problem.ts';
import { helmRelease, managerOf } from './installed.ts';

/** On `kubeshark-config`. Each run of `deploy` puts its own in the place of the one before. */
const RUN = 'kubeshark.io/deploy';

export function markedWith(run: string, objects: readonly KubernetesObject[]): KubernetesObject[] {
  return objects.map((object) =>
    object.kind === 'ConfigMap' && object.metadata.name === CONFIG
      ? { ...object, metadata: { ...object.metadata, annotations: { [RUN]: run } } }
      : object,
  );
}

/** Whether there is an installation. Throws `UserError` for one that `deploy` must not change. */
export async function mayDeployOver(config: KubeConfig, namespace: string): Promise<boolean> {
  const found = await configMap(config, namespace);
  if (found === null) return false;
  if (managerOf(found) !== 'Helm') return true;
  const release = helmRelease(found);
  throw new UserError(
    `the installation in namespace ${namespace} is Helm's: deploy would take it over, and Helm not know of it. Nothing was changed.
Change it: helm upgrade -n ${namespace} ${release} CHART
Open it: kubeshark proxy --release-namespace ${namespace} (the page changes what is captured)
Install another: kubeshark deploy --release-namespace NAME`,
  );
}

/** Whether another run of `deploy` has applied it since this one did. */
export async function isTakenOver(config: KubeConfig, namespace: string, run: string): Promise<boolean> {
  const found = await configMap(config, namespace);
  return found !== null && found.metadata?.annotations?.[RUN] !== run;
}

async function configMap(config: KubeConfig, namespace: string): Promise<V1ConfigMap | null> {
  try {
    return await config.makeApiClient(CoreV1Api).readNamespacedConfigMap({ name: CONFIG, namespace });
  } catch (error) {
    if (isNotFound(error)) return null;
    throw apiProblem(error, `whether kubeshark is in namespace ${namespace} cannot be looked at`);
  }
}
