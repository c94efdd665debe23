/** What the pods of hub and worker have in common. */
import { CONFIG, labels } from './names.ts';
import { SETTINGS } from './settings.ts';
import type { Node, Template } from './template.ts';
import { digest, text, value } from './template.ts';

const fieldOf = (name: string, fieldPath: string): Template => ({
  name,
  valueFrom: { fieldRef: { fieldPath } },
});

type Container = Template & { readonly env?: readonly Node[] };

/** `container`: of the one container, what is not the same everywhere. */
export function pod(part: 'hub' | 'worker', spec: { container: Container; [key: string]: Node }): Template {
  const { container, volumes, ...rest } = spec;
  const { env = [], ...more } = container;
  return {
    metadata: {
      labels: labels(part),
      annotations: { 'kubeshark.io/settings': digest(SETTINGS[part].holds) },
    },
    spec: {
      automountServiceAccountToken: false,
      enableServiceLinks: false,
      imagePullSecrets: value('image.pullSecrets'),
      nodeSelector: value(`${part}.nodeSelector`),
      tolerations: value(`${part}.tolerations`),
      affinity: value(`${part}.affinity`),
      priorityClassName: value(`${part}.priorityClassName`),
      ...rest,
      containers: [
        {
          name: part,
          image: text`${value('image.registry')}/${value(`image.${part}`)}:${value('image.tag')}`,
          imagePullPolicy: value('image.pullPolicy'),
          env: [
            fieldOf('POD_NAMESPACE', 'metadata.namespace'),
            fieldOf('POD_NAME', 'metadata.name'),
            fieldOf('NODE_NAME', 'spec.nodeName'),
            ...env,
          ],
          resources: value(`${part}.resources`),
          ...more,
        },
      ],
      volumes: volumes!,
    },
  };
}

export const SETTINGS_MOUNT: Template = { name: 'settings', mountPath: '/etc/kubeshark', readOnly: true };

/** Its own file of the settings, and not the other's. */
export const settingsVolume = (part: 'hub' | 'worker'): Template => ({
  name: 'settings',
  configMap: { name: CONFIG, items: [{ key: SETTINGS[part].file, path: SETTINGS[part].file }] },
});
