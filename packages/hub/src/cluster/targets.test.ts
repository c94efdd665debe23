// Each node is told the pods of it that the rule selects, once for each change, and not those that are over.
import { TargetRule } from '@kubeshark/model/schemas';
import { expect, test } from 'vitest';
import { Targets } from './targets.ts';
import { TestCluster, testPod } from './testing.ts';

function start(rule: Partial<TargetRule> = {}) {
  const cluster = new TestCluster();
  const told: string[][] = [];
  const targets = new Targets(TargetRule.parse(rule), cluster, 'kubeshark', (nodes) =>
    told.push([...nodes].toSorted()),
  );
  const names = (node: string) => targets.of(node).map(({ name }) => name);
  return { cluster, targets, told, names };
}

test('pods come to the node that they run on, and only nodes with other pods are told', () => {
  const { cluster, targets, told, names } = start();
  cluster.put(testPod('cart'), testPod('pay', { node: 'node-2' }), testPod('waits', { node: '' }));
  targets.update();
  targets.update();
  cluster.put(testPod('waits', { node: 'node-2' }));
  targets.update();
  expect(told).toEqual([['node-1', 'node-2'], ['node-2']]);
  expect([names('node-1'), names('node-2'), names('node-3')]).toEqual([['cart'], ['pay', 'waits'], []]);
});

test('a pod that is over, deleted, or of the product itself is no target', () => {
  const { cluster, targets, told, names } = start();
  cluster.put(
    testPod('job', { phase: 'Succeeded' }),
    testPod('hub', { namespace: 'kubeshark' }),
    testPod('leaving', { phase: 'Terminating' }),
    testPod('gone'),
  );
  targets.update();
  expect(names('node-1')).toEqual(['leaving', 'gone']);
  cluster.pods.delete('uid-gone');
  cluster.pods.delete('uid-leaving');
  targets.update();
  expect([names('node-1'), told]).toEqual([[], [['node-1'], ['node-1']]]);
});

test('a pod with other labels is asked about anew; what a worker is told of it is the same, and is not told again', () => {
  const { cluster, targets, told, names } = start({ selector: 'app=cart' });
  cluster.put(testPod('cart', { labels: { app: 'cart' } }));
  targets.update();
  cluster.put(testPod('cart', { labels: { app: 'cart', version: '2' } }));
  targets.update();
  expect([names('node-1'), told]).toEqual([['cart'], [['node-1']]]);
  cluster.put(testPod('cart', { labels: { app: 'till' } }));
  targets.update();
  expect([names('node-1'), told]).toEqual([[], [['node-1'], ['node-1']]]);
});

test('a pod that starts again under its name, with another UID, is another target', () => {
  const { cluster, targets, told } = start();
  cluster.put(testPod('cart-0', { uid: 'a' }));
  targets.update();
  cluster.pods.delete('a');
  cluster.put(testPod('cart-0', { uid: 'b' }));
  targets.update();
  expect(told).toHaveLength(2);
  expect(targets.of('node-1').map(({ uid }) => uid)).toEqual(['b']);
});

test('another rule selects others at once; one that is wrong changes nothing', () => {
  const { cluster, targets, told, names } = start({ pods: 'cart' });
  cluster.put(testPod('cart'), testPod('pay'));
  targets.update();
  targets.setRule(TargetRule.parse({ pods: 'pay' }));
  expect(names('node-1')).toEqual(['pay']);
  expect(() => targets.setRule(TargetRule.parse({ pods: '(' }))).toThrow('is no regular expression');
  expect([names('node-1'), targets.rule.pods, told.length]).toEqual([['pay'], 'pay', 2]);
});

test('a host-network pod goes with the ports of its containers', () => {
  const { cluster, targets } = start();
  const port = (number: number) => ({ name: '', port: number, hostPort: 0, protocol: 'TCP' });
  cluster.put(testPod('proxy', { hostNetwork: true, ports: [port(9100), port(80), port(80)] }));
  targets.update();
  expect(targets.of('node-1')[0]).toMatchObject({ hostNetwork: true, ports: [80, 9100] });
});

test('a static pod goes with the UID that its kubelet has for it, unless another pod claims the same', () => {
  const staticUid = 'd41d8cd98f00b204e9800998ecf8427e';
  const { cluster, targets } = start({ namespaces: ['kube-system', 'mine'] });
  const etcd = testPod('etcd-node-1', { namespace: 'kube-system', staticUid });
  cluster.put(etcd);
  targets.update();
  expect(targets.of('node-1')).toMatchObject([{ uid: etcd.uid, staticUid }]);
  cluster.put(testPod('liar', { namespace: 'mine', staticUid }));
  targets.update();
  expect(targets.of('node-1').map((pod) => [pod.name, pod.staticUid])).toEqual([
    ['etcd-node-1', undefined],
    ['liar', undefined],
  ]);
});
