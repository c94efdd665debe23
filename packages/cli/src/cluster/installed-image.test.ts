// `check` tries the nodes with the image that is installed: another one may not be on them.
import { afterEach, beforeEach, expect, test } from 'vitest';
import { FakeApi } from '../../../hub/src/cluster/testing-api.ts';
import { defaultValues, mergeValues, objects } from '../manifests/index.ts';
import { installedImage } from './installed-image.ts';

let api: FakeApi;
beforeEach(async () => {
  api = await FakeApi.start();
});
afterEach(() => api.down());

/** Workers with these values are there. */
function put(...sets: string[]): void {
  const all = objects(mergeValues(defaultValues, sets), { namespace: 'tools' });
  api.put('daemonsets', { ...all.find(({ kind }) => kind === 'DaemonSet')! });
}

test('registry with port and path, tag, policy and secrets are those of the workers', async () => {
  const sets = [
    'image.registry=registry.example.org:5000/tools',
    'image.tag=fresh',
    'image.pullPolicy=Always',
    'image.pullSecrets=[{name: login}]',
  ];
  put(...sets);
  expect(await installedImage(api.kubeConfig, 'tools')).toEqual({
    registry: 'registry.example.org:5000/tools',
    worker: 'kubeshark-worker',
    tag: 'fresh',
    pullPolicy: 'Always',
    pullSecrets: [{ name: 'login' }],
  });
});

test('nothing is installed, or it may not be looked at: nothing is known', async () => {
  expect(await installedImage(api.kubeConfig, 'tools')).toEqual({});
  put();
  api.forbidden.add('/apis/apps/v1/namespaces/tools/daemonsets/kubeshark-worker');
  expect(await installedImage(api.kubeConfig, 'tools')).toEqual({});
});
