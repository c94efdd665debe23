// Who runs `deploy` over an installation relies on it: Ctrl-C of the run before leaves it. One of Helm's is not touched.
import { afterAll, describe, expect, test } from 'vitest';
import { kubeshark } from '../support/command.ts';
import { CHART, cluster, Deployed, helm, kubectl, noCluster } from './support.ts';

const RELEASE = 't-kubeshark';
const AT_ONCE = 't-at-once';
const OF_HELM = 't-helm';
/** What a deploy changes in its namespace. */
const OBJECTS =
  'serviceaccounts,configmaps,roles,rolebindings,networkpolicies,services,deployments,daemonsets';

describe.skipIf(noCluster)('an installation that somebody relies on', () => {
  afterAll(() => {
    const all = `app.kubernetes.io/instance in (${RELEASE},${AT_ONCE})`;
    kubectl('delete', 'clusterroles,clusterrolebindings', '-l', all);
    kubectl('delete', 'namespace', RELEASE, AT_ONCE, OF_HELM, '--ignore-not-found', '--wait=false');
  });

  test('Ctrl-C of the first deploy leaves what the second keeps', async () => {
    const first = new Deployed(RELEASE, '-n', 'kube-system');
    await first.running.says(/Ctrl-C removes everything again/, 120_000);
    const second = new Deployed(RELEASE, 'coredns.*', '-n', 'kube-system', '--keep');
    await second.running.says(/Ctrl-C leaves it installed/, 120_000);
    await first.running.says(/another deploy has changed this installation/, 30_000);

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

  test('two that begin in the same second: both have the page, and neither takes it from the other', async () => {
    const both = [
      new Deployed(AT_ONCE, '-n', 'kube-system'),
      new Deployed(AT_ONCE, 'coredns.*', '-n', 'kube-system'),
    ];
    const ends = await Promise.all(
      both.map(
        async ({ running }) =>
          (await running.says(/Ctrl-C (removes|leaves).*|It was installed before/, 120_000))[0],
      ),
    );
    expect(ends.toSorted()).toEqual(['Ctrl-C removes everything again.', 'It was installed before']);
    for (const one of both) expect(await one.ask('/status')).toMatchObject({ cluster: { workers: 2 } });
    const [first, second] = ends[0] === 'It was installed before' ? both.toReversed() : both;
    expect(await first!.interrupt()).toBe(0);
    expect(first!.running.text).toContain('left installed: `deploy` was run for it again meanwhile');
    expect(await second!.ask('/status')).toMatchObject({ cluster: { workers: 2 } });
    expect(await second!.interrupt()).toBe(0);
    expect(kubectl('get', 'namespace', AT_ONCE, '-o', 'name')).toBe(`namespace/${AT_ONCE}\n`);
  }, 240_000);

  test('deploy over it says which settings and what history go, before anything is changed', async () => {
    const where = `--kubeconfig ${cluster().kubeconfig} --release-namespace ${AT_ONCE}`;
    const { registry, tag } = cluster();
    const images = `--image-registry ${registry} --image-tag ${tag}`;
    const tried = async (...args: string[]) => {
      const { code, stderr } = await kubeshark(
        ['deploy', '--dry-run=server', '-n', 'default', ...args].concat(where.split(' ')),
      );
      expect(code).toBe(0);
      return stderr.split('\n').map((line) => line.trim());
    };
    const before = configured(kubectl('-n', AT_ONCE, 'get', 'all,configmaps', '-o', 'json'));
    const same = (await tried(...images.split(' '))).join('\n');
    expect(same).not.toMatch(/settings|history/);
    const other = await tried('--set', 'hub.retention.age=30d');
    expect(other.join('\n')).toMatch(
      new RegExp(
        `settings that an earlier deploy was given change:[^]*to keep them: .*--set image.tag=${tag}`,
      ),
    );
    expect(other).toContain(
      '! the hub starts anew, and history is lost: this installation has no volume (--storage-size 20Gi makes one)',
    );
    expect(configured(kubectl('-n', AT_ONCE, 'get', 'all,configmaps', '-o', 'json'))).toEqual(before);
  }, 120_000);

  test('deploy over it with an image that is not there puts back what was there, and says what to do', async () => {
    const where = `--kubeconfig ${cluster().kubeconfig} --release-namespace ${AT_ONCE} --no-open --port 0`;
    const wrong =
      'deploy -n default --image-registry localhost --image-tag not-there --set networkPolicy.enabled=false';
    const before = configured(kubectl('-n', AT_ONCE, 'get', OBJECTS, '-o', 'json'));
    const { code, stderr } = await kubeshark([...wrong.split(' '), ...where.split(' ')]);
    expect([code, stderr]).toEqual([
      1,
      expect.stringMatching(/not wanted any more will be removed: NetworkPolicy/),
    ]);
    expect(stderr).toMatch(/kubeshark-(hub|worker):not-there[^]*--image-tag; to build it/);
    expect(stderr).toContain('what was there before is put back');
    expect(configured(kubectl('-n', AT_ONCE, 'get', OBJECTS, '-o', 'json'))).toEqual(before);
    kubectl('-n', AT_ONCE, 'rollout', 'status', 'deployment/kubeshark-hub', '--timeout=60s');
    kubectl('-n', AT_ONCE, 'rollout', 'status', 'daemonset/kubeshark-worker', '--timeout=60s');
  }, 180_000);

  test('Ctrl-C before the new one has started puts back what was there', async () => {
    const before = configured(kubectl('-n', AT_ONCE, 'get', OBJECTS, '-o', 'json'));
    const other = new Deployed(AT_ONCE, '-n', 'default', '--set', 'hub.retention.age=30d');
    await other.running.says(/objects applied/, 60_000);
    expect(await other.interrupt()).toBe(130);
    expect(other.running.text).toContain('what was there before is put back');
    expect(configured(kubectl('-n', AT_ONCE, 'get', OBJECTS, '-o', 'json'))).toEqual(before);
  }, 120_000);

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
