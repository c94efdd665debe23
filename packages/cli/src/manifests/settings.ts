/** The settings of hub and workers, and the rule that says which pods are captured. */
import { CONFIG, HUB, HUB_PORT, namespaced, TARGETS } from './names.ts';
import type { Template } from './template.ts';
import { json, releaseNamespace, text, value } from './template.ts';

const hubSettings: Template = {
  retention: value('hub.retention'),
  namespaces: value('namespaces'),
  clusterRights: value('clusterRights'),
  allowedHosts: value('hub.allowedHosts'),
  oidc: value('hub.oidc'),
};

const workerSettings: Template = {
  hub: text`http://${HUB}.${releaseNamespace}:${String(HUB_PORT)}`,
  redact: value('worker.redact'),
  captureFilter: value('worker.captureFilter'),
  decodeAs: value('worker.decodeAs'),
};

/** A file of `kubeshark-config`, and what it holds. */
export const SETTINGS = {
  hub: { file: 'hub.json', holds: hubSettings },
  worker: { file: 'worker.json', holds: workerSettings },
} as const;

export const settings: readonly Template[] = [
  {
    apiVersion: 'v1',
    kind: 'ConfigMap',
    metadata: namespaced(CONFIG, 'hub'),
    data: Object.fromEntries(Object.values(SETTINGS).map(({ file, holds }) => [file, json(holds)])),
  },
  {
    apiVersion: 'v1',
    kind: 'ConfigMap',
    metadata: namespaced(TARGETS, 'hub'),
    data: { 'rule.json': json(value('targets')) },
  },
];
