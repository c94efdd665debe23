/** A token for the hub alone, for the one who opens the page. */
import type { KubeConfig } from '@kubernetes/client-node';
import { CoreV1Api } from '@kubernetes/client-node';
import { AUDIENCE } from '../manifests/names.ts';
import { UserError } from '../user-error.ts';
import { apiProblem, isForbidden, isNotFound } from './api-problem.ts';

/** A working day and a bit; the API server may give less. */
const LIFE_SECONDS = 12 * 3_600;

/** `account`: `NAMESPACE/NAME`; what it may read is what the page shows. */
export async function viewerToken(config: KubeConfig, account: string): Promise<string> {
  const [where = '', name = ''] = account.split('/');
  try {
    const { status } = await config.makeApiClient(CoreV1Api).createNamespacedServiceAccountToken({
      namespace: where,
      name,
      body: { spec: { audiences: [AUDIENCE], expirationSeconds: LIFE_SECONDS } },
    });
    if (!status?.token) throw new Error('the answer holds no token');
    return status.token;
  } catch (error) {
    if (isNotFound(error))
      throw new UserError(
        `there is no ServiceAccount ${where}/${name} to open the page as; name another: --service-account NAMESPACE/NAME`,
      );
    const problem = apiProblem(error, `no token for ServiceAccount ${where}/${name}`);
    if (isForbidden(error))
      throw new UserError(`${problem.message}\nAnother ServiceAccount: --service-account NAMESPACE/NAME`);
    throw problem;
  }
}
