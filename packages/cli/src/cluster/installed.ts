/** What of an installation is in the cluster, found by its labels. */
import type {
  KubernetesObject as AnyObject,
  KubeConfig,
  KubernetesListObject,
} from '@kubernetes/client-node';
import { KubernetesObjectApi } from '@kubernetes/client-node';
import type { KubernetesObject } from '../manifests/index.ts';
import { apiProblem, isForbidden, isNotFound } from './api-problem.ts';
import { nameOf } from './installation.ts';

const RBAC = 'rbac.authorization.k8s.io/v1';

/** In the order in which they are installed. `anywhere`: one of several namespaces, or none. */
const KINDS: readonly { apiVersion: string; kind: string; anywhere: boolean }[] = [
  { apiVersion: 'v1', kind: 'Namespace', anywhere: true },
  { apiVersion: 'v1', kind: 'ServiceAccount', anywhere: false },
  { apiVersion: 'v1', kind: 'ConfigMap', anywhere: false },
  { apiVersion: RBAC, kind: 'ClusterRole', anywhere: true },
  { apiVersion: RBAC, kind: 'ClusterRoleBinding', anywhere: true },
  { apiVersion: RBAC, kind: 'Role', anywhere: true },
  { apiVersion: RBAC, kind: 'RoleBinding', anywhere: true },
  { apiVersion: 'networking.k8s.io/v1', kind: 'NetworkPolicy', anywhere: false },
  { apiVersion: 'v1', kind: 'PersistentVolumeClaim', anywhere: false },
  { apiVersion: 'v1', kind: 'Service', anywhere: false },
  { apiVersion: 'apps/v1', kind: 'Deployment', anywhere: false },
  { apiVersion: 'apps/v1', kind: 'DaemonSet', anywhere: false },
];

const MANAGED_BY = 'app.kubernetes.io/managed-by';

/** Of all objects of the installation in `namespace`. */
export const labelSelector = (namespace: string): string =>
  `app.kubernetes.io/name=kubeshark,app.kubernetes.io/instance=${namespace}`;

/**
 * Objects of the installation in `namespace`. Kinds that the user may not list are left out, and told of; when that may be why
 * nothing is found, it throws `UserError`.
 */
export async function installed(
  config: KubeConfig,
  namespace: string,
  leftOut: (kind: string, error: unknown) => void = () => {},
): Promise<KubernetesObject[]> {
  const api = KubernetesObjectApi.makeApiClient(config);
  const selector = labelSelector(namespace);
  const list = async (apiVersion: string, kind: string, where: string | undefined) =>
    await api.list(apiVersion, kind, where, undefined, undefined, undefined, undefined, selector);
  let refusal: unknown;
  const found = await Promise.all(
    KINDS.map(async ({ apiVersion, kind, anywhere }) => {
      const answer: KubernetesListObject<AnyObject> | null = await list(
        apiVersion,
        kind,
        anywhere ? undefined : namespace,
      ).catch(async (error: unknown) => {
        if (isNotFound(error)) return null;
        if (!isForbidden(error)) throw apiProblem(error, `${kind}s cannot be listed`);
        const none = (refused: unknown) => {
          leftOut(kind, refused);
          if (!anywhere) refusal ??= refused;
          return null;
        };
        return anywhere && kind.startsWith('Role')
          ? await list(apiVersion, kind, namespace).catch(none)
          : none(error);
      });
      return (answer?.items ?? []).map((item) => ({ ...item, apiVersion, kind }) as KubernetesObject);
    }),
  );
  const all = found.flat();
  if (all.length === 0 && refusal !== undefined)
    throw apiProblem(refusal, `whether kubeshark is in namespace ${namespace} cannot be told`);
  return all;
}

/** Of an installation by `deploy`: what is there and not in `wanted`. A volume is left, for the history on it; the namespace too. */
export async function unwanted(
  config: KubeConfig,
  namespace: string,
  wanted: readonly KubernetesObject[],
): Promise<KubernetesObject[]> {
  const names = new Set(wanted.map(nameOf));
  return (await installed(config, namespace)).filter(
    (object) =>
      managerOf(object) === 'kubeshark' &&
      !['Namespace', 'PersistentVolumeClaim'].includes(object.kind) &&
      !names.has(nameOf(object)),
  );
}

/** `Helm`, `kubeshark`, or what else has put it there. */
export function managerOf({ metadata }: AnyObject): string {
  return metadata?.labels?.[MANAGED_BY] ?? '';
}

/** Helm's name for the installation that an object of it belongs to; a stand-in where the object does not say. */
export function helmRelease({ metadata }: AnyObject): string {
  return metadata?.annotations?.['meta.helm.sh/release-name'] ?? 'RELEASE';
}
