// Before `deploy` changes an installation it says which settings go, how they stay, and whether history goes.
import type { V1ConfigMap } from '@kubernetes/client-node';
import { expect, test } from 'vitest';
import type { KubernetesObject } from '../manifests/index.ts';
import { defaultValues, mergeValues, objects } from '../manifests/index.ts';
import type { Installation } from './installation.ts';
import { isConfig, recording } from './ownership.ts';
import { tellChanges } from './redeploy.ts';
import type { Steps } from './steps.ts';

const given = (...sets: string[]) => mergeValues(defaultValues, sets);
const isHub = ({ kind, metadata }: KubernetesObject) =>
  kind === 'Deployment' && metadata.name === 'kubeshark-hub';

/** What is said when `after` is applied over `before`; `broken`: nothing can be tried. */
async function told(before: string[], after: string[], broken = false): Promise<string[]> {
  const said: string[] = [];
  const there = recording(given(...before), objects(given(...before)));
  const installation = {
    read: async (object: KubernetesObject) => (isHub(object) ? (there.find(isHub) ?? null) : null),
    async tried(object: KubernetesObject) {
      if (broken) throw new Error('a webhook does not support dry run');
      return object;
    },
  } as unknown as Installation;
  const say = (text: string) => said.push(text);
  await tellChanges(
    { warn: say, note: say } as unknown as Steps,
    installation,
    there.find(isConfig) as V1ConfigMap,
    given(...after),
    objects(given(...after)),
  );
  return said;
}

const LOST = expect.stringContaining('history is lost: this installation has no volume');

test('the same again, or other targets: nothing is said', async () => {
  expect(await told([], [])).toEqual([]);
  const sets = ['hub.retention.age=30d', 'worker.captureFilter=tcp port 80'];
  expect(await told(sets, [...sets, 'targets.namespaces=[shop]'])).toEqual([]);
});

test('a setting of the workers goes: it is named, and history stays', async () => {
  expect(await told(['worker.captureFilter=tcp port 80'], [])).toEqual([
    'settings that an earlier deploy was given change:',
    '  worker.captureFilter: tcp port 80 → none',
    "  to keep them: --set 'worker.captureFilter=tcp port 80'",
  ]);
});

test('a setting of the hub goes, or comes: so does history without a volume', async () => {
  expect(await told(['hub.retention.age=30d'], [])).toEqual([
    'settings that an earlier deploy was given change:',
    '  hub.retention.age: 30d → 7d',
    '  to keep them: --set hub.retention.age=30d',
    LOST,
  ]);
  expect(await told([], ['hub.retention.age=30d'])).toEqual([LOST]);
  expect(await told([], ['hub.storage.size=20Gi'])).toEqual([LOST]);
});

test('on a volume history stays, unless it is the volume that goes', async () => {
  const size = 'hub.storage.size=20Gi';
  expect(await told([size], [size, 'hub.retention.age=30d'])).toEqual([]);
  expect(await told([size], [])).toEqual([
    'settings that an earlier deploy was given change:',
    '  hub.storage.size: 20Gi → none',
    '  to keep them: --set hub.storage.size=20Gi',
    expect.stringContaining('the old one stays on PersistentVolumeClaim kubeshark-hub'),
  ]);
});

test('what cannot be tried stops nothing', async () => {
  expect(await told([], ['hub.retention.age=30d'], true)).toEqual([]);
});

test.each(['', 'nonsense', '3', 'null'])('what was written down is %j: nothing was chosen', async (text) => {
  const there = objects(defaultValues).find(isConfig)!;
  const annotations = { 'kubeshark.io/values': text };
  const said: string[] = [];
  await tellChanges(
    { warn: (line: string) => said.push(line) } as unknown as Steps,
    { read: async () => null } as unknown as Installation,
    { ...there, metadata: { ...there.metadata, annotations } },
    defaultValues,
    objects(defaultValues),
  );
  expect(said).toEqual([]);
});
