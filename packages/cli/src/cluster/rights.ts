/** Whether the user may do what an installation takes, asked before anything is done. */
import type { KubeConfig } from '@kubernetes/client-node';
import { AuthorizationV1Api } from '@kubernetes/client-node';
import type { KubernetesObject } from '../manifests/index.ts';
import { apiProblem } from './api-problem.ts';

export interface Right {
  verb: string;
  group: string;
  resource: string;
  subresource?: string;
  /** Of one object. */
  name?: string;
  namespace?: string | undefined;
  /** What it is for, for people. */
  reason: string;
}

export function rightInWords({ verb, group, resource, subresource, namespace }: Right): string {
  const what = `${resource}${subresource === undefined ? '' : `/${subresource}`}${group === '' ? '' : `.${group}`}`;
  return `${verb} ${what} ${namespace === undefined ? 'in all namespaces' : `in namespace ${namespace}`}`;
}

/** Plural names of the kinds that are applied. */
const RESOURCES: Readonly<Record<string, string>> = {
  Namespace: 'namespaces',
  ServiceAccount: 'serviceaccounts',
  ConfigMap: 'configmaps',
  ClusterRole: 'clusterroles',
  ClusterRoleBinding: 'clusterrolebindings',
  Role: 'roles',
  RoleBinding: 'rolebindings',
  NetworkPolicy: 'networkpolicies',
  PersistentVolumeClaim: 'persistentvolumeclaims',
  Service: 'services',
  Deployment: 'deployments',
  DaemonSet: 'daemonsets',
};

/** To put the objects there and to take them away again, each kind and namespace once. */
export function rightsFor(objects: readonly KubernetesObject[]): Right[] {
  const rights = new Map<string, Right>();
  for (const { apiVersion, kind, metadata } of objects)
    for (const verb of ['create', 'patch', 'delete']) {
      const right: Right = {
        verb,
        group: apiVersion.includes('/') ? apiVersion.split('/')[0]! : '',
        resource: RESOURCES[kind] ?? `${kind.toLowerCase()}s`,
        namespace: metadata.namespace,
        reason: verb === 'delete' ? `remove ${kind}s again` : `install the ${kind}s`,
      };
      rights.set(rightInWords(right), right);
    }
  return [...rights.values()];
}

/** Those of `rights` that the user has not. */
export async function missingRights(config: KubeConfig, rights: readonly Right[]): Promise<Right[]> {
  const api = config.makeApiClient(AuthorizationV1Api);
  const allowed = await Promise.all(
    rights.map(async ({ verb, group, resource, subresource, name, namespace }) => {
      const { status } = await api.createSelfSubjectAccessReview({
        body: {
          spec: {
            resourceAttributes: {
              verb,
              group,
              resource,
              ...(subresource === undefined ? {} : { subresource }),
              ...(name === undefined ? {} : { name }),
              ...(namespace === undefined ? {} : { namespace }),
            },
          },
        },
      });
      return status?.allowed === true;
    }),
  ).catch((error: unknown) => {
    throw apiProblem(error, 'your rights cannot be asked for');
  });
  return rights.filter((_, i) => !allowed[i]);
}
