/** The worker: one pod on every node, which captures those of the node's pods that are targets. */
import { AUDIENCE, namespaced, selector, WORKER } from './names.ts';
import { pod, SETTINGS_MOUNT, settingsVolume } from './pod.ts';
import type { Item, Template } from './template.ts';

const TOKEN = '/var/run/secrets/kubeshark';

/** docs/permissions.md gives the reason of each. */
const CAPABILITIES = ['NET_RAW', 'NET_ADMIN', 'SYS_ADMIN', 'SYS_PTRACE'];

const daemonSet: Template = {
  apiVersion: 'apps/v1',
  kind: 'DaemonSet',
  metadata: namespaced(WORKER, 'worker'),
  spec: {
    selector: { matchLabels: selector('worker') },
    updateStrategy: { type: 'RollingUpdate', rollingUpdate: { maxUnavailable: '10%' } },
    template: pod('worker', {
      serviceAccountName: WORKER,
      // The network of each pod is found by its processes.
      hostPID: true,
      // What was captured is given to the hub.
      terminationGracePeriodSeconds: 15,
      securityContext: { runAsUser: 0, runAsGroup: 0, seccompProfile: { type: 'RuntimeDefault' } },
      container: {
        securityContext: {
          privileged: false,
          allowPrivilegeEscalation: false,
          readOnlyRootFilesystem: true,
          capabilities: { drop: ['ALL'], add: CAPABILITIES },
          // The profile of container runtimes hides /proc/PID/ns of other containers, whatever the capabilities.
          appArmorProfile: { type: 'Unconfined' },
          seLinuxOptions: { level: 's0', type: 'spc_t' },
        },
        volumeMounts: [SETTINGS_MOUNT, { name: 'token', mountPath: TOKEN, readOnly: true }],
      },
      volumes: [
        settingsVolume('worker'),
        {
          name: 'token',
          projected: {
            sources: [
              { serviceAccountToken: { path: 'token', audience: AUDIENCE, expirationSeconds: 3600 } },
            ],
          },
        },
      ],
    }),
  },
};

export const worker: readonly Item[] = [daemonSet];
