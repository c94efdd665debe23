/** Values of options that this machine, or the cluster, knows. */
import { networkInterfaces } from 'node:os';
import { CoreV1Api } from '@kubernetes/client-node';
import { connection, contextNames } from '../cluster/connection.ts';
import { keys } from '../config/keys.ts';

/** Who has pressed Tab waits no longer. */
const ANSWER_MS = 2_000;
/** More than anybody reads through. */
const NAMESPACES = 500;

/** Nothing when it cannot be known, or not soon. */
export async function knownValues(name: string, given: ReadonlyMap<string, string>): Promise<string[]> {
  const late = new Promise<string[]>((resolve) => setTimeout(resolve, ANSWER_MS, []).unref());
  return await Promise.race([late, ask(name, given)]).catch(() => []);
}

async function ask(name: string, given: ReadonlyMap<string, string>): Promise<string[]> {
  const kubeconfig = given.get('kubeconfig');
  const context = given.get('context');
  const options = {
    ...(kubeconfig === undefined ? {} : { kubeconfig }),
    ...(context === undefined ? {} : { context }),
  };
  switch (name) {
    case 'context':
      return contextNames(options);
    case 'namespace':
    case 'excludeNamespace':
    case 'releaseNamespace': {
      const core = connection(options).config.makeApiClient(CoreV1Api);
      const { items } = await core.listNamespace({ limit: NAMESPACES });
      return items.flatMap(({ metadata }) => metadata?.name ?? []);
    }
    case 'interface':
      return ['any', ...Object.keys(networkInterfaces())];
    case 'key':
      return keys();
    default:
      return [];
  }
}
