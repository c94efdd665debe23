/** Names and labels of all objects. */
import { VERSION } from '../version.ts';
import type { Hole, Node, Template } from './template.ts';
import { choice, equal, releaseManager, releaseNamespace, text } from './template.ts';

export const DEFAULT_NAMESPACE = 'kubeshark';
export const HUB = 'kubeshark-hub';
export const WORKER = 'kubeshark-worker';
export const VIEWER = 'kubeshark-viewer';
export const CONFIG = 'kubeshark-config';
export const TARGETS = 'kubeshark-targets';
export const HUB_PORT = 8899;
/** Of tokens that are for the hub and no use elsewhere. */
export const AUDIENCE = 'kubeshark-hub';

/** An object without a namespace of its own: two installations in one cluster must not share it. */
export const clusterName = (name: string): Hole =>
  choice(equal(releaseNamespace, DEFAULT_NAMESPACE), name, text`${name}-${releaseNamespace}`);

export type Component = 'hub' | 'worker' | 'viewer';

/** What selectors go by: never changes. */
export const selector = (component: Component): Template => ({
  'app.kubernetes.io/name': 'kubeshark',
  'app.kubernetes.io/instance': releaseNamespace,
  'app.kubernetes.io/component': component,
});

export const labels = (component: Component): Template => ({
  ...selector(component),
  'app.kubernetes.io/version': VERSION,
  'app.kubernetes.io/managed-by': releaseManager,
});

export const namespaced = (name: string, component: Component): Template => ({
  name,
  namespace: releaseNamespace,
  labels: labels(component),
});

export const clusterWide = (name: string, component: Component): Template => ({
  name: clusterName(name),
  labels: labels(component),
});

export const account = (name: string): Node => ({
  kind: 'ServiceAccount',
  name,
  namespace: releaseNamespace,
});
