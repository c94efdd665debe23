// Namespaces that a rule names and the cluster does not have, with what may have been meant; of what may not be seen nothing is said.
import { afterEach, beforeEach, expect, test } from 'vitest';
import { FakeApi } from '../../../hub/src/cluster/testing-api.ts';
import { missingNamespaces } from './missing-namespaces.ts';

let api: FakeApi;
beforeEach(async () => {
  api = await FakeApi.start();
  for (const name of ['default', 'user-demo', 'data']) api.put('namespaces', { metadata: { name } });
});
afterEach(() => api.down());

const missing = async (namespaces: string[], excludeNamespaces: string[] = []) =>
  await missingNamespaces(api.kubeConfig, { namespaces, excludeNamespaces, pods: '', selector: '' });

test('all are there, or none is named: nothing is said, and no list is asked for', async () => {
  expect(await missing(['user-demo', 'data'], ['default'])).toEqual([]);
  expect(await missing([])).toEqual([]);
  expect(api.lists('namespaces')).toEqual([]);
});

test('one is not there beside one that is', async () => {
  expect(await missing(['user-demo', 'nope'])).toEqual([{ name: 'nope', meant: undefined }]);
});

test('a slip of the finger is answered with what was meant, also in what is excluded', async () => {
  expect(await missing(['user-dem'], ['dtaa'])).toEqual([
    { name: 'user-dem', meant: 'user-demo' },
    { name: 'dtaa', meant: 'data' },
  ]);
});

test('who may not look at one is told nothing of it', async () => {
  api.forbidden.add('/api/v1/namespaces/nope');
  expect(await missing(['nope', 'user-dem'])).toEqual([{ name: 'user-dem', meant: 'user-demo' }]);
});

test('who may not list them is told what is missing, without a guess', async () => {
  api.forbidden.add('/api/v1/namespaces');
  expect(await missing(['user-dem'])).toEqual([{ name: 'user-dem', meant: undefined }]);
});

test('an API server that fails is said to', async () => {
  api.failures.push(500);
  await expect(missing(['user-demo'])).rejects.toThrow(/^the namespaces cannot be looked at: /);
});
