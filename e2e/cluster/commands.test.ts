// The commands around an installation, each with its hub well and broken.
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { strFromU8, unzipSync } from 'fflate';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { kubeshark, until } from '../support/command.ts';
import { apply, asAccount, cluster, Deployed, kubectl, noCluster } from './support.ts';

const RELEASE = 'c-kubeshark';

describe.skipIf(noCluster)('commands', () => {
  let deployed: Deployed;
  let folder: string;

  beforeAll(async () => {
    folder = mkdtempSync(join(tmpdir(), 'kubeshark-commands-'));
    deployed = new Deployed(RELEASE, '-n', 'kube-system');
    await deployed.page();
  }, 180_000);
  afterAll(async () => {
    await deployed.interrupt();
    rmSync(folder, { recursive: true });
  });

  const run = (...args: string[]) =>
    kubeshark([...args, '--kubeconfig', cluster().kubeconfig, '--release-namespace', RELEASE]);

  async function logs(): Promise<{ stderr: string; files: Record<string, string> }> {
    const path = join(folder, 'logs.zip');
    const { code, stdout, stderr } = await run('logs', '-o', path);
    expect([code, stdout]).toEqual([0, `${path}\n`]);
    const files = Object.entries(unzipSync(readFileSync(path)));
    return {
      stderr,
      files: Object.fromEntries(files.map(([name, bytes]) => [name, strFromU8(bytes)])),
    };
  }

  test('logs: what each part says, events, objects, versions, the hub’s answers; no token', async () => {
    const { files } = await logs();
    const names = Object.keys(files);
    expect(names).not.toContain('problems.txt');
    expect(names.filter((name) => /^logs\/kubeshark-worker-\w+\/worker\.log$/.test(name))).toHaveLength(2);
    expect(files[names.find((name) => name.endsWith('/hub.log'))!]).toContain('worker connected');
    expect(JSON.parse(files['versions.json']!)).toMatchObject({
      parts: [
        { component: 'hub', pods: 1 },
        { component: 'worker', pods: 2 },
      ],
    });
    expect(JSON.parse(files['hub/status.json']!)).toMatchObject({ cluster: { workers: 2 } });
    expect(JSON.parse(files['hub/coverage.json']!)).toMatchObject({ rule: { namespaces: ['kube-system'] } });
    expect(files['objects/DaemonSet.yaml']).toContain('kind: DaemonSet');
    expect(files['events.txt']).toMatch(/Scheduled +Pod\/kubeshark-hub-/);
    for (const text of Object.values(files)) expect(text).not.toContain('eyJhbGci');
  });

  test('version: of the command and of what runs', async () => {
    const { code, stdout } = await run('version', '-o', 'json');
    expect(code).toBe(0);
    const { client, cluster: found } = JSON.parse(stdout) as {
      client: string;
      cluster: { kubernetes: string; parts: object[] };
    };
    expect(found.kubernetes).toMatch(/^v1\./);
    expect(found.parts).toMatchObject([
      { component: 'hub', version: client, pods: 1 },
      { component: 'worker', version: client, pods: 2 },
    ]);
  });

  test('check: each node is tried with the worker’s image, and no pod is left', async () => {
    const check = async (...args: string[]) => {
      const { code, stdout } = await run('check', '-o', 'json', ...args);
      const findings = JSON.parse(stdout) as {
        what: string;
        ok: boolean | null;
        why: string;
        facts?: object;
      }[];
      return { code, nodes: findings.filter(({ what }) => what.startsWith('node ')) };
    };
    // The installed image, which no option names.
    const good = await check();
    expect(good.code).toBe(0);
    expect(good.nodes).toHaveLength(2);
    for (const node of good.nodes)
      expect(node).toMatchObject({
        ok: true,
        facts: { capabilities: expect.arrayContaining(['NET_RAW', 'SYS_ADMIN']) },
      });
    const missing = await check('--image-tag', 'not-there');
    expect(missing.code).toBe(1);
    expect(missing.nodes.map(({ ok }) => ok)).toEqual([false, false]);
    expect(missing.nodes[0]!.why).toContain('kubeshark-worker:not-there cannot be run: ');
    expect((await check('--no-probe')).nodes).toEqual([]);
    await until(
      'the pods are gone',
      () => !kubectl('-n', RELEASE, 'get', 'pods', '-o', 'name').includes('probe'),
    );
  });

  const rule = (resource: string, verbs: string[], resourceNames?: string[]) => ({
    apiGroups: [''],
    resources: [resource],
    verbs,
    ...(resourceNames ? { resourceNames } : {}),
  });
  test.each([
    [
      'not forward ports, but use the hub’s Service',
      'no-ports',
      rule('services/proxy', ['get'], ['kubeshark-hub:http']),
      'reached through its Service',
    ],
    ['create pods/portforward and no more', 'no-websocket', rule('pods/portforward', ['create']), ''],
  ])('status of somebody who may %s', async (_what, name, way, said) => {
    const metadata = { name, namespace: RELEASE };
    const rbac = 'rbac.authorization.k8s.io';
    apply([
      { apiVersion: 'v1', kind: 'ServiceAccount', metadata },
      {
        apiVersion: `${rbac}/v1`,
        kind: 'Role',
        metadata,
        rules: [rule('pods', ['list']), rule('serviceaccounts/token', ['create'], ['kubeshark-viewer']), way],
      },
      {
        apiVersion: `${rbac}/v1`,
        kind: 'RoleBinding',
        metadata,
        roleRef: { apiGroup: rbac, kind: 'Role', name },
        subjects: [{ kind: 'ServiceAccount', ...metadata }],
      },
    ]);
    const kubeconfig = join(folder, name);
    writeFileSync(kubeconfig, asAccount(kubectl('-n', RELEASE, 'create', 'token', name).trim()));
    const { code, stdout, stderr } = await kubeshark([
      'status',
      '-o',
      'json',
      '--kubeconfig',
      kubeconfig,
      '--release-namespace',
      RELEASE,
    ]);
    expect([code, stderr]).toEqual([0, expect.stringContaining(said)]);
    expect(JSON.parse(stdout)).toMatchObject({ status: { cluster: { workers: 2 } } });
  });

  test('deploy into the namespace that is to be captured says that its pods are not', async () => {
    const { code, stderr } = await kubeshark([
      ...'deploy --dry-run -n default --release-namespace default --kubeconfig'.split(' '),
      cluster().kubeconfig,
    ]);
    expect([code, stderr]).toEqual([0, expect.stringContaining('pods of default are not captured')]);
  });

  describe('somebody without rights', () => {
    let kubeconfig: string;
    const tried = (...args: string[]) =>
      kubeshark([...args, '--kubeconfig', kubeconfig, '--release-namespace', RELEASE]);
    beforeAll(() => {
      kubeconfig = join(folder, 'no-rights');
      writeFileSync(kubeconfig, asAccount(kubectl('-n', RELEASE, 'create', 'token', 'default').trim()));
    });

    test.each([
      'clean',
      'logs',
    ])('%s says that it cannot tell, and which right is missing', async (command) => {
      const { code, stdout, stderr } = await tried(command);
      expect([code, stdout]).toEqual([1, '']);
      expect(stderr).toContain(`whether kubeshark is in namespace ${RELEASE} cannot be told`);
      expect(stderr).toMatch(/is forbidden[^]*You lack the right to list \w+/);
    });

    test('proxy says which right is missing', async () => {
      const { code, stderr } = await tried('proxy', '--no-open', '--port', '0');
      expect([code, stderr]).toEqual([1, expect.stringContaining('You lack the right to list pods.')]);
    });

    test('check and deploy list all that are missing', async () => {
      const { code, stdout, stderr } = await tried('check', '-n', 'default');
      expect([code, stderr]).toEqual([1, '']);
      expect(stdout).toMatch(new RegExp(`^✗ +may create pods/portforward in namespace ${RELEASE} `, 'm'));
      expect(stdout).toMatch(/^\? +Pod Security of namespace/m);
      const deploy = await tried('deploy', '-n', 'default', '--no-open', '--port', '0');
      expect(deploy.code).toBe(1);
      expect(deploy.stderr).toMatch(
        new RegExp(`Missing rights:\n[^]*  create deployments.apps in namespace ${RELEASE}\n`),
      );
    });
  });

  test('logs of a hub that crashes: the words of its run before, and what could not be asked', async () => {
    const config = (text: string) =>
      kubectl(
        '-n',
        RELEASE,
        'patch',
        'configmap',
        'kubeshark-config',
        '--patch',
        JSON.stringify({ data: { 'hub.json': text } }),
      );
    const kept = kubectl(
      '-n',
      RELEASE,
      'get',
      'configmap',
      'kubeshark-config',
      '-o',
      'jsonpath={.data.hub\\.json}',
    );
    config('{"nonsense"');
    kubectl('-n', RELEASE, 'delete', 'pod', '-l', 'app.kubernetes.io/component=hub', '--wait=true');
    const waiting = '{.items[*].status.containerStatuses[0].state.waiting.reason}';
    const state = () =>
      kubectl(
        '-n',
        RELEASE,
        'get',
        'pod',
        '-l',
        'app.kubernetes.io/component=hub',
        '-o',
        `jsonpath=${waiting}`,
      );
    await until('the hub crashes again and again', () => state() === 'CrashLoopBackOff', 120_000);
    const { files, stderr } = await logs();
    const before = Object.keys(files).find((name) => name.endsWith('/hub.previous.log'));
    expect(files[before ?? '']).toContain('the hub cannot run');
    expect(files['problems.txt']).toContain('the hub is not asked');
    expect(stderr).toContain('the hub is not asked');
    config(kept);
    kubectl('-n', RELEASE, 'delete', 'pod', '-l', 'app.kubernetes.io/component=hub', '--wait=true');
  }, 180_000);

  test('logs of nothing: what is not installed is said, and no file is left', async () => {
    const path = join(folder, 'none.zip');
    const { code, stdout, stderr } = await kubeshark([
      'logs',
      '-o',
      path,
      '--kubeconfig',
      cluster().kubeconfig,
      '--release-namespace',
      'no-kubeshark-here',
    ]);
    expect([code, stdout]).toEqual([1, '']);
    expect(stderr).toContain('no kubeshark is installed in namespace no-kubeshark-here');
    expect(() => readFileSync(path)).toThrow('ENOENT');
  });
});
