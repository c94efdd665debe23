/** What the tests of a cluster do: kubectl, the shop, and the command as a user runs it. */
import { execFileSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { inject } from 'vitest';
import { Deployed as DeployedIn, Proxied as ProxiedIn } from './opened.ts';
import { shopObjects } from './shop/objects.ts';
import type { ClusterUnderTest } from './under-test.ts';
import { Kubectl } from './under-test.ts';

const found = inject('cluster');
export const noCluster = found === null;

export function cluster(): ClusterUnderTest {
  if (found === null) throw new Error('there is no cluster: this test should have been skipped');
  return found;
}

export const kubectl = (...args: string[]): string => new Kubectl(cluster()).run(...args);
export const apply = (objects: readonly unknown[]): void => new Kubectl(cluster()).apply(objects);

export const CHART = fileURLToPath(new URL('../../deploy/helm/kubeshark', import.meta.url));

/** Helm on releases in a namespace; what it prints. */
export function helm(namespace: string, ...args: string[]): string {
  const { kubectl: program, kubeconfig } = cluster();
  const beside = join(dirname(program), 'helm');
  return execFileSync(
    existsSync(beside) ? beside : 'helm',
    [...args, '--kubeconfig', kubeconfig, '--namespace', namespace],
    { encoding: 'utf8', stdio: ['ignore', 'pipe', 'pipe'] },
  );
}

export class Shop {
  readonly shop: string;
  readonly data: string;

  constructor(name: string) {
    this.shop = `${name}-shop`;
    this.data = `${name}-data`;
  }

  /** Waits until every service answers and is called. */
  open(rate = 5): this {
    const { registry, tag } = cluster();
    apply(shopObjects({ image: `${registry}/shop:${tag}`, shop: this.shop, data: this.data, rate }));
    for (const namespace of [this.data, this.shop])
      kubectl('-n', namespace, 'rollout', 'status', 'deployment', '--timeout=120s');
    return this;
  }

  close(): void {
    kubectl('delete', 'namespace', this.shop, this.data, '--wait=false', '--ignore-not-found');
  }

  /** What the pods of a service wrote about each request that they answered, pod by pod. */
  logs(service: string): Answered[][] {
    const pods = kubectl('-n', this.shop, 'get', 'pods', '-l', `app=${service}`, '-o', 'name')
      .trim()
      .split('\n');
    return pods.map((pod) =>
      kubectl('-n', this.shop, 'logs', pod)
        .split('\n')
        .filter((line) => line.startsWith('{'))
        .map((line) => JSON.parse(line) as Answered),
    );
  }

  log(service: string): Answered[] {
    return this.logs(service).flat();
  }
}

export interface Answered {
  id: string;
  method: string;
  path: string;
  status: number;
}

export class Deployed extends DeployedIn {
  constructor(namespace: string, ...args: string[]) {
    super(cluster(), namespace, ...args);
  }
}

export class Proxied extends ProxiedIn {
  constructor(namespace: string, account: string) {
    super(cluster(), namespace, account);
  }
}

/** The ServiceAccount `developer` of the namespace may read its logs. */
export function mayReadLogs(namespace: string): void {
  const rbac = 'rbac.authorization.k8s.io';
  const metadata = { name: 'developer', namespace };
  apply([
    { apiVersion: 'v1', kind: 'ServiceAccount', metadata },
    {
      apiVersion: `${rbac}/v1`,
      kind: 'Role',
      metadata,
      rules: [{ apiGroups: [''], resources: ['pods/log'], verbs: ['get'] }],
    },
    {
      apiVersion: `${rbac}/v1`,
      kind: 'RoleBinding',
      metadata,
      roleRef: { apiGroup: rbac, kind: 'Role', name: 'developer' },
      subjects: [{ kind: 'ServiceAccount', name: 'developer', namespace }],
    },
  ]);
}

/** The cluster's kubeconfig, with a token in place of who is in it. */
export function asAccount(token: string): string {
  const config = JSON.parse(kubectl('config', 'view', '--raw', '-o', 'json')) as {
    users: { name: string }[];
  };
  return JSON.stringify({ ...config, users: [{ name: config.users[0]!.name, user: { token } }] });
}

/**
 * What an installation could leave behind: everything of the cluster as a whole, and of the namespaces given. Other users of
 * the cluster may come and go meanwhile, so cluster-wide rights count by the name of the installation.
 */
export function traces(release: string, ...namespaces: string[]): string[] {
  const inside =
    'serviceaccounts,configmaps,secrets,services,deployments,daemonsets,replicasets,persistentvolumeclaims';
  const rights = 'roles,rolebindings,networkpolicies';
  const lines = (...args: string[]) =>
    kubectl('get', ...args, '-o', 'name')
      .trim()
      .split('\n');
  return [
    ...lines('namespaces,clusterroles,clusterrolebindings').filter((name) => name.includes(release)),
    ...['default', 'kube-system', ...namespaces].flatMap((namespace) =>
      lines('-n', namespace, `${inside},${rights}`).map((name) => `${namespace} ${name}`),
    ),
  ].toSorted();
}
