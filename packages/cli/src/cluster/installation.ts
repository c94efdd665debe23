/** The objects of an installation in the cluster: put there, compared, taken away. */
import { setTimeout as sleep } from 'node:timers/promises';
import type { KubernetesObject as AnyObject, KubeConfig, V1Namespace } from '@kubernetes/client-node';
import { CoreV1Api, KubernetesObjectApi, PatchStrategy } from '@kubernetes/client-node';
import type { KubernetesObject } from '../manifests/index.ts';
import { UserError } from '../user-error.ts';
import { apiProblem, isConflict, isForbidden, isNotFound } from './api-problem.ts';

/** The owner of the fields that we apply. */
const MANAGER = 'kubeshark';
const LOOK_AGAIN_MS = 250;
/** Pods are given their time to end. */
const GONE_MS = 120_000;

export class Installation {
  /** What was not there before this object put it there, oldest first. */
  readonly created: KubernetesObject[] = [];
  /** What was there before something else was put in its place, or it was taken away, oldest first. */
  private readonly before: KubernetesObject[] = [];
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
  async apply(object: KubernetesObject): Promise<boolean> {
    try {
      const found = await this.read(object);
      if (found === null) this.created.push(object);
      else this.before.push(asGiven(found));
      await this.patch(object);
      return found === null;
    } catch (error) {
      throw apiProblem(error, `${nameOf(object)} could not be applied`);
    }
  }

  /** False: it is there already, as somebody else was quicker. */
  async create(object: KubernetesObject): Promise<boolean> {
    this.created.push(object);
    try {
      await this.api.create(object, undefined, undefined, MANAGER);
      return true;
    } catch (error) {
      if (!isConflict(error)) throw apiProblem(error, `${nameOf(object)} could not be created`);
      this.created.splice(this.created.indexOf(object), 1);
      return false;
    }
  }

  /** What applying it would make of it, with all that the API server adds; nothing is changed. */
  async tried(object: KubernetesObject): Promise<AnyObject> {
    try {
      return await this.patch(object, 'All');
    } catch (error) {
      throw apiProblem(error, `${nameOf(object)} could not be applied`);
    }
  }

  private async patch(object: KubernetesObject, dryRun?: 'All'): Promise<AnyObject> {
    return await this.api.patch(object, undefined, dryRun, MANAGER, true, PatchStrategy.ServerSideApply);
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
      else await sleep(LOOK_AGAIN_MS);
    }
    if (failed !== undefined) throw failed;
  }

  /** As `remove`; `putBack` puts them there again. */
  async replaceByNothing(
    objects: readonly KubernetesObject[],
    say: (text: string) => void,
    signal: AbortSignal,
  ): Promise<void> {
    this.before.push(...objects.map(asGiven));
    await this.remove(objects, say, signal);
  }

  get hasChanged(): boolean {
    return this.before.length + this.created.length > 0;
  }

  /** All as it was before this object changed it. */
  async putBack(say: (text: string) => void, signal: AbortSignal): Promise<void> {
    for (const object of this.before) {
      say(nameOf(object));
      try {
        await this.patch(object);
      } catch (error) {
        throw apiProblem(error, `${nameOf(object)} could not be put back`);
      }
    }
    await this.remove(this.created, say, signal);
  }

  /** Labels of a namespace; null: it is not there. `hidden`: the user may not look at it. */
  async namespaceLabels(name: string): Promise<Readonly<Record<string, string>> | 'hidden' | null> {
    const found = await this.namespace(name);
    return found === 'hidden' ? found : found && (found.metadata?.labels ?? {});
  }

  /** A namespace that is being removed takes nothing in any more. */
  async isGoing(name: string): Promise<boolean> {
    const found = await this.namespace(name);
    return found !== 'hidden' && found?.status?.phase === 'Terminating';
  }

  /** Resolves when it is gone. */
  async gone(name: string, signal: AbortSignal): Promise<void> {
    for (
      const begun = performance.now();
      await this.isGoing(name);
      await sleep(LOOK_AGAIN_MS, null, { signal })
    )
      if (performance.now() - begun > GONE_MS)
        throw new UserError(
          `namespace ${name} is being removed, and something in it does not go: \`kubectl describe namespace ${name}\` says what. Install into another: --release-namespace NAME`,
        );
  }

  private async namespace(name: string): Promise<V1Namespace | 'hidden' | null> {
    try {
      return await this.core.readNamespace({ name });
    } catch (error) {
      if (isNotFound(error)) return null;
      if (isForbidden(error)) return 'hidden';
      throw apiProblem(error, `namespace ${name} cannot be looked at`);
    }
  }
}

/** Without what the API server adds, and would not take. */
function asGiven(found: AnyObject): KubernetesObject {
  const { metadata, ...rest } = found as KubernetesObject;
  const { name, namespace, labels, annotations } = metadata;
  delete rest['status'];
  return {
    ...rest,
    metadata: {
      name,
      ...(namespace === undefined ? {} : { namespace }),
      labels,
      ...(annotations === undefined ? {} : { annotations }),
    },
  };
}

export function nameOf({ kind, metadata }: KubernetesObject): string {
  return `${kind} ${metadata.namespace === undefined ? '' : `${metadata.namespace}/`}${metadata.name}`;
}
