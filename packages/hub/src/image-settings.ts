/** The settings file of the hub's image, as the chart writes it. */
import { readFileSync } from 'node:fs';
import { periodIn, sizeIn } from '@kubeshark/model';
import { settingsIn } from '@kubeshark/model/schemas';
import { z } from 'zod';
import type { ClusterSettings, OidcSettings } from './cluster/settings.ts';

const parsed = (parse: (text: string) => number | null, example: string) =>
  z.string().transform((text, context) => {
    const value = parse(text);
    if (value !== null) return value;
    context.addIssue({ code: 'custom', message: `"${text}" cannot be read; write for example ${example}` });
    return z.NEVER;
  });

const names = z.array(z.string().min(1).max(253)).max(1_000);

const CLIENT_SECRET_FILE = '/etc/kubeshark-oidc/client-secret';

/** As the values hub.oidc of the chart; an empty issuer is none. */
const Oidc = z
  .strictObject({
    issuer: z.string().default(''),
    clientId: z.string().default(''),
    secretName: z.string().default(''),
    /** Node reads it, at the start (NODE_EXTRA_CA_CERTS). */
    caConfigMap: z.string().default(''),
    url: z.string().default(''),
    usernameClaim: z.string().min(1).default('sub'),
    usernamePrefix: z.string().default(''),
    groupsClaim: z.string().default(''),
    groupsPrefix: z.string().default(''),
    scopes: names.default([]),
  })
  .superRefine(({ issuer, clientId, url }, context) => {
    if (issuer === '') return;
    const problem = (key: string, message: string) =>
      context.addIssue({ code: 'custom', path: [key], message });
    if (!isIssuer(issuer)) problem('issuer', 'is no https address of an issuer');
    if (clientId === '') problem('clientId', 'is missing: the issuer gives it to what is registered there');
    if (!isOrigin(url)) problem('url', 'is no address such as https://kubeshark.example.org, without a path');
  });

/** Without TLS on this machine only. */
function isIssuer(text: string): boolean {
  if (!URL.canParse(text)) return false;
  const { protocol, hostname } = new URL(text);
  return protocol === 'https:' || (protocol === 'http:' && hostname === 'localhost');
}

function isOrigin(text: string): boolean {
  return URL.canParse(text) && /^https?:/.test(text) && new URL(text).href === `${text.replace(/\/$/, '')}/`;
}

/** Strict: a misspelt setting would silently be its default. */
export const ImageSettings = z.strictObject({
  port: z.number().int().min(0).max(65_535).default(8899),
  dataFolder: z.string().min(1).default('/data'),
  retention: z
    .strictObject({
      size: parsed(sizeIn, '10GB').default(10e9),
      age: parsed(periodIn, '7d').default(7 * 86_400_000),
    })
    .prefault({}),
  /** Names under which the hub is reached, beside its addresses: those of an Ingress. */
  allowedHosts: names.default([]),
  logLevel: z.enum(['debug', 'info', 'warn', 'error', 'silent']).default('info'),
  /** Namespaces that the hub may look at; none named: all. */
  namespaces: names.default([]),
  /** Whose tokens are whose may be asked of the API server (TokenReview); else they are judged by its keys. */
  clusterRights: z.boolean().default(true),
  /** By which workers, and whoever else is in the cluster, reach the hub. */
  service: z.string().default('kubeshark-hub'),
  targetsConfigMap: z.string().default('kubeshark-targets'),
  audience: z.string().default('kubeshark-hub'),
  workerAccount: z.string().default('kubeshark-worker'),
  oidc: Oidc.prefault({}),
});

export type HubImageSettings = Omit<
  z.infer<typeof ImageSettings>,
  'service' | 'namespaces' | 'clusterRights' | 'targetsConfigMap' | 'audience' | 'workerAccount' | 'oidc'
> & { cluster: Omit<ClusterSettings, 'kubeConfig'> };

/** Throws words for whoever wrote the file. `env`: POD_NAMESPACE is the pod's own. */
export function readImageSettings(file: string, env: NodeJS.ProcessEnv): HubImageSettings {
  const namespace = env['POD_NAMESPACE'];
  if (!namespace)
    throw new Error('POD_NAMESPACE is not set: the pod passes it on from its field metadata.namespace');
  const { service, namespaces, clusterRights, targetsConfigMap, audience, workerAccount, oidc, ...rest } =
    settingsIn(ImageSettings, file, (path) => readFileSync(path, 'utf8'));
  if (!clusterRights && namespaces.length === 0)
    throw new Error(`${file}: without clusterRights it takes namespaces that the hub may look at`);
  const inCluster = ['', `.${namespace}`, `.${namespace}.svc`, `.${namespace}.svc.cluster.local`];
  return {
    ...rest,
    allowedHosts: [
      ...rest.allowedHosts,
      ...(oidc.issuer === '' ? [] : [new URL(oidc.url).hostname]),
      ...inCluster.map((behind) => `${service}${behind}`),
    ],
    cluster: {
      namespace,
      namespaces: namespaces.length === 0 ? null : namespaces,
      clusterRights,
      targetsConfigMap,
      audience,
      workerAccount,
      oidc: oidc.issuer === '' ? null : oidcSettings(oidc),
    },
  };
}

function oidcSettings({ secretName, caConfigMap: _forNode, ...rest }: z.infer<typeof Oidc>): OidcSettings {
  return { ...rest, clientSecretFile: secretName === '' ? null : CLIENT_SECRET_FILE };
}
