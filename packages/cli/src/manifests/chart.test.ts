/** The checked-in chart, Helm's opinion of it, and that Helm makes of it what `deploy` applies. */
import { execFileSync, spawnSync } from 'node:child_process';
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { homedir, tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { parseAllDocuments } from 'yaml';
import { chart } from './chart.ts';
import type { KubernetesObject } from './index.ts';
import { defaultValues, mergeValues, objects } from './index.ts';

const CHART = fileURLToPath(new URL('../../../../deploy/helm/kubeshark', import.meta.url));

test('the checked-in chart is what the source gives; `npm run chart` writes it', () => {
  const files = readdirSync(CHART, { recursive: true, withFileTypes: true }).filter((entry) =>
    entry.isFile(),
  );
  const checkedIn = files.map(({ parentPath, name }) => {
    const path = join(parentPath, name);
    return [path.slice(CHART.length + 1), readFileSync(path, 'utf8')] as const;
  });
  expect(Object.fromEntries(checkedIn)).toEqual(Object.fromEntries(chart()));
});

const HELM = [process.env['HELM'], 'helm', join(homedir(), '.cache/test-cluster/bin/helm')]
  .filter((path) => path !== undefined)
  .find((path) => spawnSync(path, ['version']).status === 0);

const AFFINITY = '{podAffinity: {preferredDuringSchedulingIgnoredDuringExecution: []}}';

/** What is set, and into which namespace. */
const CASES: readonly { what: string; sets: string[]; namespace?: string }[] = [
  { what: 'the defaults', sets: [] },
  { what: 'another namespace', sets: [], namespace: 'watching' },
  {
    what: 'another registry',
    sets: ['image.registry=registry.example.org:5000/a', 'image.tag=1.10', 'image.pullPolicy=Always'],
  },
  { what: 'pull secrets', sets: ['image.pullSecrets=[{name: one}, {name: two}]'] },
  {
    what: 'targets with characters that JSON, YAML and HTML take for their own',
    sets: [
      'targets.pods=^(a|b)&<c>"\\d{2}\'$',
      'targets.selector=app in (a, b)',
      'targets.namespaces=[shop]',
    ],
  },
  {
    what: 'without cluster rights',
    sets: ['namespaces=[shop, payments]', 'clusterRights=false'],
    namespace: 'watching',
  },
  {
    what: 'restricted to namespaces',
    sets: ['namespaces=[shop, payments, "007"]'],
    namespace: 'watching',
  },
  { what: 'restricted, no viewer', sets: ['namespaces=[shop]', 'viewer.create=false'] },
  { what: 'a viewer with no rights of its own', sets: ['viewer.seesAll=false'] },
  { what: 'a volume', sets: ['hub.storage.size=20Gi', 'hub.retention.size=16GB', 'hub.retention.age=30d'] },
  { what: 'a volume of a class', sets: ['hub.storage.size=20Gi', 'hub.storage.class=fast'] },
  {
    what: 'an issuer',
    sets: [
      'hub.oidc={issuer: "https://id.example.org", clientId: kubeshark, url: "https://kubeshark.example.org"}',
      'hub.oidc.scopes=[groups]',
    ],
  },
  {
    what: 'an issuer to which the hub proves itself',
    sets: [
      'hub.oidc={issuer: "https://id.example.org", clientId: a, url: "https://b.example.org/", secretName: oidc}',
    ],
  },
  {
    what: 'an issuer with an authority of its own',
    sets: [
      'hub.oidc={issuer: "https://id.example.org", clientId: a, url: "https://b.example.org", caConfigMap: company-ca}',
    ],
  },
  { what: 'a secret without an issuer', sets: ['hub.oidc.secretName=oidc'] },
  {
    what: 'placing',
    sets: [
      'hub.nodeSelector.disk=ssd',
      'hub.tolerations=[{key: infra, operator: Exists}]',
      `hub.affinity=${AFFINITY}`,
      'hub.priorityClassName=high',
      'worker.tolerations=[]',
      'worker.nodeSelector={pool: web}',
    ],
  },
  {
    what: 'resources',
    sets: ['hub.resources.limits={cpu: 2, memory: 8Gi}', 'worker.resources.requests.memory=1073741824'],
  },
  {
    what: 'redaction',
    sets: ['worker.redact.headers=[x-secret]', 'worker.redact.jsonFields=[password, pin]'],
  },
  {
    what: 'no network policies',
    sets: ['networkPolicy.enabled=false'],
  },
  {
    what: 'another port of the API server',
    sets: ['networkPolicy.apiServerPorts=[{port: 1, protocol: TCP}]'],
  },
];

describe.skipIf(HELM === undefined)('with Helm (in PATH, or named by HELM)', () => {
  let folder: string;
  beforeAll(() => {
    folder = mkdtempSync(join(tmpdir(), 'kubeshark-chart-'));
  });
  afterAll(() => rmSync(folder, { recursive: true }));

  const helm = (...args: string[]): string =>
    execFileSync(HELM!, args, { encoding: 'utf8', stdio: ['ignore', 'pipe', 'pipe'] });

  function rendered(values: unknown, namespace: string): KubernetesObject[] {
    const file = join(folder, 'values.json');
    writeFileSync(file, JSON.stringify(values));
    const place = ['--kube-version', '1.34', '--namespace', namespace];
    const text = helm('template', 'a-name', CHART, '--values', file, ...place);
    return parseAllDocuments(text).map((document) => document.toJS() as KubernetesObject);
  }

  test('lint finds nothing', () => {
    expect(helm('lint', '--strict', CHART)).toContain('1 chart(s) linted, 0 chart(s) failed');
  });

  test.each(CASES)('the chart gives the objects of `deploy`: $what', ({ sets, namespace = 'kubeshark' }) => {
    const values = mergeValues(defaultValues, sets);
    expect(byName(rendered(values, namespace))).toEqual(
      byName(objects(values, { namespace, manager: 'Helm' })),
    );
  });

  test('values that the command refuses, Helm refuses too', () => {
    for (const values of [
      { hub: { storage: { sise: '1Gi' } } },
      { hub: { storage: { size: '5X', class: '' } } },
      { hub: { retention: { size: 'much' } } },
      { namespaces: ['Not a name'] },
      { image: { pullPolicy: 'Sometimes' } },
      { hub: { oidc: { issuer: 'https://id.example.org' } } },
      { hub: { oidc: { issuer: 'http://id.example.org', clientId: 'a', url: 'https://b.example.org' } } },
      { hub: { oidc: { issuer: 'https://id.example.org', clientId: 'a', url: 'https://b.example.org/c' } } },
    ])
      expect(() => rendered(values, 'kubeshark')).toThrow(/don't meet the specifications of the schema/);
  });

  test('within another chart it takes the global values', () => {
    expect(rendered({ global: { region: 'eu' } }, 'kubeshark').length).toBeGreaterThan(10);
  });
});

function byName(all: readonly KubernetesObject[]): Record<string, KubernetesObject> {
  const named = Object.fromEntries(
    all.map((object) => [
      `${object.kind} ${object.metadata.namespace ?? ''}/${object.metadata.name}`,
      object,
    ]),
  );
  expect(Object.keys(named)).toHaveLength(all.length);
  return named;
}
