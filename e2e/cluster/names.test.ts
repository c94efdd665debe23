// What the watch makes of a real cluster: a pod that comes and goes, its service, its node; and of one namespace alone.
import { AppsV1Api, CoreV1Api, KubeConfig } from '@kubernetes/client-node';
import type { Place } from '@kubeshark/model';
import { pino } from 'pino';
import { afterAll, beforeAll, describe, expect, onTestFinished, test } from 'vitest';
import { ClusterIdentity } from '../../packages/hub/src/cluster/identity.ts';
import { KnownCluster } from '../../packages/hub/src/cluster/known-cluster.ts';
import { clusterSettings } from '../../packages/hub/src/cluster/testing-api.ts';
import { ClusterWatch } from '../../packages/hub/src/cluster/watch.ts';
import { DnsNames } from '../../packages/hub/src/ingest/dns-names.ts';
import { HUB_LIMITS } from '../../packages/hub/src/settings.ts';
import { cluster, noCluster } from './support.ts';

const TIMEOUT = 60_000;
const HOST: Place = { worker: 'node', interface: 'eth0', source: 'af_packet', addresses: [] };

describe.skipIf(noCluster)('names of a real cluster', () => {
  const kubeConfig = new KubeConfig();
  const namespace = `names-${process.pid}`;
  let core: CoreV1Api;

  beforeAll(async () => {
    kubeConfig.loadFromFile(cluster().kubeconfig);
    core = kubeConfig.makeApiClient(CoreV1Api);
    await core.createNamespace({ body: { metadata: { name: namespace } } });
  });

  afterAll(async () => {
    await core.deleteNamespace({ name: namespace });
  });

  function watching(namespaces: string[] | null = null) {
    const known = new KnownCluster();
    const identity = new ClusterIdentity(known, new DnsNames(100), HUB_LIMITS, 'kubeshark');
    const settings = clusterSettings(kubeConfig, { namespace, namespaces });
    const watch = new ClusterWatch(settings, known, HUB_LIMITS, pino({ level: 'silent' }));
    onTestFinished(() => watch.close());
    const who = (ip: string, port = 0, time = Date.now() * 1_000) =>
      identity.identify(ip, port, time, HOST).identity;
    return { known, watch, who };
  }

  /** A pod and its service. The service's address. */
  async function deployed(name: string): Promise<string> {
    const { registry, tag } = cluster();
    const labels = { app: name };
    await kubeConfig.makeApiClient(AppsV1Api).createNamespacedDeployment({
      namespace,
      body: {
        metadata: { name },
        spec: {
          replicas: 1,
          selector: { matchLabels: labels },
          template: {
            metadata: { labels },
            spec: {
              terminationGracePeriodSeconds: 0,
              containers: [
                {
                  name: 'sleep',
                  image: `${registry}/shop:${tag}`,
                  imagePullPolicy: 'IfNotPresent',
                  command: ['node', '-e', 'setInterval(() => {}, 1e6)'],
                  ports: [{ containerPort: 8080 }],
                },
              ],
            },
          },
        },
      },
    });
    const { spec } = await core.createNamespacedService({
      namespace,
      body: {
        metadata: { name },
        spec: { selector: labels, ports: [{ port: 80, targetPort: 8080 }] },
      },
    });
    return spec!.clusterIP!;
  }

  test('a pod that starts while the hub watches, its service, its node, and when it is gone', async () => {
    const { known, watch, who } = watching();
    await expect.poll(() => known.complete, { timeout: TIMEOUT }).toBe(true);
    expect(known.problem).toBe('');
    // A list and a watch for each of the seven kinds.
    await expect.poll(() => watch.api.asked, { timeout: TIMEOUT }).toBe(14);
    const service = await deployed('cart');
    const mine = () => [...known.pods.values()].filter((pod) => pod.namespace === namespace);
    await expect
      .poll(() => mine()[0]?.addresses.length, { timeout: TIMEOUT, interval: 5 })
      .toBeGreaterThan(0);
    const [pod] = mine();
    const [address] = pod!.addresses;
    const told = Date.now() * 1_000;
    await expect.poll(() => who(address!, 8080).service, { timeout: TIMEOUT }).toBe('cart');
    expect(who(address!, 8080)).toEqual({
      name: pod!.name,
      pod: pod!.name,
      podUid: pod!.uid,
      namespace,
      labels: { app: 'cart', 'pod-template-hash': expect.any(String) },
      service: 'cart',
      workload: 'cart',
      workloadKind: 'Deployment',
      node: pod!.node,
    });
    // Its first packets may come before the watch has told of it.
    expect(who(address!, 8080, told - 1_000_000).pod).toBe(pod!.name);
    expect(who(service, 80)).toEqual({ name: 'cart', service: 'cart', namespace });
    const node = known.nodes.get(pod!.node)!;
    expect(who(node.addresses[0]!, 45_000)).toEqual({ name: pod!.node, node: pod!.node });
    const server = known.services.get('default/kubernetes')!;
    expect(who(server.addresses[0]!, 443)).toMatchObject({ service: 'kubernetes', namespace: 'default' });

    await core.deleteNamespacedPod({ namespace, name: pod!.name });
    await expect.poll(() => known.pods.has(pod!.uid), { timeout: TIMEOUT }).toBe(false);
    expect(who(address!, 8080, told).pod).toBe(pod!.name);
    expect(watch.counters).toMatchObject({ lists: 7, watches: 7, failures: 0, unreadable: 0 });
  });

  test('restricted to a namespace nothing of another is known', async () => {
    await deployed('other');
    const { known, watch } = watching([namespace]);
    await expect.poll(() => known.complete, { timeout: TIMEOUT }).toBe(true);
    await expect.poll(() => known.pods.size, { timeout: TIMEOUT }).toBeGreaterThan(0);
    expect(new Set([...known.pods.values(), ...known.services.values()].map((one) => one.namespace))).toEqual(
      new Set([namespace]),
    );
    expect([...known.namespaces]).toEqual([namespace]);
    // A list and a watch for each of the six kinds.
    await expect.poll(() => watch.api.asked).toBe(12);
  });
});
