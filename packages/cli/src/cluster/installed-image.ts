/** Which image the workers of an installation have, whoever put it there. */
import type { KubeConfig, V1DaemonSet } from '@kubernetes/client-node';
import { AppsV1Api } from '@kubernetes/client-node';
import type { Values } from '../manifests/index.ts';
import { WORKER } from '../manifests/names.ts';
import { apiProblem, isForbidden, isNotFound } from './api-problem.ts';

const IMAGE = /^(?<registry>.+)\/(?<worker>[^/:]+):(?<tag>[^/:]+)$/;

/** Nothing where there is none, the user may not see it, or its image has no tag. */
export async function installedImage(
  config: KubeConfig,
  namespace: string,
): Promise<Partial<Values['image']>> {
  let found: V1DaemonSet;
  try {
    found = await config.makeApiClient(AppsV1Api).readNamespacedDaemonSet({ namespace, name: WORKER });
  } catch (error) {
    if (isNotFound(error) || isForbidden(error)) return {};
    throw apiProblem(error, `the workers in namespace ${namespace} cannot be looked at`);
  }
  const { containers = [], imagePullSecrets = [] } = found.spec?.template.spec ?? {};
  const [{ image = '', imagePullPolicy } = {}] = containers;
  const { groups } = IMAGE.exec(image) ?? {};
  return groups === undefined
    ? {}
    : {
        ...(groups as { registry: string; worker: string; tag: string }),
        ...(imagePullPolicy === undefined
          ? {}
          : { pullPolicy: imagePullPolicy as Values['image']['pullPolicy'] }),
        pullSecrets: imagePullSecrets.map(({ name }) => ({ name: name ?? '' })),
      };
}
