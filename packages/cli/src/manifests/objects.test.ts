import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { expect, test } from 'vitest';
import { ImageSettings as HubSettings, readImageSettings } from '../../../hub/src/image-settings.ts';
import { ImageSettings as WorkerSettings } from '../../../worker/src/image-settings.ts';
import type { KubernetesObject } from './index.ts';
import { defaultValues, mergeValues, objects } from './index.ts';

const named = (all: readonly KubernetesObject[], kind: string, name: string): KubernetesObject =>
  all.find((object) => object.kind === kind && object.metadata.name === name)!;

const dataOf = (object: KubernetesObject, file: string): unknown =>
  JSON.parse((object['data'] as Record<string, string>)[file]!);

test('the hub understands the settings that are written for it', () => {
  const values = mergeValues(defaultValues, ['hub.retention={size: 1.5TB, age: 36h}', 'namespaces=[shop]']);
  const settings = dataOf(named(objects(values), 'ConfigMap', 'kubeshark-config'), 'hub.json');
  expect(HubSettings.parse(settings)).toMatchObject({
    retention: { size: 1.5e12, age: 36 * 3_600_000 },
    namespaces: ['shop'],
    port: 8899,
    dataFolder: '/data',
  });
});

test('the hub understands who its issuer is, and finds secret and authority where they are mounted', () => {
  const all = objects(
    mergeValues(defaultValues, [
      'hub.oidc={issuer: "https://id.example.org", clientId: a, url: "https://b.example.org", secretName: mine, caConfigMap: ours}',
    ]),
  );
  const file = join(mkdtempSync(join(tmpdir(), 'kubeshark-objects-')), 'hub.json');
  writeFileSync(file, JSON.stringify(dataOf(named(all, 'ConfigMap', 'kubeshark-config'), 'hub.json')));
  const { oidc } = readImageSettings(file, { POD_NAMESPACE: 'kubeshark' }).cluster;
  rmSync(dirname(file), { recursive: true });
  expect(oidc).toMatchObject({ issuer: 'https://id.example.org', clientId: 'a', usernameClaim: 'sub' });
  const { spec } = named(all, 'Deployment', 'kubeshark-hub') as unknown as {
    spec: {
      template: {
        spec: {
          containers: [
            {
              env: { name: string; value?: string }[];
              volumeMounts: { name: string; mountPath: string }[];
            },
          ];
          volumes: {
            name: string;
            secret?: { secretName: string; items: { path: string }[] };
            configMap?: { name: string; items: { path: string }[] };
          }[];
        };
      };
    };
  };
  const { containers, volumes } = spec.template.spec;
  const [{ env, volumeMounts }] = containers;
  const volume = (wanted: string) => volumes.find(({ name }) => name === wanted)!;
  const mounted = (wanted: string) => volumeMounts.find(({ name }) => name === wanted)!.mountPath;
  const { secret } = volume('oidc');
  expect(secret!.secretName).toBe('mine');
  expect(join(mounted('oidc'), secret!.items[0]!.path)).toBe(oidc!.clientSecretFile);
  const { configMap } = volume('oidc-ca');
  expect(configMap!.name).toBe('ours');
  expect(join(mounted('oidc-ca'), configMap!.items[0]!.path)).toBe(
    env.find(({ name }) => name === 'NODE_EXTRA_CA_CERTS')!.value,
  );
});

test('the worker understands the settings that are written for it', () => {
  const values = mergeValues(defaultValues, [
    'worker.redact.jsonFields=[password]',
    'worker.captureFilter=tcp port 80',
    'worker.decodeAs=["tcp:9999=http"]',
  ]);
  const config = named(objects(values, { namespace: 'watching' }), 'ConfigMap', 'kubeshark-config');
  expect(WorkerSettings.parse(dataOf(config, 'worker.json'))).toMatchObject({
    hub: 'http://kubeshark-hub.watching:8899',
    redact: {
      headers: ['authorization', 'cookie', 'set-cookie', 'proxy-authorization', 'x-api-key'],
      jsonFields: ['password'],
    },
    captureFilter: 'tcp port 80',
    decodeAs: ['tcp:9999=http'],
  });
});

interface Rule {
  apiGroups: string[];
  resources: string[];
  verbs: string[];
  resourceNames?: string[];
}

const MODES = [
  { mode: 'everywhere', sets: [] },
  { mode: 'restricted', sets: ['namespaces=[shop, payments]'] },
  { mode: 'without cluster rights', sets: ['namespaces=[shop, payments]', 'clusterRights=false'] },
];

test.each(MODES)('no right to a secret, and none by a wildcard: $mode', ({ sets }) => {
  const roles = objects(mergeValues(defaultValues, sets)).filter(({ kind }) => /^(Cluster)?Role$/.test(kind));
  const rules = roles.flatMap((role) => role['rules'] as Rule[]);
  expect(rules.length).toBeGreaterThan(5);
  for (const { apiGroups, resources, verbs, resourceNames } of rules) {
    expect([...apiGroups, ...resources, ...verbs]).not.toContain('*');
    expect(resources).not.toContain('secrets');
    if (verbs.some((verb) => ['update', 'patch', 'delete'].includes(verb)))
      expect({ resources, resourceNames }).toEqual({
        resources: ['configmaps'],
        resourceNames: ['kubeshark-targets'],
      });
  }
});

test('restricted, nothing may be seen cluster-wide; the same is seen in each namespace', () => {
  const unrestricted = objects(defaultValues);
  const restricted = objects(mergeValues(defaultValues, ['namespaces=[shop, payments]']));
  const wide = restricted.filter(({ kind }) => kind === 'ClusterRole');
  expect(wide.flatMap((role) => (role['rules'] as Rule[]).flatMap(({ verbs }) => verbs))).toEqual([
    'create',
    'create',
  ]);
  const everywhere = named(unrestricted, 'ClusterRole', 'kubeshark-hub')['rules'] as Rule[];
  for (const namespace of ['shop', 'payments']) {
    const role = restricted.find(
      ({ kind, metadata }) =>
        kind === 'Role' && metadata.namespace === namespace && /hub/.test(metadata.name),
    )!;
    expect(everywhere).toEqual(expect.arrayContaining(role['rules'] as Rule[]));
  }
});

test('without cluster rights all is in namespaces, and rights are asked about in each', () => {
  const all = objects(mergeValues(defaultValues, ['namespaces=[shop, payments]', 'clusterRights=false']));
  expect(all.filter(({ metadata }) => metadata.namespace === undefined)).toEqual([]);
  for (const namespace of ['kubeshark', 'shop', 'payments']) {
    const roles = all.filter(
      ({ kind, metadata }) =>
        kind === 'Role' && metadata.namespace === namespace && /hub/.test(metadata.name),
    );
    expect(roles.flatMap((role) => role['rules'] as Rule[])).toContainEqual({
      apiGroups: ['authorization.k8s.io'],
      resources: ['localsubjectaccessreviews'],
      verbs: ['create'],
    });
  }
});

test('two installations in one cluster have no object in common', () => {
  const values = mergeValues(defaultValues, ['namespaces=[shop]', 'hub.storage.size=1Gi']);
  const keys = (namespace: string) =>
    objects(values, { namespace }).map(({ kind, metadata }) =>
      [kind, metadata.namespace, metadata.name].join('/'),
    );
  const first = new Set(keys('kubeshark'));
  expect(keys('second').filter((key) => first.has(key))).toEqual([]);
});

test('what selects pods says nothing that an upgrade changes', () => {
  const all = objects(defaultValues);
  for (const [kind, name] of [
    ['Deployment', 'kubeshark-hub'],
    ['DaemonSet', 'kubeshark-worker'],
  ] as const) {
    const { selector } = named(all, kind, name)['spec'] as { selector: { matchLabels: object } };
    expect(Object.keys(selector.matchLabels)).toEqual([
      'app.kubernetes.io/name',
      'app.kubernetes.io/instance',
      'app.kubernetes.io/component',
    ]);
  }
});

test('settings that change start the pods anew, and only those that they are for', () => {
  const annotations = (sets: string[]) =>
    ['Deployment', 'DaemonSet'].map((kind) => {
      const { spec } = objects(mergeValues(defaultValues, sets)).find(
        (object) => object.kind === kind,
      ) as unknown as {
        spec: { template: { metadata: { annotations: Record<string, string> } } };
      };
      return spec.template.metadata.annotations['kubeshark.io/settings'];
    });
  const [hub, worker] = annotations([]);
  expect(annotations(['hub.retention.age=1d'])).toEqual([expect.not.stringMatching(hub!), worker]);
  expect(annotations(['worker.redact.headers=[]'])).toEqual([hub, expect.not.stringMatching(worker!)]);
  expect(annotations(['targets.namespaces=[shop]'])).toEqual([hub, worker]);
});

test('docs/permissions.md names every right and every capability', () => {
  const page = readFileSync(new URL('../../../../docs/permissions.md', import.meta.url), 'utf8');
  const all = objects(defaultValues);
  const resources = all.flatMap((object) =>
    ((object['rules'] ?? []) as Rule[]).flatMap((rule) => rule.resources),
  );
  const { spec } = named(all, 'DaemonSet', 'kubeshark-worker') as unknown as {
    spec: { template: { spec: { containers: [{ securityContext: { capabilities: { add: string[] } } }] } } };
  };
  const { add } = spec.template.spec.containers[0].securityContext.capabilities;
  expect(resources.length).toBeGreaterThan(8);
  for (const name of [...resources, ...add])
    expect(page).toMatch(new RegExp(`\\b${name.replace(/s$/, '')}s?\\b`, 'i'));
});
