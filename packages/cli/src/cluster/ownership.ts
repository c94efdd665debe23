/** Whose the installation in a namespace is: Helm's, or that of the run of `deploy` which applied it last. */
import type { KubeConfig, V1ConfigMap } from '@kubernetes/client-node';
import { CoreV1Api } from '@kubernetes/client-node';
import type { Chosen } from '../manifests/chosen-values.ts';
import { chosenValues } from '../manifests/chosen-values.ts';
import type { KubernetesObject, Values } from '../manifests/index.ts';
import { CONFIG } from '../manifests/names.ts';
import { UserError } from '../user-error.ts';
import { apiProblem, isNotFound } from './api-problem.ts';
import { helmRelease, managerOf } from './installed.ts';

/** On `kubeshark-config`, both. Each run of `deploy` puts its own in the place of the one before. */
const RUN = 'kubeshark.io/deploy';
const CHOSEN = 'kubeshark.io/values';

export function markedWith(run: string, objects: readonly KubernetesObject[]): KubernetesObject[] {
  return annotated(objects, { [RUN]: run });
}

/** With what was chosen, so that another `deploy` can say what it changes. */
export function recording(values: Values, objects: readonly KubernetesObject[]): KubernetesObject[] {
  return annotated(objects, { [CHOSEN]: JSON.stringify(chosenValues(values)) });
}

function annotated(
  objects: readonly KubernetesObject[],
  more: Readonly<Record<string, string>>,
): KubernetesObject[] {
  return objects.map((object) => {
    const { metadata } = object;
    return isConfig(object)
      ? { ...object, metadata: { ...metadata, annotations: { ...metadata.annotations, ...more } } }
      : object;
  });
}

/** Of all objects the one that says whose the installation is. */
export function isConfig({ kind, metadata }: KubernetesObject): boolean {
  return kind === 'ConfigMap' && metadata.name === CONFIG;
}

/** What was chosen when it was applied; nothing where nobody has written it down. */
export function recordedIn({ metadata }: V1ConfigMap): Chosen {
  try {
    const recorded: unknown = JSON.parse(metadata?.annotations?.[CHOSEN] ?? '{}');
    return typeof recorded === 'object' && recorded !== null ? (recorded as Chosen) : {};
  } catch {
    return {};
  }
}

/** The settings of the installation that is there; null: there is none. Throws `UserError` for one that `deploy` must not change. */
export async function mayDeployOver(config: KubeConfig, namespace: string): Promise<V1ConfigMap | null> {
  const found = await configMap(config, namespace);
  if (found === null || managerOf(found) !== 'Helm') return found;
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
