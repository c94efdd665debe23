/** `kubeshark clean`: takes an installation away. */
import type { ConnectionOptions } from '../cluster/connection.ts';
import { connection, serverVersion } from '../cluster/connection.ts';
import { Installation, nameOf } from '../cluster/installation.ts';
import { helmRelease, installed, managerOf } from '../cluster/installed.ts';
import { Steps } from '../cluster/steps.ts';
import { UserError } from '../user-error.ts';

export interface CleanOptions extends ConnectionOptions {
  releaseNamespace: string;
}

const REMOVE_MS = 180_000;

export async function clean(options: CleanOptions): Promise<void> {
  const cluster = connection(options);
  const { releaseNamespace } = options;
  await serverVersion(cluster);
  const steps = new Steps();
  const all = await installed(cluster.config, releaseNamespace);
  if (all.length === 0) {
    steps.note(`nothing of kubeshark is in namespace ${releaseNamespace} of cluster ${cluster.context}`);
    return;
  }
  const ofHelm = all.find((object) => managerOf(object) === 'Helm');
  if (ofHelm)
    throw new UserError(
      `this installation is Helm's. Remove it with: helm uninstall -n ${releaseNamespace} ${helmRelease(ofHelm)}`,
    );
  const namespace = all.find(({ kind }) => kind === 'Namespace');
  // What is in a namespace of our own goes with it.
  const wanted = all.filter(({ metadata }) => !namespace || metadata.namespace !== releaseNamespace);
  const rest = new Installation(cluster.config);
  await steps.run(
    `Removing kubeshark from cluster ${cluster.context}`,
    async (say) => rest.remove(wanted, say, AbortSignal.timeout(REMOVE_MS)),
    () =>
      `removed: ${namespace ? `namespace ${releaseNamespace} and ` : ''}${all.length - (namespace ? 1 : 0)} objects`,
  );
  const left = await installed(cluster.config, releaseNamespace);
  if (left.length > 0) throw new UserError(`still there: ${left.map(nameOf).join(', ')}`);
}
