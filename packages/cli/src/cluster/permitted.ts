/** What this user may install: everything, or what needs no right of the whole cluster. */
import type { KubeConfig, V1ConfigMap } from '@kubernetes/client-node';
import type { KubernetesObject, Values } from '../manifests/index.ts';
import { namespaceObject, objects } from '../manifests/index.ts';
import { CONFIG } from '../manifests/names.ts';
import { UserError } from '../user-error.ts';
import { apiProblem, isForbidden } from './api-problem.ts';
import type { Installation } from './installation.ts';
import type { Right } from './rights.ts';
import { missingRights, rightInWords, rightsFor } from './rights.ts';

export interface Permitted {
  objects: KubernetesObject[];
  /** The hub looks at the namespaces of the targets alone, because the user may give it no more. */
  reduced: boolean;
}

/** `isNew`: the namespace is not there. Throws `UserError` that names each missing right. */
export async function permitted(
  config: KubeConfig,
  installation: Installation,
  values: Values,
  namespace: string,
  isNew: boolean,
): Promise<Permitted> {
  const lacking = async (all: readonly KubernetesObject[]) =>
    await missingRights(config, rightsFor(isNew ? [namespaceObject(namespace), ...all] : all));
  const all = objects(values, { namespace });
  const missing = await lacking(all);
  if (missing.length === 0) return { objects: all, reduced: false };
  const reduced = withoutClusterRights(values);
  if (reduced !== null && !(await hasClusterRights(installation, all))) {
    const fewer = objects(reduced, { namespace });
    if ((await lacking(fewer)).length === 0) return { objects: fewer, reduced: true };
  }
  throw mayNot(namespace, missing, reduced !== null);
}

/** null: it would not know where to look. */
function withoutClusterRights(values: Values): Values | null {
  const namespaces = values.namespaces.length > 0 ? values.namespaces : values.targets.namespaces;
  return values.clusterRights && namespaces.length > 0
    ? { ...values, namespaces, clusterRights: false }
    : null;
}

/** One that is there already with such rights keeps them: others use it. */
async function hasClusterRights(
  installation: Installation,
  all: readonly KubernetesObject[],
): Promise<boolean> {
  const config = all.find(({ kind, metadata }) => kind === 'ConfigMap' && metadata.name === CONFIG)!;
  let found: V1ConfigMap | null;
  try {
    found = await installation.read(config);
  } catch (error) {
    // What may not be looked at is not made less.
    if (isForbidden(error)) return true;
    throw apiProblem(error, `whether kubeshark is in namespace ${config.metadata.namespace} cannot be told`);
  }
  if (found === null) return false;
  return (
    (JSON.parse(found.data?.['hub.json'] ?? '{}') as { clusterRights?: boolean }).clusterRights !== false
  );
}

function mayNot(namespace: string, missing: readonly Right[], named: boolean): UserError {
  const rights = missing.map((right) => `  ${rightInWords(right)}`).join('\n');
  const fewer = named
    ? ''
    : '\nWith the namespaces named (-n) it needs no ClusterRole: then the administrator of a namespace may install it.';
  return new UserError(
    `you may not install kubeshark into namespace ${namespace}. Missing rights:\n${rights}${fewer}\nSomebody with these rights can install it once (kubeshark deploy --keep, or the Helm chart); then \`kubeshark proxy\` opens it.`,
  );
}
