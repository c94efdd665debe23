import { expect, test } from 'vitest';
import { withoutSecrets } from './without-secrets.ts';

test('values of environment variables and bookkeeping are left out, the rest stays', () => {
  const fieldRef = { name: 'NODE_NAME', valueFrom: { fieldRef: { fieldPath: 'spec.nodeName' } } };
  expect(
    withoutSecrets({
      kind: 'Pod',
      metadata: {
        creationTimestamp: new Date('2026-01-02T03:04:05Z'),
        managedFields: [{ manager: 'kubeshark' }],
        annotations: { 'kubectl.kubernetes.io/last-applied-configuration': '{"env":"secret"}', a: 'b' },
      },
      spec: {
        containers: [
          { name: 'hub', env: [{ name: 'HTTPS_PROXY', value: 'http://user:password@proxy' }, fieldRef] },
        ],
        nodeName: null,
      },
    }),
  ).toEqual({
    kind: 'Pod',
    metadata: { creationTimestamp: '2026-01-02T03:04:05.000Z', annotations: { a: 'b' } },
    spec: {
      containers: [{ name: 'hub', env: [{ name: 'HTTPS_PROXY', value: '(left out)' }, fieldRef] }],
      nodeName: null,
    },
  });
});
