/** What of an installation can be chosen: the values of `kubeshark deploy --set` and of the Helm chart. */
import { TargetRule } from '@kubeshark/model/schemas';
import { z } from 'zod';
import { IMAGE_REGISTRY, VERSION } from '../version.ts';

const said = (description: string) => ({ description });
const record = z.record(z.string(), z.unknown());
const labels = z.record(z.string(), z.string());
const quantities = z.record(z.string(), z.union([z.string(), z.number()]));
const resources = z.strictObject({ requests: quantities, limits: quantities });
const names = z.array(z.string().max(253)).max(1_000);

/** No issuer, or one with what it cannot do without: in the JSON schema too, for Helm. */
const NONE_OR_WHOLE = {
  anyOf: [
    { properties: { issuer: { maxLength: 0 } } },
    {
      properties: {
        issuer: { pattern: '^https://' },
        clientId: { minLength: 1 },
        url: { pattern: '^https?://[^/]+/?$' },
      },
    },
  ],
};

const oidc = z
  .strictObject({
    issuer: z.string().meta(said('`https://id.example.org/realms/a`, as its tokens say it. Empty: off')),
    clientId: z.string().meta(said('What the issuer calls this installation')),
    secretName: z
      .string()
      .meta(said('Secret of the namespace with the key `client-secret`. Empty: a public client')),
    caConfigMap: z
      .string()
      .meta(
        said(
          'ConfigMap of the namespace with the key `ca.crt`: who signed the issuer’s certificate, where no public authority did',
        ),
      ),
    url: z
      .string()
      .meta(
        said(
          'Where browsers reach the hub: `https://kubeshark.example.org`. The issuer knows this address with `/api/v1/sign-in/callback`',
        ),
      ),
    usernameClaim: z.string().min(1).meta(said('This and the next three: as `--oidc-…` of the API server')),
    usernamePrefix: z.string().meta(said('Empty: `ISSUER#`, and none for `email`. `-`: none')),
    groupsClaim: z.string(),
    groupsPrefix: z.string(),
    scopes: names.meta(said('Asked for beside `openid`: `[email, groups]`')),
  })
  .superRefine(({ issuer, clientId, url }, context) => {
    const problem = (key: string, message: string) =>
      context.addIssue({ code: 'custom', path: [key], message });
    if (issuer === '') return;
    if (!issuer.startsWith('https://')) problem('issuer', 'is no https address');
    if (clientId === '') problem('clientId', 'is missing: the issuer gives it to what is registered there');
    if (!/^https?:\/\/[^/]+\/?$/.test(url))
      problem('url', 'is no address such as https://kubeshark.example.org, without a path');
  })
  .meta({ ...said('Users sign in at an OpenID provider; docs/permissions.md'), ...NONE_OR_WHOLE });

const placing = {
  nodeSelector: labels,
  tolerations: z.array(record),
  affinity: record,
  priorityClassName: z.string().meta(said('Empty: the cluster’s default')),
};

export const Values = z.strictObject({
  image: z.strictObject({
    registry: z
      .string()
      .min(1)
      .meta(said('Host and path that the nodes pull from; `localhost`: images that were loaded into them')),
    hub: z.string().min(1),
    worker: z.string().min(1),
    tag: z.string().min(1),
    pullPolicy: z.enum(['IfNotPresent', 'Always', 'Never']),
    pullSecrets: z
      .array(z.strictObject({ name: z.string() }))
      .meta(said('Secrets of the namespace: `- name: registry-login`')),
  }),
  targets: z
    .strictObject(TargetRule.shape)
    .meta(
      said('Which pods are captured. The page and the command change it later, `helm upgrade` sets it back'),
    ),
  namespaces: z
    .array(
      z
        .string()
        .regex(/^[a-z0-9]([-a-z0-9]*[a-z0-9])?$/, 'is no name of a namespace')
        .max(63),
    )
    .max(1_000)
    .meta(
      said('Restricted mode: the hub may look at these alone, by a Role in each in place of a ClusterRole'),
    ),
  clusterRights: z
    .boolean()
    .meta(
      said(
        '`false`: without any right of the whole cluster, for whoever may not give one; takes `namespaces`',
      ),
    ),
  hub: z.strictObject({
    resources,
    storage: z
      .strictObject({
        size: z
          .string()
          .regex(/^([1-9]\d*(\.\d+)?([KMGTPE]i|[kMGTPE])?)?$/, 'is no size such as 20Gi')
          .meta(said('`20Gi`. Empty: no volume, history ends with the pod')),
        class: z.string().meta(said('StorageClass. Empty: the cluster’s default')),
      })
      .meta(said('The volume that keeps history')),
    retention: z
      .strictObject({
        size: z
          .string()
          .regex(/^\d+(\.\d+)?(kB|MB|GB|TB)$/, 'is no size such as 2GB')
          .meta(said('The oldest entries go when there is more. Leave a fifth of the volume free')),
        age: z
          .string()
          .regex(/^\d+(\.\d+)?[smhd]$/, 'is no period such as 7d')
          .meta(said('… or when they are older')),
      })
      .meta(said('How much history')),
    allowedHosts: z
      .array(z.string().min(1).max(253))
      .meta(
        said('Names under which browsers reach the hub, beside localhost and addresses: those of an Ingress'),
      ),
    oidc,
    ...placing,
  }),
  worker: z.strictObject({
    resources,
    redact: z
      .strictObject({ headers: names, queryParameters: names, jsonFields: names })
      .meta(said('Overwritten on the node, before anything leaves it')),
    captureFilter: z
      .string()
      .meta(said('What the kernel captures of each pod: `tcp port 80`. Empty: everything')),
    decodeAs: z
      .array(z.string().max(100))
      .meta(said('Ports whose protocol is not recognised: `tcp:9999=http`')),
    ...placing,
  }),
  viewer: z.strictObject({
    create: z.boolean().meta(said('ServiceAccount kubeshark-viewer, as which the command opens the page')),
    seesAll: z
      .boolean()
      .meta(said('It may read the logs of every pod that the hub looks at, and so see their traffic')),
  }),
  networkPolicy: z.strictObject({
    enabled: z.boolean(),
    apiServerPorts: z
      .array(z.strictObject({ port: z.number().int().min(1).max(65_535), protocol: z.literal('TCP') }))
      .meta(said('Ports of the API server itself, behind its Service')),
  }),
});
export type Values = z.infer<typeof Values>;

const LINUX = { 'kubernetes.io/os': 'linux' };

export const defaultValues: Values = {
  image: {
    registry: IMAGE_REGISTRY,
    hub: 'kubeshark-hub',
    worker: 'kubeshark-worker',
    tag: VERSION,
    pullPolicy: 'IfNotPresent',
    pullSecrets: [],
  },
  targets: { namespaces: [], excludeNamespaces: [], pods: '', selector: '' },
  namespaces: [],
  clusterRights: true,
  hub: {
    resources: { requests: { cpu: '100m', memory: '512Mi' }, limits: { memory: '2Gi' } },
    storage: { size: '', class: '' },
    retention: { size: '2GB', age: '7d' },
    allowedHosts: [],
    oidc: {
      issuer: '',
      clientId: '',
      secretName: '',
      caConfigMap: '',
      url: '',
      usernameClaim: 'sub',
      usernamePrefix: '',
      groupsClaim: '',
      groupsPrefix: '',
      scopes: [],
    },
    nodeSelector: LINUX,
    tolerations: [],
    affinity: {},
    priorityClassName: '',
  },
  worker: {
    // The limit on CPU keeps what the node's own work has: when it bites, packets are dropped and counted. On a full node
    // the requests are the shares: a worker that waits loses packets, while a hub that waits is late.
    resources: { requests: { cpu: '100m', memory: '192Mi' }, limits: { cpu: '1', memory: '1Gi' } },
    redact: {
      headers: ['authorization', 'cookie', 'set-cookie', 'proxy-authorization', 'x-api-key'],
      queryParameters: [],
      jsonFields: [],
    },
    captureFilter: '',
    decodeAs: [],
    nodeSelector: LINUX,
    tolerations: [{ operator: 'Exists' }],
    // Nodes that are none tolerate everything and run nothing.
    affinity: {
      nodeAffinity: {
        requiredDuringSchedulingIgnoredDuringExecution: {
          nodeSelectorTerms: [
            {
              matchExpressions: [
                { key: 'type', operator: 'NotIn', values: ['virtual-kubelet'] },
                { key: 'eks.amazonaws.com/compute-type', operator: 'NotIn', values: ['fargate'] },
              ],
            },
          ],
        },
      },
    },
    priorityClassName: '',
  },
  viewer: { create: true, seesAll: true },
  networkPolicy: {
    enabled: true,
    apiServerPorts: [443, 6443, 8443, 16443].map((port) => ({ port, protocol: 'TCP' })),
  },
};
