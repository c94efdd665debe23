import { describe, expect, test } from 'vitest';
import { defaultValues, mergeValues, overlayValues } from './index.ts';

describe('--set', () => {
  test('text is taken as it stands, other values as YAML', () => {
    const values = mergeValues(defaultValues, [
      'image.tag=1.10',
      'targets.pods=^cart=.*',
      'targets.namespaces=[shop, "1"]',
      'viewer.create=false',
      'hub.resources.limits.memory=4Gi',
    ]);
    expect(values.image.tag).toBe('1.10');
    expect(values.targets).toMatchObject({ pods: '^cart=.*', namespaces: ['shop', '1'] });
    expect(values.viewer.create).toBe(false);
    expect(values.hub.resources.limits).toEqual({ memory: '4Gi' });
  });

  test('objects are merged, lists replaced, null takes away; the last one counts', () => {
    const values = mergeValues(defaultValues, [
      'worker.nodeSelector={pool: web}',
      'worker.tolerations=[]',
      'worker.resources.limits={cpu: null}',
      'hub.storage.size=1Gi',
      'hub.storage.size=2Gi',
    ]);
    expect(values.worker.nodeSelector).toEqual({ 'kubernetes.io/os': 'linux', pool: 'web' });
    expect(values.worker.tolerations).toEqual([]);
    expect(values.worker.resources.limits).toEqual({ memory: '1Gi' });
    expect(values.hub.storage).toEqual({ size: '2Gi', class: '' });
  });

  test('the defaults stay as they are', () => {
    const before = structuredClone(defaultValues);
    mergeValues(defaultValues, ['worker.nodeSelector={pool: web}']);
    expect(defaultValues).toEqual(before);
  });

  test.each([
    ['hub.storage', 'KEY=VALUE is asked for'],
    ['hub.storag.size=1Gi', 'there is no hub.storag. hub has: resources, storage,'],
    ['hubs.storage=1', 'there is no hubs. There are: image, targets,'],
    ['__proto__.a=1', 'there is no __proto__'],
    ['namespaces.0=shop', 'namespaces has no parts'],
    ['namespaces=shop', 'namespaces: '],
    ['namespaces=[a, b', 'the value is no YAML'],
    ['hub.retention.size=much', 'hub.retention.size: is no size such as 2GB'],
    ['image.pullPolicy=Sometimes', 'image.pullPolicy: '],
    ['viewer.create=perhaps', 'viewer.create: '],
    ['hub.oidc.issuer=https://id.example.org', 'hub.oidc.clientId: is missing'],
    [
      'worker.redact=[X]',
      'worker.redact: Invalid input: expected object, received array. It has parts; give one of them: worker.redact.headers, worker.redact.queryParameters, worker.redact.jsonFields',
    ],
    ['hub={a: 1}', 'Unrecognized key: "a"'],
  ])('%s: an error that names the key', (set, message) => {
    expect(() => mergeValues(defaultValues, [set])).toThrow(message);
  });
});

test('a values file changes what it names, and its name is in errors', () => {
  expect(
    overlayValues(defaultValues, { hub: { storage: { size: '1Gi' } } }, 'my.yaml').hub.storage.size,
  ).toBe('1Gi');
  expect(overlayValues(defaultValues, null, 'empty.yaml')).toEqual(defaultValues);
  expect(() => overlayValues(defaultValues, { hub: { disk: 1 } }, 'my.yaml')).toThrow(
    /my\.yaml: hub: .*"disk"/,
  );
});
