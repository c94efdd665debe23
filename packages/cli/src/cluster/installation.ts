/** The objects of an installation in the cluster: put there, compared, taken away. */
import type { KubernetesObject as AnyObject, KubeConfig } from '@kubernetes/client-node';
import { CoreV1Api, KubernetesObjectApi, PatchStrategy } from '@kubernetes/client-node';
import type { KubernetesObject } from '../manifests/index.ts';
import { apiProblem, isNotFound } from './api-problem.ts';

/** The owner of the fields that we apply. */
const MANAGER = 'kubeshark';
const LOOK_AGAIN_MS = 250;

export class Installation {
  /** What was not there before this object put it there, oldest first. */
  readonly created: KubernetesObject[] = [];
  private readonly api: KubernetesObjectApi;
  private readonly core: CoreV1Api;

  constructor(config: KubeConfig) {
    this.api = KubernetesObjectApi.makeApiClient(config);
    this.core = config.makeApiClient(CoreV1Api);
  }

  /**
   * Server-side apply. True when it was not there. What is being created is remembered before the request goes out: a Ctrl-C
   * while it is under way still takes it away.
   */
  async apply(object: KubernetesObject, dryRun = false): Promise<boolean> {
    try {
      const isNew = (await this.read(object)) === null;
      if (isNew && !dryRun) this.created.push(object);
      await this.api.patch(
        object,
        undefined,
        dryRun ? 'All' : undefined,
        MANAGER,
        true,
        PatchStrategy.ServerSideApply,
      );
      return isNew;
    } catch (error) {
      throw apiProblem(error, `${nameOf(object)} could not be applied`);
    }
  }

  /** null: it is not there. */
  async read(object: KubernetesObject): Promise<AnyObject | null> {
    try {
      return await this.api.read(object);
    } catch (error) {
      if (isNotFound(error)) return null;
      throw error;
    }
  }

  /**
   * Deletes, youngest first, and waits until all are gone. `say` gets what is still there. What is not there is no error;
   * the first error goes out when everything else was tried.
   */
  async remove(
    objects: readonly KubernetesObject[],
    say: (text: string) => void,
    signal: AbortSignal,
  ): Promise<void> {
    let failed: unknown;
    const waiting: KubernetesObject[] = [];
    for (const object of objects.toReversed())
      try {
        await this.api.delete(object, undefined, undefined, undefined, undefined, 'Foreground');
        waiting.push(object);
      } catch (error) {
        if (!isNotFound(error)) failed ??= apiProblem(error, `${nameOf(object)} could not be deleted`);
      }
    while (waiting.length > 0) {
      signal.throwIfAborted();
      say(`${waiting.length} to go: ${nameOf(waiting[0]!)}`);
      if ((await this.read(waiting[0]!)) === null) waiting.shift();
      else await new Promise((resolve) => setTimeout(resolve, LOOK_AGAIN_MS));
    }
    if (failed !== undefined) throw failed;
  }

  /** Labels of a namespace; null: it is not there. */
  async namespaceLabels(name: string): Promise<Readonly<Record<string, string>> | null> {
    try {
      return (await this.core.readNamespace({ name })).metadata?.labels ?? {};
    } catch (error) {
      if (isNotFound(error)) return null;
      throw apiProblem(error, `namespace ${name} cannot be looked at`);
    }
  }
}

export function nameOf({ kind, metadata }: KubernetesObject): string {
  return `${kind} ${metadata.namespace === undefined ? '' : `${metadata.namespace}/`}${metadata.name}`;
}
