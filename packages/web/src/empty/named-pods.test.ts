/** A filter for pods that are not captured is answered with that, and why; what a viewer may not see is not said to be there. */
import { expect, test } from 'vitest';
import { coverageOf, coveredNode, coveredPod } from '../coverage/testing.ts';
import { namedPods, whyNotCaptured } from './named-pods.ts';

const UNTARGETED = {
  state: 'untargeted',
  reason: 'The target rule does not select it.',
  hint: 'Edit the targets.',
} as const;
const coverage = coverageOf([
  coveredNode('a', [
    coveredPod('web'),
    coveredPod('hostnet', UNTARGETED),
    coveredPod('front', { ...UNTARGETED, namespace: 'mesh-front' }),
    coveredPod('back', { namespace: 'mesh-front', state: 'failed', reason: 'Its network is not there.' }),
    coveredPod('side', { ...UNTARGETED, namespace: 'mesh-front' }),
    coveredPod('worker', { namespace: 'kubeshark', state: 'untargeted', reason: 'Never captured.' }),
  ]),
]);
const why = (condition: string, restricted = false) =>
  whyNotCaptured(namedPods([condition])!, coverage, restricted);

test.each([
  ['src.pod.name == "web"', { namespaces: [], pods: ['web'] }],
  ['(src.pod.namespace=="a" || dst.namespace == "a")', { namespaces: ['a'], pods: [] }],
  [
    '(src.pod.name == "web" && src.namespace == "a") || (dst.pod.name == "web" && dst.namespace == "a")',
    { namespaces: ['a'], pods: ['web'] },
  ],
  ['!(src.namespace == "a")', null],
  ['src.namespace != "a"', null],
  ['method == "GET"', null],
])('%s names %j', (condition, expected) => {
  expect(namedPods([condition])).toEqual(expected);
});

test('a pod that the rule does not select is there, and another rule would capture it', () => {
  expect(why('src.pod.name == "hostnet"')).toEqual({
    known: true,
    title: 'Pod hostnet is there, but is not captured',
    reasons: ['The target rule does not select it.'],
    byRule: true,
    find: 'hostnet',
  });
});

test('of a namespace each reason is said with the number of its pods', () => {
  expect(why('dst.namespace == "mesh-front"')).toMatchObject({
    title: 'Namespace mesh-front is there, but is not captured',
    reasons: ['2 pods: The target rule does not select it.', '1 pod: Its network is not there.'],
    find: 'mesh-front',
  });
});

test('no rule captures what is never captured', () => {
  expect(why('src.namespace == "kubeshark"')).toMatchObject({ reasons: ['Never captured.'], byRule: false });
});

test('where one of them is captured nothing is said', () => {
  expect(why('src.namespace == "shop"')).toBeNull();
  expect(why('(src.pod.name == "web" || src.pod.name == "hostnet")')).toBeNull();
});

test('what is not known may be there for who does not see every namespace', () => {
  expect(why('src.namespace == "secret"', true)).toMatchObject({
    known: false,
    title: 'You may not see namespace secret, or it is not there',
    reasons: [],
  });
  expect(why('src.pod.name == "nobody"')).toMatchObject({
    known: false,
    title: 'The hub knows no pod nobody now',
  });
  expect(why('src.namespace == "none"')?.title).toBe('The hub knows no pod of namespace none now');
});
