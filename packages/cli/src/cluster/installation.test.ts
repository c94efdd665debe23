// What a deploy over an installation has changed, removed and added is put back as it was; what is not wanted any more is known by its labels.
import type { KubernetesObject as AnyObject } from '@kubernetes/client-node';
import { ApiException, KubeConfig, KubernetesObjectApi } from '@kubernetes/client-node';
import { beforeEach, expect, test, vi } from 'vitest';
import { FakeApi } from '../../../hub/src/cluster/testing-api.ts';
import type { KubernetesObject } from '../manifests/index.ts';
import { defaultValues, mergeValues, objects } from '../manifests/index.ts';
import { Installation, nameOf } from './installation.ts';
import { unwanted } from './installed.ts';

/** The objects that are there, each as it was given. */
const there = new Map<string, KubernetesObject>();
const ofServer = {
  uid: 'u',
  resourceVersion: '7',
  managedFields: [],
  creationTimestamp: 'now',
  generation: 2,
};
const api = {
  async read(object: KubernetesObject) {
    const found = there.get(nameOf(object));
    if (!found) throw new ApiException(404, 'Not Found', {}, {});
    return { ...found, metadata: { ...found.metadata, ...ofServer }, status: { ready: true } };
  },
  async patch(object: KubernetesObject) {
    there.set(nameOf(object), object);
  },
  async delete(object: KubernetesObject) {
    there.delete(nameOf(object));
  },
  async list(_apiVersion: string, kind: string) {
    return { items: [...there.values()].filter((object) => object.kind === kind) };
  },
};
const config = new KubeConfig();
config.loadFromClusterAndUser(
  { name: 'c', server: 'http://127.0.0.1:1', skipTLSVerify: true },
  { name: 'u' },
);

const given = (...sets: string[]) => objects(mergeValues(defaultValues, sets), { namespace: 'tools' });

beforeEach(() => {
  vi.spyOn(KubernetesObjectApi, 'makeApiClient').mockReturnValue(api as unknown as KubernetesObjectApi);
  there.clear();
  for (const object of given()) there.set(nameOf(object), object);
});

const names = (all: readonly AnyObject[]) => all.map((object) => nameOf(object as KubernetesObject));

test('network policies that are switched off are not wanted any more; a volume is left', async () => {
  const policies = ['NetworkPolicy tools/kubeshark-hub', 'NetworkPolicy tools/kubeshark-worker'];
  expect(names(await unwanted(config, 'tools', given('networkPolicy.enabled=false')))).toEqual(policies);
  expect(await unwanted(config, 'tools', given())).toEqual([]);
  for (const object of given('hub.storage.size=1Gi')) there.set(nameOf(object), object);
  expect(await unwanted(config, 'tools', given())).toEqual([]);
});

test('what somebody else put there with the same labels is not taken away', async () => {
  const theirs = structuredClone(given().find(({ kind }) => kind === 'ConfigMap')!);
  theirs.metadata.name = 'theirs';
  theirs.metadata.labels['app.kubernetes.io/managed-by'] = 'somebody';
  there.set(nameOf(theirs), theirs);
  expect(await unwanted(config, 'tools', given())).toEqual([]);
});

test('a deploy that fails is undone: changed, removed and added objects are as they were', async () => {
  const before = new Map(there);
  const installation = new Installation(config);
  const wanted = given('image.tag=wrong', 'networkPolicy.enabled=false', 'hub.storage.size=1Gi');
  const gone = await unwanted(config, 'tools', wanted);
  for (const object of wanted) await installation.apply(object);
  const { signal } = new AbortController();
  await installation.replaceByNothing(gone, () => {}, signal);
  expect([...there.keys()].toSorted()).toEqual(names(wanted).toSorted());
  await installation.putBack(() => {}, signal);
  expect(Object.fromEntries(there)).toEqual(Object.fromEntries(before));
});

test('a namespace that the user may not look at is no end: which rights are missing is said later, together', async () => {
  const server = await FakeApi.start();
  server.forbidden.add('/api/v1/namespaces/tools');
  const installation = new Installation(server.kubeConfig);
  expect(await installation.isGoing('tools')).toBe(false);
  expect(await installation.namespaceLabels('tools')).toBe('hidden');
  expect(await installation.namespaceLabels('elsewhere')).toBe(null);
  await server.down();
});
