// Who runs `deploy` over an installation relies on it: Ctrl-C of the run before leaves it. One of Helm's is not touched.
import { afterAll, describe, expect, test } from 'vitest';
import { kubeshark } from '../support/command.ts';
import { CHART, cluster, Deployed, helm, kubectl, noCluster } from './support.ts';

const RELEASE = 't-kubeshark';
const OF_HELM = 't-helm';

describe.skipIf(noCluster)('an installation that somebody relies on', () => {
  afterAll(() => {
    const all = `-l app.kubernetes.io/instance=${RELEASE}`.split(' ');
    kubectl('delete', 'clusterroles,clusterrolebindings', ...all);
    kubectl('delete', 'namespace', RELEASE, OF_HELM, '--ignore-not-found', '--wait=false');
  });

  test('Ctrl-C of the first deploy leaves what the second keeps', async () => {
    const first = new Deployed(RELEASE, '-n', 'kube-system');
    await first.running.says(/Ctrl-C removes everything again/, 120_000);
    const second = new Deployed(RELEASE, 'coredns.*', '-n', 'kube-system', '--keep');
    await second.running.says(/Ctrl-C leaves it installed/, 120_000);

    expect(await first.interrupt()).toBe(0);
    expect(first.running.text).toContain(
      `left installed: \`deploy\` was run for it again meanwhile; \`kubeshark clean --release-namespace ${RELEASE}\` removes it.`,
    );
    expect(await second.ask('/status')).toMatchObject({ cluster: { workers: 2 } });
    expect(await second.interrupt()).toBe(0);

    const where = `--kubeconfig ${cluster().kubeconfig} --release-namespace ${RELEASE}`;
    const { code } = await kubeshark(['clean', ...where.split(' ')]);
    expect(code).toBe(0);
    expect(kubectl('get', 'namespace', RELEASE, '--ignore-not-found')).toBe('');
  }, 240_000);

  test('deploy over a release of Helm’s changes nothing, and says what to do', async () => {
    const { kubeconfig } = cluster();
    const state = () => kubectl('-n', OF_HELM, 'get', 'all,configmaps', '-o', 'json');
    // No pod of it runs: what is there does not change by itself.
    const settings = 'hub.nodeSelector.kubernetes\\.io/os=none,worker.nodeSelector.kubernetes\\.io/os=none';
    helm(OF_HELM, 'install', 'my-release', CHART, '--create-namespace', '--set', settings);
    try {
      const before = configured(state());
      const where = `--kubeconfig ${kubeconfig} --release-namespace ${OF_HELM}`;
      const args = `-n kube-system --no-open --port 0 ${where}`;
      const { code, stderr } = await kubeshark(['deploy', ...args.split(' ')]);
      expect([code, stderr]).toEqual([1, expect.stringContaining("is Helm's")]);
      expect(stderr).toContain(`helm upgrade -n ${OF_HELM} my-release CHART`);
      const clean = await kubeshark(['clean', ...where.split(' ')]);
      expect([clean.code, clean.stderr]).toEqual([
        1,
        expect.stringContaining(`helm uninstall -n ${OF_HELM} my-release`),
      ]);
      expect(configured(state())).toEqual(before);
    } finally {
      helm(OF_HELM, 'uninstall', 'my-release');
    }
  }, 120_000);
});

/** What was asked for of each object, without what goes on by itself. */
function configured(list: string): unknown[] {
  const { items } = JSON.parse(list) as {
    items: { kind: string; metadata: { name: string; labels?: object }; spec?: object; data?: object }[];
  };
  return items.map(({ kind, metadata: { name, labels }, spec, data }) => ({
    kind,
    name,
    labels,
    spec,
    data,
  }));
}
