// An installation of Helm's is refused before anything is changed; of one that a later run of `deploy` applied, the earlier one is told.
import { afterEach, beforeEach, expect, test } from 'vitest';
import { FakeApi } from '../../../hub/src/cluster/testing-api.ts';
import { defaultValues, objects } from '../manifests/index.ts';
import { isTakenOver, markedWith, mayDeployOver } from './ownership.ts';

let api: FakeApi;
beforeEach(async () => {
  api = await FakeApi.start();
});
afterEach(() => api.down());

/** What is installed is there, as far as it matters here. */
function put(manager: string, run?: string, annotations: Record<string, string> = {}): void {
  const all = objects(defaultValues, { namespace: 'tools', manager });
  for (const object of run === undefined ? all : markedWith(run, all))
    if (object.kind === 'ConfigMap') {
      const { metadata } = object;
      api.put('configmaps', {
        ...object,
        metadata: { ...metadata, annotations: { ...metadata.annotations, ...annotations } },
      });
    }
}

test('nothing is there: it may be installed', async () => {
  expect(await mayDeployOver(api.kubeConfig, 'tools')).toBe(null);
});

test('an installation by deploy may be applied again', async () => {
  put('kubeshark', 'first');
  expect((await mayDeployOver(api.kubeConfig, 'tools'))?.metadata?.name).toBe('kubeshark-config');
  expect(await mayDeployOver(api.kubeConfig, 'elsewhere')).toBe(null);
});

test('an installation by Helm is refused, with its release and what to do', async () => {
  put('Helm', undefined, { 'meta.helm.sh/release-name': 'sniffer' });
  const refused = mayDeployOver(api.kubeConfig, 'tools');
  await expect(refused).rejects.toThrow(/in namespace tools is Helm's.*Nothing was changed/);
  await expect(refused).rejects.toThrow('helm upgrade -n tools sniffer CHART');
  await expect(refused).rejects.toThrow('kubeshark proxy --release-namespace tools');
});

test.each([
  ['as this run left it', 'first', false],
  ['applied by a later run', 'second', true],
  ['applied by a command that marks nothing', undefined, true],
])('an installation %s', async (_what, run, taken) => {
  put('kubeshark', run);
  expect(await isTakenOver(api.kubeConfig, 'tools', 'first')).toBe(taken);
});

test('an installation that is gone is nobody’s', async () => {
  expect(await isTakenOver(api.kubeConfig, 'tools', 'first')).toBe(false);
});
