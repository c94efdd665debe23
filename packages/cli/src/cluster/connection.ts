/** Which cluster, as whom: the user's kubeconfig, as kubectl reads it. */
import { KubeConfig, VersionApi } from '@kubernetes/client-node';
import { UserError } from '../user-error.ts';
import { apiProblem } from './api-problem.ts';

export interface ConnectionOptions {
  kubeconfig?: string;
  context?: string;
}

export interface Connection {
  readonly config: KubeConfig;
  readonly context: string;
  /** Of the context; `default` when it names none. */
  readonly namespace: string;
  readonly server: string;
}

/** Throws `UserError` when there is no such configuration. Nothing is asked of the cluster. */
export function connection(options: ConnectionOptions): Connection {
  const found = configured(options);
  if (found !== null) return found;
  throw new UserError(
    'no cluster is configured: there is no kubeconfig with a current context. Set KUBECONFIG, or name one: --kubeconfig FILE, --context NAME',
    2,
  );
}

/** Of all contexts in the kubeconfig. */
export function contextNames({ kubeconfig }: Pick<ConnectionOptions, 'kubeconfig'>): string[] {
  return load(kubeconfig)
    .getContexts()
    .map(({ name }) => name);
}

function load(kubeconfig: string | undefined): KubeConfig {
  const config = new KubeConfig();
  try {
    if (kubeconfig === undefined) config.loadFromDefault();
    else config.loadFromFile(kubeconfig);
  } catch (error) {
    throw new UserError(
      `the kubeconfig cannot be read: ${error instanceof Error ? error.message : String(error)}`,
      2,
    );
  }
  return config;
}

/** null: there is no kubeconfig with a current context. Throws `UserError` for one that cannot be read, or has no such context. */
export function configured({ kubeconfig, context }: ConnectionOptions): Connection | null {
  const config = load(kubeconfig);
  const names = config.getContexts().map(({ name }) => name);
  if (context !== undefined) {
    if (!names.includes(context))
      throw new UserError(
        `there is no context "${context}" in the kubeconfig. There are: ${names.join(', ') || 'none'}`,
        2,
      );
    config.setCurrentContext(context);
  }
  const cluster = config.getCurrentCluster();
  // What the library makes up where there is no file.
  if (!cluster || (cluster.name === 'cluster' && cluster.server === 'http://localhost:8080')) return null;
  return {
    config,
    context: config.getCurrentContext(),
    namespace: config.getContextObject(config.getCurrentContext())?.namespace ?? 'default',
    server: cluster.server,
  };
}

/** Asks the cluster who it is; `v1.34.4`. Throws `UserError` when it does not answer. */
export async function serverVersion({ config, server }: Connection): Promise<string> {
  try {
    return (await config.makeApiClient(VersionApi).getCode()).gitVersion;
  } catch (error) {
    throw apiProblem(error, `the cluster at ${server} does not answer`);
  }
}
