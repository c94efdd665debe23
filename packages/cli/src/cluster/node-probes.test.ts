import { expect, test } from 'vitest';
import { defaultValues } from '../manifests/index.ts';
import { resultOf } from './node-probes.ts';
import { probePod } from './probe-pod.ts';

const facts = { kernel: '6.1.0', architecture: 'x86_64', btf: true, cgroup: 'v2', capabilities: ['NET_RAW'] };
const ended = (message: string, exitCode = 0) => ({ terminated: { exitCode, message, reason: 'Error' } });
const pod = (state: object, phase = 'Running') =>
  ({
    spec: { containers: [{ image: 'r/w:1' }] },
    status: { phase, containerStatuses: [{ state }] },
  }) as never;

test.each<[string, object, boolean, object | null]>([
  ['runs', { running: {} }, false, null],
  ['can capture', ended(JSON.stringify({ facts })), false, { facts, problem: null }],
  ['cannot', ended(JSON.stringify({ facts, problem: 'no right' })), false, { facts, problem: 'no right' }],
  ['is pulled', { waiting: { reason: 'ContainerCreating' } }, false, null],
])('a probe that %s', (_what, state, late, expected) => {
  expect(resultOf(pod(state), late)).toEqual(expected);
});

test.each<[string, never, boolean, RegExp]>([
  [
    'an image of another version',
    pod(ended('', 1)),
    false,
    /^the image r\/w:1 ends with Error \(exit code 1\)/,
  ],
  ['an image that says something else', pod(ended('hello')), false, /^the image r\/w:1 gives no answer/],
  [
    'an image that is not there',
    pod({ waiting: { reason: 'ErrImagePull', message: 'not found' } }),
    false,
    /cannot be run: ErrImagePull: not found\. Another: --image-registry/,
  ],
  [
    'a container that starts late',
    pod({ waiting: { reason: 'ContainerCreating' } }),
    true,
    /not ended within 90 s \(ContainerCreating\)/,
  ],
  [
    'a node without room',
    { status: { phase: 'Failed', reason: 'OutOfcpu', message: 'no cpu' } } as never,
    false,
    /^the node refuses the pod: OutOfcpu no cpu$/,
  ],
])('%s is a problem', (_what, found, late, problem) => {
  const result = resultOf(found, late);
  expect([result?.facts, result?.problem]).toEqual([null, expect.stringMatching(problem)]);
});

test('the pod has what a worker has, and neither its token nor its labels', () => {
  const { metadata, spec } = probePod(defaultValues, 'ns', 'node-1');
  expect(spec).toMatchObject({
    nodeName: 'node-1',
    hostPID: true,
    restartPolicy: 'Never',
    automountServiceAccountToken: false,
    containers: [
      {
        args: ['probe', '/dev/termination-log'],
        securityContext: {
          privileged: false,
          readOnlyRootFilesystem: true,
          capabilities: { drop: ['ALL'], add: ['NET_RAW', 'NET_ADMIN', 'SYS_ADMIN', 'SYS_PTRACE'] },
        },
      },
    ],
  });
  expect(spec).not.toHaveProperty('volumes');
  expect(spec).not.toHaveProperty('serviceAccountName');
  expect(metadata?.labels).toEqual({ 'app.kubernetes.io/name': 'kubeshark-probe' });
});
