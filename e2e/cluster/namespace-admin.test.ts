// The administrator of two namespaces, with no right beyond them, installs into one for the other; tokens and rights hold as ever.
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { HubStatus } from '@kubeshark/model';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { kubeshark, Running, until } from '../support/command.ts';
import { apply, asAccount, cluster, kubectl, noCluster, Shop } from './support.ts';

const RELEASE = 'na-kubeshark';
const ADMIN = 'namespace-admin';

describe.skipIf(noCluster)('an administrator of namespaces', () => {
  const shop = new Shop('na');
  let folder: string;
  let deployed: Running;
  let page: URL;
  /** The options of each command of theirs. */
  let where: string[];

  beforeAll(async () => {
    shop.open(5);
    const rbac = 'rbac.authorization.k8s.io';
    apply([
      {
        apiVersion: 'v1',
        kind: 'Namespace',
        metadata: { name: RELEASE, labels: { 'pod-security.kubernetes.io/enforce': 'privileged' } },
      },
      { apiVersion: 'v1', kind: 'ServiceAccount', metadata: { name: ADMIN, namespace: RELEASE } },
      ...[RELEASE, shop.shop].map((namespace) => ({
        apiVersion: `${rbac}/v1`,
        kind: 'RoleBinding',
        metadata: { name: ADMIN, namespace },
        roleRef: { apiGroup: rbac, kind: 'ClusterRole', name: 'admin' },
        subjects: [{ kind: 'ServiceAccount', name: ADMIN, namespace: RELEASE }],
      })),
    ]);
    folder = mkdtempSync(join(tmpdir(), 'kubeshark-namespace-admin-'));
    const kubeconfig = join(folder, 'config');
    writeFileSync(kubeconfig, asAccount(token(ADMIN)));
    where = `--kubeconfig ${kubeconfig} -n ${shop.shop} --release-namespace ${RELEASE}`.split(' ');
    const { registry, tag } = cluster();
    deployed = new Running([
      'deploy',
      ...where,
      ...'--no-open --port 0'.split(' '),
      ...`--image-registry ${registry} --image-tag ${tag}`.split(' '),
    ]);
    const [address] = await deployed.says(/http:\/\/localhost:\d+\/\S*#token=[\w.-]+/, 120_000);
    page = new URL(address);
  }, 240_000);
  afterAll(async () => {
    await deployed?.stop();
    shop.close();
    kubectl('delete', 'namespace', RELEASE, '--wait=false', '--ignore-not-found');
    rmSync(folder, { recursive: true });
  });

  function token(account: string, ...more: string[]): string {
    return kubectl('-n', RELEASE, 'create', 'token', account, ...more).trim();
  }

  async function ask(path: string, bearer = page.hash.slice('#token='.length)): Promise<Response> {
    return await fetch(`${page.origin}/api/v1${path}`, { headers: { authorization: `Bearer ${bearer}` } });
  }

  test('check says that they may', async () => {
    const { code, stdout } = await kubeshark(['check', '-o', 'json', ...where]);
    const findings = JSON.parse(stdout) as { what: string; ok: boolean | null }[];
    expect([code, findings.filter(({ ok }) => ok === false)]).toEqual([0, []]);
    expect(findings.map(({ what }) => what)).toContain(
      `may create roles.rbac.authorization.k8s.io in namespace ${shop.shop}`,
    );
    expect(findings.find(({ what }) => what === 'nodes')).toMatchObject({ ok: null });
  });

  test('nothing of it lies outside of namespaces, and calls are shown with their names', async () => {
    expect(deployed.text).toContain('without rights of the whole cluster');
    const wide = kubectl('get', 'clusterroles,clusterrolebindings', '-o', 'name');
    expect(wide).not.toContain(RELEASE);
    await until('a call', async () => {
      const { rows } = (await (await ask('/entries?filter=http')).json()) as { rows: object[] };
      return rows.length > 0;
    });
    const status = (await (await ask('/status')).json()) as HubStatus;
    expect(status.restrictedTo).toEqual([shop.shop]);
    expect(status.cluster?.captured).toBe(status.cluster?.targets);
    const { rows } = (await (await ask('/entries?filter=http')).json()) as {
      rows: { dst: { workload?: { kind: string } } }[];
    };
    expect(rows.map(({ dst }) => dst.workload?.kind)).toContain('Deployment');
  });

  test('a ServiceAccount without rights sees nothing; a token that is not for the hub is refused', async () => {
    kubectl('-n', RELEASE, 'create', 'serviceaccount', 'nobody');
    const nobody = token('nobody', '--audience', 'kubeshark-hub');
    expect(await (await ask('/status', nobody)).json()).toMatchObject({ restrictedTo: [] });
    expect(await (await ask('/entries', nobody)).json()).toMatchObject({ rows: [] });
    expect((await ask('/status', token('kubeshark-viewer'))).status).toBe(401);
    const forged = `${nobody.slice(0, nobody.lastIndexOf('.'))}.${'A'.repeat(342)}`;
    expect((await ask('/status', forged)).status).toBe(401);
  });

  test('Ctrl-C takes it away', async () => {
    expect(await deployed.stop()).toBe(0);
    const left = kubectl(
      '-n',
      RELEASE,
      'get',
      'deployments,daemonsets,roles,services,configmaps',
      '-o',
      'name',
    );
    expect(left.split('\n').filter((name) => name.includes('kubeshark'))).toEqual([]);
  });
});
