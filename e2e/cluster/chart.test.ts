// What is installed, judged by a real API server: every field known, the hub within Pod Security's strictest level; and the chart, installed by Helm with as few rights as it can do with.
import { execFileSync } from 'node:child_process';
import { afterAll, beforeAll, describe, expect, inject, test } from 'vitest';
import type { KubernetesObject } from '../../packages/cli/src/manifests/index.ts';
import { defaultValues, mergeValues, objects } from '../../packages/cli/src/manifests/index.ts';
import { until } from '../support/command.ts';
import { apply, CHART, helm, kubectl, noCluster, traces } from './support.ts';

const RELEASE = 'h-kubeshark';
const WATCHED = 'h-watched';
const STRICT = 'h-strict';

const namespaceOf = (name: string, level: string) => ({
  apiVersion: 'v1',
  kind: 'Namespace',
  metadata: { name, labels: { 'pod-security.kubernetes.io/enforce': level } },
});

describe.skipIf(noCluster)('the objects of an installation', () => {
  const { registry = '', tag = '' } = inject('cluster') ?? {};

  beforeAll(() => {
    apply([
      namespaceOf(RELEASE, 'privileged'),
      namespaceOf(WATCHED, 'baseline'),
      namespaceOf(STRICT, 'restricted'),
    ]);
  });
  afterAll(() => {
    helm(RELEASE, 'uninstall', 'any-name', '--ignore-not-found');
    kubectl('delete', 'namespace', RELEASE, WATCHED, STRICT, '--ignore-not-found');
  });

  test.each([
    { what: 'as they are by default', sets: [] },
    {
      what: 'restricted, with a volume',
      sets: [`namespaces=[${WATCHED}]`, 'hub.storage={size: 1Gi, class: x}'],
    },
    {
      what: 'with everything set',
      sets: [
        'image.pullSecrets=[{name: login}]',
        'hub.tolerations=[{key: infra, operator: Exists}]',
        'hub.priorityClassName=system-cluster-critical',
        'worker.resources.limits.cpu=500m',
        'networkPolicy.apiServerPorts=[{port: 6443, protocol: TCP}]',
      ],
    },
  ])('the API server knows every field: $what', ({ sets }) => {
    const all = objects(mergeValues(defaultValues, sets), { namespace: RELEASE });
    const accepted = kubectlWith(
      all,
      'apply',
      '--server-side',
      '--dry-run=server',
      '--validate=strict',
      '-o',
      'name',
    );
    expect(accepted.trim().split('\n')).toHaveLength(all.length);
  });

  test('the hub runs where Pod Security allows nothing; the worker is refused there for what it says it needs', () => {
    const podOf = (kind: string): KubernetesObject => {
      const { spec } = objects(defaultValues, { namespace: STRICT }).find(
        (object) => object.kind === kind,
      ) as unknown as {
        spec: { template: { spec: object } };
      };
      const { serviceAccountName: _, ...rest } = spec.template.spec as { serviceAccountName: string };
      return {
        apiVersion: 'v1',
        kind: 'Pod',
        metadata: { name: 'tried', namespace: STRICT, labels: {} },
        spec: rest,
      };
    };
    const tried = (pod: KubernetesObject) => kubectlWith([pod], 'create', '--dry-run=server', '-o', 'name');
    expect(tried(podOf('Deployment'))).toContain('pod/tried');
    const refusal = messageOf(() => tried(podOf('DaemonSet')));
    expect(refusal).toContain('violates PodSecurity "restricted:latest"');
    const violations = Array.from(refusal.matchAll(/[:,] ([^:,()]+) \(/g), ([, violation]) => violation!);
    expect(violations.toSorted()).toEqual([
      'forbidden AppArmor profile',
      'host namespaces',
      'runAsNonRoot != true',
      'runAsUser=0',
      'seLinuxOptions',
      'unrestricted capabilities',
    ]);
  });

  test('Helm installs it for one namespace: the workers are let in, no right reaches further, nothing is left at the end', async () => {
    const before = traces(RELEASE, RELEASE, WATCHED);
    const images = [`image.registry=${registry}`, `image.tag=${tag}`];
    const sets = [...images, `namespaces={${WATCHED}}`].flatMap((set) => ['--set', set]);
    helm(RELEASE, 'install', 'any-name', CHART, ...sets, '--wait', '--timeout', '120s');
    const workers = () =>
      kubectl('-n', RELEASE, 'logs', '-l', 'app.kubernetes.io/component=worker', '--tail=-1')
        .split('\n')
        .filter((line) => line.includes('connected to the hub'));
    await until('both workers are connected', () => workers().length === 2, 60_000);

    const may = (verb: string, resource: string, ...where: string[]) =>
      answerOf(() =>
        kubectl(
          'auth',
          'can-i',
          verb,
          resource,
          '--as',
          `system:serviceaccount:${RELEASE}:kubeshark-hub`,
          ...where,
        ),
      );
    expect(may('list', 'pods', '-n', WATCHED)).toBe('yes');
    expect(may('list', 'pods', '-n', 'default')).toBe('no');
    expect(may('get', 'secrets', '-n', WATCHED)).toBe('no');

    helm(RELEASE, 'uninstall', 'any-name', '--wait');
    expect(traces(RELEASE, RELEASE, WATCHED)).toEqual(before);
  }, 240_000);
});

function kubectlWith(all: readonly KubernetesObject[], ...args: string[]): string {
  const { kubectl: program, kubeconfig } = inject('cluster')!;
  return execFileSync(program, ['--kubeconfig', kubeconfig, ...args, '-f', '-'], {
    encoding: 'utf8',
    input: JSON.stringify({ apiVersion: 'v1', kind: 'List', items: all }),
    stdio: 'pipe',
  });
}

/** `kubectl auth can-i` ends with 1 when it says no. */
function answerOf(ask: () => string): string {
  try {
    return ask().trim();
  } catch (error) {
    return (error as { stdout: string }).stdout.trim();
  }
}

function messageOf(run: () => unknown): string {
  try {
    run();
  } catch (error) {
    return (error as { stderr: string }).stderr;
  }
  throw new Error('it was not refused');
}
