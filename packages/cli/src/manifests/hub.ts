/** The hub: one pod that keeps the traffic and serves the page. */
import { HUB, HUB_PORT, namespaced, selector } from './names.ts';
import { pod, SETTINGS_MOUNT, settingsVolume } from './pod.ts';
import type { Item, Template } from './template.ts';
import { all, not, value, when } from './template.ts';

/** As the image says; a number, so that Kubernetes knows that it is not root. */
const USER = 65_532;
const ACCOUNT = '/var/run/secrets/kubernetes.io/serviceaccount';

const probe = (path: string, more: Template): Template => ({
  httpGet: { path, port: 'http' },
  timeoutSeconds: 5,
  ...more,
});

/** What the ServiceAccount's own mount would hold, for one container and with a token that changes every hour. */
const apiServerToken: Template = {
  name: 'account',
  projected: {
    sources: [
      { serviceAccountToken: { path: 'token', expirationSeconds: 3607 } },
      { configMap: { name: 'kube-root-ca.crt', items: [{ key: 'ca.crt', path: 'ca.crt' }] } },
      { downwardAPI: { items: [{ path: 'namespace', fieldRef: { fieldPath: 'metadata.namespace' } }] } },
    ],
  },
};

/** Of a client that proves itself to the issuer. */
const withSecret = all('hub.oidc.issuer', 'hub.oidc.secretName');

/** Of an issuer whose certificate no public authority has signed. */
const withAuthority = all('hub.oidc.issuer', 'hub.oidc.caConfigMap');
const AUTHORITY_MOUNT = '/etc/kubeshark-oidc-ca';

const deployment: Template = {
  apiVersion: 'apps/v1',
  kind: 'Deployment',
  metadata: namespaced(HUB, 'hub'),
  spec: {
    replicas: 1,
    // Two hubs never have the volume at once.
    strategy: { type: 'Recreate' },
    selector: { matchLabels: selector('hub') },
    template: pod('hub', {
      serviceAccountName: HUB,
      // The last commit and checkpoint.
      terminationGracePeriodSeconds: 45,
      securityContext: {
        runAsNonRoot: true,
        runAsUser: USER,
        runAsGroup: USER,
        fsGroup: USER,
        fsGroupChangePolicy: 'OnRootMismatch',
        seccompProfile: { type: 'RuntimeDefault' },
      },
      container: {
        // The API server has an authority of its own, and the hub dials nothing else.
        env: [when(withAuthority, { name: 'NODE_EXTRA_CA_CERTS', value: `${AUTHORITY_MOUNT}/ca.crt` })],
        ports: [{ name: 'http', containerPort: HUB_PORT }],
        startupProbe: probe('/healthz', { periodSeconds: 1, failureThreshold: 300 }),
        livenessProbe: probe('/healthz', { periodSeconds: 10, failureThreshold: 6 }),
        readinessProbe: probe('/readyz', { periodSeconds: 2 }),
        securityContext: {
          allowPrivilegeEscalation: false,
          readOnlyRootFilesystem: true,
          capabilities: { drop: ['ALL'] },
        },
        volumeMounts: [
          SETTINGS_MOUNT,
          { name: 'data', mountPath: '/data' },
          { name: 'account', mountPath: ACCOUNT, readOnly: true },
          when(withSecret, { name: 'oidc', mountPath: '/etc/kubeshark-oidc', readOnly: true }),
          when(withAuthority, { name: 'oidc-ca', mountPath: AUTHORITY_MOUNT, readOnly: true }),
        ],
      },
      volumes: [
        settingsVolume('hub'),
        {
          name: 'data',
          persistentVolumeClaim: when('hub.storage.size', { claimName: HUB }),
          emptyDir: when(not('hub.storage.size'), {}),
        },
        apiServerToken,
        when(withSecret, {
          name: 'oidc',
          secret: {
            secretName: value('hub.oidc.secretName'),
            items: [{ key: 'client-secret', path: 'client-secret' }],
          },
        }),
        when(withAuthority, {
          name: 'oidc-ca',
          configMap: {
            name: value('hub.oidc.caConfigMap'),
            items: [{ key: 'ca.crt', path: 'ca.crt' }],
          },
        }),
      ],
    }),
  },
};

const service: Template = {
  apiVersion: 'v1',
  kind: 'Service',
  metadata: namespaced(HUB, 'hub'),
  spec: {
    selector: selector('hub'),
    ports: [{ name: 'http', port: HUB_PORT, targetPort: 'http' }],
  },
};

const claim: Template = {
  apiVersion: 'v1',
  kind: 'PersistentVolumeClaim',
  metadata: namespaced(HUB, 'hub'),
  spec: {
    accessModes: ['ReadWriteOnce'],
    storageClassName: when('hub.storage.class', value('hub.storage.class')),
    resources: { requests: { storage: value('hub.storage.size') } },
  },
};

export const hub: readonly Item[] = [when('hub.storage.size', claim), service, deployment];
