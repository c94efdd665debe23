/** What `deploy` over an installation changes of it, said before it does. */
import { isDeepStrictEqual } from 'node:util';
import type { V1ConfigMap, V1Deployment } from '@kubernetes/client-node';
import { resets } from '../manifests/chosen-values.ts';
import type { KubernetesObject, Values } from '../manifests/index.ts';
import { HUB } from '../manifests/names.ts';
import type { Installation } from './installation.ts';
import { recordedIn } from './ownership.ts';
import type { Steps } from './steps.ts';

/** `found`: the settings of the installation that is there; `all`: what is to be in its place. */
export async function tellChanges(
  steps: Steps,
  installation: Installation,
  found: V1ConfigMap,
  values: Values,
  all: readonly KubernetesObject[],
): Promise<void> {
  const changed = resets(recordedIn(found), values);
  if (changed.length > 0) {
    steps.warn('settings that an earlier deploy was given change:');
    for (const { change } of changed) steps.note(`  ${change}`);
    const again = changed.flatMap(({ keep }) => keep ?? []);
    if (again.length > 0) steps.note(`  to keep them: ${again.join(' ')}`);
  }
  const lost = await historyLost(installation, all);
  if (lost !== null) steps.warn(lost);
}

/** What becomes of the history, when something does. */
async function historyLost(
  installation: Installation,
  all: readonly KubernetesObject[],
): Promise<string | null> {
  const wanted = all.find(({ kind, metadata }) => kind === 'Deployment' && metadata.name === HUB)!;
  let before: V1Deployment | null;
  let after: V1Deployment;
  try {
    before = await installation.read(wanted);
    if (before === null) return null;
    after = await installation.tried(wanted);
  } catch {
    // Some webhooks let nothing be tried. What cannot be known beforehand stops nobody.
    return null;
  }
  if (isDeepStrictEqual(before.spec?.template, after.spec?.template)) return null;
  if (!onVolume(before))
    return 'the hub starts anew, and history is lost: this installation has no volume (--storage-size 20Gi makes one)';
  return onVolume(after)
    ? null
    : `the hub starts anew without its volume, and history begins anew: the old one stays on PersistentVolumeClaim ${HUB}`;
}

function onVolume({ spec }: V1Deployment): boolean {
  return spec?.template.spec?.volumes?.some(({ persistentVolumeClaim }) => persistentVolumeClaim) === true;
}
