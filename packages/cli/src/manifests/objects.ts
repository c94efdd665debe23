/** All objects of an installation, in the order in which they are applied. */
import { evaluate } from './evaluate.ts';
import { hub } from './hub.ts';
import { DEFAULT_NAMESPACE } from './names.ts';
import { network } from './network.ts';
import { accounts, rights } from './rights.ts';
import { settings } from './settings.ts';
import type { Item } from './template.ts';
import type { Values } from './values.ts';
import { worker } from './worker.ts';

export interface KubernetesObject {
  apiVersion: string;
  kind: string;
  metadata: {
    name: string;
    namespace?: string;
    labels: Record<string, string>;
    annotations?: Record<string, string>;
  };
  [key: string]: unknown;
}

/** By the name of the chart's file. */
export const FILES: Readonly<Record<string, readonly Item[]>> = {
  accounts,
  settings,
  rights,
  network,
  hub,
  worker,
};

/** `manager`: what the label `app.kubernetes.io/managed-by` says. */
export function objects(
  values: Values,
  { namespace = DEFAULT_NAMESPACE, manager = 'kubeshark' } = {},
): KubernetesObject[] {
  return evaluate(Object.values(FILES).flat(), values, { namespace, manager }) as KubernetesObject[];
}

/** For an installation into a namespace that is not there yet: workers need more than Pod Security allows by default. */
export function namespaceObject(name: string, manager = 'kubeshark'): KubernetesObject {
  return {
    apiVersion: 'v1',
    kind: 'Namespace',
    metadata: {
      name,
      labels: {
        'app.kubernetes.io/name': 'kubeshark',
        'app.kubernetes.io/instance': name,
        'app.kubernetes.io/managed-by': manager,
        'pod-security.kubernetes.io/enforce': 'privileged',
        'pod-security.kubernetes.io/audit': 'privileged',
        'pod-security.kubernetes.io/warn': 'privileged',
      },
    },
  };
}
