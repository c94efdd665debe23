/** Who may what. docs/permissions.md gives the reason of each right. */
import type { Component } from './names.ts';
import { account, clusterWide, HUB, namespaced, TARGETS, VIEWER, WORKER } from './names.ts';
import type { Item, Node, Template } from './template.ts';
import { all, each, item, not, when } from './template.ts';

const RBAC = 'rbac.authorization.k8s.io';
const WATCH = ['get', 'list', 'watch'];

const rule = (apiGroup: string, resources: string[], verbs: string[]): Template => ({
  apiGroups: [apiGroup],
  resources,
  verbs,
});

/** Who an address is, and which workload it belongs to. */
const seeNamespace: Template[] = [
  rule('', ['pods', 'services'], WATCH),
  rule('discovery.k8s.io', ['endpointslices'], WATCH),
  rule('apps', ['replicasets'], WATCH),
  rule('batch', ['jobs'], WATCH),
];
const seeCluster: Template[] = [rule('', ['nodes', 'namespaces'], WATCH)];
/** Who a token belongs to, and which namespaces' logs that user may read. */
const askForUsers: Template[] = [
  rule('authentication.k8s.io', ['tokenreviews'], ['create']),
  rule('authorization.k8s.io', ['subjectaccessreviews'], ['create']),
];
/** The second of these within one namespace: its administrator can give it. */
const askThere = when(
  not('clusterRights'),
  rule('authorization.k8s.io', ['localsubjectaccessreviews'], ['create']),
);
const targetsOnly = (verbs: string[]): Template => ({
  ...rule('', ['configmaps'], verbs),
  resourceNames: [TARGETS],
});
const readLogs = rule('', ['pods/log'], ['get']);

const role = (kind: 'Role' | 'ClusterRole', metadata: Template, rules: Node[]): Template => ({
  apiVersion: `${RBAC}/v1`,
  kind,
  metadata,
  rules,
});

/** The ServiceAccount's, of the role with the binding's own name. */
const binding = (kind: 'Role' | 'ClusterRole', metadata: Template, serviceAccount: string): Template => ({
  apiVersion: `${RBAC}/v1`,
  kind: `${kind}Binding`,
  metadata,
  roleRef: { apiGroup: RBAC, kind, name: metadata['name']! },
  subjects: [account(serviceAccount)],
});

const serviceAccount = (name: string, component: Component): Template => ({
  apiVersion: 'v1',
  kind: 'ServiceAccount',
  metadata: namespaced(name, component),
  // Pods that need a token ask for one by a volume that says for whom it is.
  automountServiceAccountToken: false,
});

export const accounts: readonly Item[] = [
  serviceAccount(HUB, 'hub'),
  serviceAccount(WORKER, 'worker'),
  when('viewer.create', serviceAccount(VIEWER, 'viewer')),
];

const everywhere = not('namespaces');
const hub = namespaced(HUB, 'hub');
const viewer = namespaced(VIEWER, 'viewer');
const hubEverywhere = clusterWide(HUB, 'hub');
const viewerEverywhere = clusterWide(VIEWER, 'viewer');
const hubThere = { ...clusterWide(`${HUB}-watch`, 'hub'), namespace: item };
const viewerThere = { ...clusterWide(`${VIEWER}-logs`, 'viewer'), namespace: item };

export const rights: readonly Item[] = [
  when(
    'clusterRights',
    role('ClusterRole', hubEverywhere, [
      ...askForUsers,
      ...[...seeCluster, ...seeNamespace].map((right) => when(everywhere, right)),
    ]),
  ),
  when('clusterRights', binding('ClusterRole', hubEverywhere, HUB)),
  role('Role', hub, [
    targetsOnly(['get', 'list', 'watch', 'update']),
    // A worker's token speaks for the node of its pod.
    when('namespaces', rule('', ['pods'], WATCH)),
    askThere,
  ]),
  binding('Role', hub, HUB),
  each('namespaces', role('Role', hubThere, [...seeNamespace, askThere])),
  each('namespaces', binding('Role', hubThere, HUB)),
  ...[role('Role', viewer, [targetsOnly(['get', 'update'])]), binding('Role', viewer, VIEWER)].map((object) =>
    when('viewer.create', object),
  ),
  ...[
    when(everywhere, role('ClusterRole', viewerEverywhere, [readLogs])),
    when(everywhere, binding('ClusterRole', viewerEverywhere, VIEWER)),
    each('namespaces', role('Role', viewerThere, [readLogs])),
    each('namespaces', binding('Role', viewerThere, VIEWER)),
  ].map((object) => when(all('viewer.create', 'viewer.seesAll'), object)),
];
