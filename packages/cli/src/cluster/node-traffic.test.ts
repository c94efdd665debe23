// A pod in the node's network that declares no ports makes rows of all that its node sends: it is named, with what to do.
import type { V1Pod } from '@kubernetes/client-node';
import type { TargetRule } from '@kubeshark/model';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { FakeApi } from '../../../hub/src/cluster/testing-api.ts';
import { nodeTrafficInWords } from './node-traffic.ts';
import { selectedPods } from './target-options.ts';

let api: FakeApi;
beforeEach(async () => {
  api = await FakeApi.start();
});
afterEach(() => api.down());

const rule = (change: Partial<TargetRule> = {}): TargetRule => ({
  namespaces: [],
  excludeNamespaces: [],
  pods: '',
  selector: '',
  ...change,
});

function put(name: string, spec: Partial<V1Pod['spec']>): void {
  api.put('pods', { metadata: { name, namespace: 'kube-system' }, spec });
}

const ports = [{ containerPort: 9100 }];

test('of the targets those in the node’s network without a port, sidecars counted in', async () => {
  put('agent', { hostNetwork: true, containers: [{ name: 'a' }] });
  put('exporter', { hostNetwork: true, containers: [{ name: 'a' }, { name: 'b', ports }] });
  put('sidecar', {
    hostNetwork: true,
    containers: [{ name: 'a' }],
    initContainers: [{ name: 'b', restartPolicy: 'Always', ports }],
  });
  put('prepared', {
    hostNetwork: true,
    containers: [{ name: 'a' }],
    initContainers: [{ name: 'b', ports }],
  });
  put('plain', { containers: [{ name: 'a' }] });
  const all = await selectedPods(api.kubeConfig, rule(), 'kubeshark');
  expect(all.selected).toHaveLength(5);
  expect(all.nodeTraffic).toEqual(['kube-system/agent', 'kube-system/prepared']);
  const some = await selectedPods(api.kubeConfig, rule({ pods: 'plain|exporter' }), 'kubeshark');
  expect(some.nodeTraffic).toEqual([]);
});

test('one pod, out of all namespaces', () => {
  expect(nodeTrafficInWords(['kube-system/agent'], rule())).toEqual([
    'kube-system/agent is in its node’s own network and declares no ports: its requests look like the node’s, so everything that the node itself sends and receives is captured, as rows without a pod',
    'without it: declare the ports of the containers, choose fewer pods (a pattern, -n, -l), or --exclude-namespace kube-system',
  ]);
});

test('many are counted; a namespace that was asked for by name is not one to exclude', () => {
  const pods = ['a/1', 'b/2', 'c/3', 'a/4', 'a/5'];
  const [what, todo] = nodeTrafficInWords(pods, rule({ namespaces: ['a', 'b', 'c'] }));
  expect(what).toMatch(/^a\/1, b\/2, c\/3 and 2 more are in their nodes’ own network and declare no ports: /);
  expect(todo).not.toContain('--exclude-namespace');
  expect(nodeTrafficInWords(pods, rule())[1]).toMatch(
    / or --exclude-namespace a --exclude-namespace b --exclude-namespace c$/,
  );
});
