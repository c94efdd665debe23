import { expect, test } from 'vitest';
import { versionsOf } from './part-versions.ts';

const pod = (component: string, version: string, imageID: string) =>
  ({
    metadata: {
      labels: { 'app.kubernetes.io/component': component, 'app.kubernetes.io/version': version },
    },
    spec: { containers: [{ name: component, image: `localhost/kubeshark-${component}:${version}` }] },
    status: { containerStatuses: [{ imageID }] },
  }) as never;

test('pods of one part and version are counted together, with the images that they run', () => {
  expect(
    versionsOf([
      pod('worker', '2', 'sha256:b'),
      pod('hub', '2', 'sha256:a'),
      pod('worker', '1', 'sha256:c'),
      pod('worker', '2', 'sha256:b'),
      pod('worker', '2', 'sha256:d'),
    ]),
  ).toEqual([
    { component: 'hub', version: '2', image: 'localhost/kubeshark-hub:2', imageIds: ['sha256:a'], pods: 1 },
    {
      component: 'worker',
      version: '1',
      image: 'localhost/kubeshark-worker:1',
      imageIds: ['sha256:c'],
      pods: 1,
    },
    {
      component: 'worker',
      version: '2',
      image: 'localhost/kubeshark-worker:2',
      imageIds: ['sha256:b', 'sha256:d'],
      pods: 3,
    },
  ]);
});
