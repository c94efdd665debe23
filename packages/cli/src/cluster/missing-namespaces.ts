/** Namespaces that a rule names and the cluster does not have: a slip of the finger, or they come later. */
import type { KubeConfig } from '@kubernetes/client-node';
import { CoreV1Api } from '@kubernetes/client-node';
import { nearest } from '@kubeshark/kfl';
import type { TargetRule } from '@kubeshark/model';
import { apiProblem, isForbidden, isNotFound } from './api-problem.ts';

export interface MissingNamespace {
  name: string;
  /** One that is there and may have been meant. */
  meant: string | undefined;
}

/** Of a namespace that the user may not look at nothing is said. */
export async function missingNamespaces(config: KubeConfig, rule: TargetRule): Promise<MissingNamespace[]> {
  const core = config.makeApiClient(CoreV1Api);
  const named = [...new Set([...rule.namespaces, ...rule.excludeNamespaces])];
  try {
    const isMissing = await Promise.all(
      named.map(async (name) =>
        core.readNamespace({ name }).then(
          () => false,
          (error: unknown) => {
            if (isNotFound(error)) return true;
            if (isForbidden(error)) return false;
            throw error;
          },
        ),
      ),
    );
    const missing = named.filter((_, i) => isMissing[i]);
    if (missing.length === 0) return [];
    const there = await namesOf(core);
    return missing.map((name) => ({ name, meant: nearest(name, there) }));
  } catch (error) {
    throw apiProblem(error, 'the namespaces cannot be looked at');
  }
}

async function namesOf(core: CoreV1Api): Promise<string[]> {
  try {
    return (await core.listNamespace()).items.map(({ metadata }) => metadata?.name ?? '');
  } catch (error) {
    if (isForbidden(error)) return [];
    throw error;
  }
}
