/** What a hub of a large cluster needs: 20,000 pods on 1,000 nodes, told by an API server in another process. */
import { spawn } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import type { Place } from '@kubeshark/model';
import { formatCount } from '@kubeshark/model';
import { pino } from 'pino';
import { ClusterIdentity } from '../packages/hub/src/cluster/identity.ts';
import { KnownCluster } from '../packages/hub/src/cluster/known-cluster.ts';
import type { Told } from '../packages/hub/src/cluster/testing-api.ts';
import { clusterSettings, FakeApi, kubeConfigOf } from '../packages/hub/src/cluster/testing-api.ts';
import {
  apiNode,
  apiOwned,
  apiService,
  apiSlice,
  ownerReference,
} from '../packages/hub/src/cluster/testing-objects.ts';
import { ClusterWatch } from '../packages/hub/src/cluster/watch.ts';
import { DnsNames } from '../packages/hub/src/ingest/dns-names.ts';
import { HUB_LIMITS } from '../packages/hub/src/settings.ts';

const NODES = 1_000;
const PODS_A_NODE = 20;
const PODS = NODES * PODS_A_NODE;
const PODS_A_WORKLOAD = 10;
const LOOKUPS = 1_000_000;

const address = (pod: number) =>
  `10.${1 + ((pod % NODES) >> 8)}.${(pod % NODES) & 255}.${2 + Math.floor(pod / NODES)}`;

/** As large as pods are: 10 kB, most of which nobody here reads. */
function largePod(number: number): Told {
  const workload = Math.floor(number / PODS_A_WORKLOAD);
  const name = `service-${workload}-6f7d8c9b5d-${number.toString(36).padStart(5, 'x')}`;
  const node = `node-${number % NODES}.internal.example.org`;
  return {
    metadata: {
      uid: `0f7e${String(number).padStart(8, '0')}-a12c-4505-8075-21c4e56846aa`,
      name,
      namespace: `team-${workload % 50}`,
      creationTimestamp: '2026-01-01T00:00:00Z',
      labels: {
        'app.kubernetes.io/name': `service-${workload}`,
        'app.kubernetes.io/part-of': 'shop',
        'pod-template-hash': '6f7d8c9b5d',
        version: `v${workload % 7}`,
      },
      annotations: { 'checksum/config': 'c'.repeat(64) },
      ownerReferences: [ownerReference({ kind: 'ReplicaSet', name: `service-${workload}-6f7d8c9b5d` })],
    },
    managedFields: 'f:'.repeat(3_000),
    spec: {
      nodeName: node,
      containers: [
        {
          image: `registry.example.org/service-${workload}:1`,
          ports: [{ name: 'http', containerPort: 8080 }],
        },
        {
          image: 'registry.example.org/proxy:1',
          ports: [{ name: 'admin', containerPort: 15_000 }],
          env: 'e'.repeat(2_000),
        },
      ],
    },
    status: {
      phase: 'Running',
      podIP: address(number),
      podIPs: [{ ip: address(number) }],
      startTime: '2026-01-01T00:00:02Z',
      conditions: [{ type: 'PodScheduled', status: 'True', lastTransitionTime: '2026-01-01T00:00:01Z' }],
      containerStatuses: [
        { state: { running: { startedAt: '2026-01-01T00:00:04Z' } }, imageID: 'i'.repeat(1_500) },
      ],
    },
  };
}

async function serve(): Promise<void> {
  const api = await FakeApi.start();
  for (let i = 0; i < NODES; i++)
    api.put(
      'nodes',
      apiNode(
        `node-${i}.internal.example.org`,
        `172.16.${i >> 8}.${i & 255}`,
        `10.${1 + (i >> 8)}.${i & 255}.0/24`,
      ),
    );
  for (let i = 0; i < PODS; i++) api.put('pods', largePod(i));
  for (let w = 0; w < PODS / PODS_A_WORKLOAD; w++) {
    const namespace = `team-${w % 50}`;
    const name = `service-${w}`;
    api.put('replicasets', apiOwned(`${name}-6f7d8c9b5d`, { kind: 'Deployment', name }, namespace));
    api.put('services', apiService(name, `10.96.${w >> 8}.${w & 255}`, namespace));
    const behind = Array.from({ length: PODS_A_WORKLOAD }, (_, i) => address(w * PODS_A_WORKLOAD + i));
    api.put('endpointslices', apiSlice(name, name, behind, namespace));
  }
  process.send?.(api.port);
  let round = 0;
  process.on('message', () => {
    // Every hundredth pod is ready again: an event each, of which nothing that is kept has changed.
    round++;
    for (let i = 0; i < PODS; i += 100) api.put('pods', { ...largePod(i), round });
  });
}

function collect(): void {
  setFlagsFromString('--expose-gc');
  (runInNewContext('gc') as () => void)();
}

function memory() {
  collect();
  const { rss, heapUsed } = process.memoryUsage();
  return { rss: rss / 1e6, heap: heapUsed / 1e6 };
}

async function measure(): Promise<void> {
  const server = spawn(
    process.execPath,
    ['--disable-warning=ExperimentalWarning', fileURLToPath(import.meta.url), 'serve'],
    {
      stdio: ['ignore', 'inherit', 'inherit', 'ipc'],
    },
  );
  const port = await new Promise<number>((resolve) =>
    server.once('message', (port) => resolve(port as number)),
  );
  const before = memory();
  const cpuBefore = process.cpuUsage();
  const known = new KnownCluster();
  const identity = new ClusterIdentity(known, new DnsNames(1), HUB_LIMITS, 'kubeshark');
  const began = performance.now();
  const settings = clusterSettings(kubeConfigOf(port));
  const watch = new ClusterWatch(settings, known, HUB_LIMITS, pino({ level: 'silent' }));
  let most = 0;
  let pause = 0;
  for (let last = performance.now(); !known.complete; ) {
    await new Promise((resolve) => setTimeout(resolve, 1));
    pause = Math.max(pause, performance.now() - last);
    last = performance.now();
    most = Math.max(most, process.memoryUsage.rss() / 1e6);
  }
  const seconds = (performance.now() - began) / 1_000;
  const cpu = process.cpuUsage(cpuBefore);
  const after = memory();
  console.log(
    `${formatCount(known.pods.size)} pods, ${formatCount(known.nodes.size)} nodes, ${formatCount(known.services.size)} services`,
  );
  console.log(
    `listed in ${seconds.toFixed(1)} s with ${((cpu.user + cpu.system) / 1e6).toFixed(1)} s of CPU and ${watch.api.asked} requests, longest pause ${pause.toFixed(0)} ms`,
  );
  console.log(
    `memory: ${(after.heap - before.heap).toFixed(0)} MB of heap, resident ${before.rss.toFixed(0)} → ${after.rss.toFixed(0)} MB, at most ${most.toFixed(0)} MB while listing`,
  );

  const place: Place = { worker: 'node-0', interface: 'eth0', source: 'af_packet', addresses: [] };
  const time = Date.now() * 1_000;
  const ask = (what: string, ip: (i: number) => string, port: number) => {
    const addresses = Array.from({ length: 20_000 }, (_, i) => ip(i));
    const start = process.cpuUsage();
    for (let i = 0; i < LOOKUPS; i++) identity.identify(addresses[(i * 7_919) % 20_000]!, port, time, place);
    console.log(`${what}: ${((process.cpuUsage(start).user / LOOKUPS) * 1e3).toFixed(0)} ns`);
  };
  ask('who a pod’s address is', address, 8080);
  ask('who a pod’s address is, of two hundred', (i) => address(i % 200), 8080);
  ask('who a service’s address is', (i) => `10.96.${(i % 2_000) >> 8}.${(i % 2_000) & 255}`, 80);
  ask('who an address of elsewhere is', (i) => `198.51.${i >> 8}.${i & 255}`, 443);

  const events = watch.counters.events;
  const eventCpu = process.cpuUsage();
  server.send('again');
  while (watch.counters.events - events < PODS / 100) await new Promise((resolve) => setTimeout(resolve, 5));
  const used = process.cpuUsage(eventCpu);
  console.log(`an event: ${((used.user + used.system) / (PODS / 100)).toFixed(0)} µs of CPU`);
  watch.close();
  server.kill();
}

await (process.argv[2] === 'serve' ? serve() : measure());
