/**
 * On a real cluster: a client on one node calls a server on another at a steady rate. What it costs workers and hub, what it
 * adds to the application's latency, and whether a call was lost. The nodes have to be on this machine; it needs root.
 *   node bench/cluster-load.ts [RATE] [SECONDS] [PAIRS of windows without and with workers]
 */

import { execFile } from 'node:child_process';
import { setTimeout as sleep } from 'node:timers/promises';
import { promisify } from 'node:util';
import type { HubStatus } from '@kubeshark/model';
import { formatCount } from '@kubeshark/model';
import { Deployed } from '../e2e/cluster/opened.ts';
import { scriptPod } from '../e2e/cluster/script-pod.ts';
import { clusterUnderTest, Kubectl } from '../e2e/cluster/under-test.ts';
import { until } from '../e2e/support/command.ts';
import { PodUsage } from './pod-usage.ts';

const RATE = Number(process.argv[2] ?? 2_000);
const SECONDS = Number(process.argv[3] ?? 300);
const PAIRS = Number(process.argv[4] ?? 5);
const WINDOW_SECONDS = 10;
const BODY_BYTES = 600;
const NAMESPACE = 'bench-load';
const RELEASE = 'bench-kubeshark';
/** Of client and server each, as a service of that rate would ask for. */
const CPU_REQUEST = '250m';
/** Of the kernel and its threads, after pods came or went. */
const SETTLE_MS = 3_000;

/** What the pods run: JavaScript for Node. */
const SERVER = `
const body = JSON.stringify({ text: 'x'.repeat(${BODY_BYTES - 11}) });
const head = { 'content-type': 'application/json', 'content-length': body.length };
require('node:http').createServer({ keepAliveTimeout: 60_000 }, (request, response) => {
  response.writeHead(200, head).end(body);
}).listen(8080);`;

/** Asks at the rate, each request on a connection that is idle; says how many were answered and in what time. */
const CLIENT = `
const { connect } = require('node:net');
const [host, rate, seconds, window] = process.argv.slice(1);
const WARM_UP_MS = 2_000;
const idle = [];
const waiting = [];
const times = [];
let sent = 0, answered = 0, failed = 0;
function open() {
  const socket = connect({ host, port: 8080, noDelay: true });
  const one = { socket, left: 0, at: 0 };
  socket.on('connect', () => free(one));
  socket.on('error', () => {});
  socket.on('close', () => { if (one.left > 0) failed++; });
  socket.on('data', (data) => {
    if (one.left === 0) {
      const head = data.indexOf('\\r\\n\\r\\n');
      one.left = head + 4 + Number(/content-length: (\\d+)/i.exec(data.latin1Slice(0, head))[1]);
    }
    one.left -= data.length;
    if (one.left > 0) return;
    const now = performance.now();
    answered++;
    if (one.at - began > WARM_UP_MS) times.push(now - one.at);
    free(one);
  });
}
function free(one) {
  if (waiting.length > 0) ask(one, waiting.shift()); else idle.push(one);
}
function ask(one, n) {
  one.at = performance.now();
  one.socket.write('GET /item?w=' + window + '&n=' + n + ' HTTP/1.1\\r\\nHost: server\\r\\nX-Request-Id: ' + window + '-' + n + '\\r\\n\\r\\n');
}
for (let i = 0; i < 50; i++) open();
const began = performance.now();
const timer = setInterval(() => {
  const now = performance.now() - began;
  if (now > seconds * 1_000) {
    clearInterval(timer);
    setTimeout(() => {
      times.sort((a, b) => a - b);
      const at = (part) => Math.round(times[Math.floor(times.length * part)] * 1_000);
      console.log(JSON.stringify({ sent, answered, failed, p50: at(0.5), p99: at(0.99) }));
      process.exit(0);
    }, 1_000);
    return;
  }
  for (const due = now * rate / 1_000; sent < due; sent++)
    if (idle.length > 0) ask(idle.pop(), sent); else waiting.push(sent);
}, 1);`;

interface Window {
  sent: number;
  answered: number;
  failed: number;
  /** µs */
  p50: number;
  p99: number;
}

const cluster = await clusterUnderTest();
if (cluster === null) {
  console.log('No cluster: set TEST_KUBECONFIG.');
  process.exit(0);
}
const kubectl = new Kubectl(cluster);
const nodes = lines('get', 'nodes', '-o', 'name').map((name) => name.slice('node/'.length));

function lines(...args: string[]): string[] {
  return kubectl
    .run(...args)
    .trim()
    .split('\n');
}

const uidsOf = (component: string) =>
  lines(
    '-n',
    RELEASE,
    'get',
    'pods',
    '-l',
    `app.kubernetes.io/component=${component}`,
    '-o',
    'jsonpath={range .items[*]}{.metadata.uid} {.status.phase}{"\\n"}{end}',
  )
    .filter((line) => line.endsWith('Running'))
    .map((line) => line.split(' ')[0]!);
const podsOf = (component: string) => uidsOf(component).map((uid) => new PodUsage(uid));

/** Requests made and answered in a window of its own number. */
async function ask(seconds: number, window: number): Promise<Window> {
  const words = ['-n', NAMESPACE, 'exec', 'client', '--', 'node', '-e', CLIENT];
  const { stdout } = await promisify(execFile)(cluster!.kubectl, [
    '--kubeconfig',
    cluster!.kubeconfig,
    ...words,
    server,
    String(RATE),
    String(seconds),
    String(window),
  ]);
  return JSON.parse(stdout) as Window;
}

/** Takes the workers away, or brings them back. */
async function workers(there: boolean): Promise<void> {
  const selector = { 'kubernetes.io/os': 'linux', 'bench/none': there ? null : 'true' };
  const patch = { spec: { template: { spec: { nodeSelector: selector } } } };
  kubectl.run('-n', RELEASE, 'patch', 'daemonset', 'kubeshark-worker', '-p', JSON.stringify(patch));
  await until(
    there ? 'both pods are captured' : 'the workers are gone',
    async () => {
      const { cluster: state } = await deployed.ask<HubStatus>('/status');
      if (there) return state?.targets === 2 && state.captured === 2;
      return state?.workers === 0 && uidsOf('worker').length === 0;
    },
    60_000,
  );
  await sleep(SETTLE_MS);
}

const ofWindow = (window: number) => `http && target.startsWith("/item?w=${window}&")`;

async function entriesOf(window: number, wanted: number): Promise<number> {
  const count = async () =>
    (await deployed.ask<{ matched: number }>(`/count?filter=${encodeURIComponent(ofWindow(window))}`))
      .matched;
  await until('all are there', async () => (await count()) >= wanted, 30_000).catch(() => {});
  await sleep(SETTLE_MS);
  return await count();
}

const dropped = async () => (await deployed.ask<HubStatus>('/status')).packetsDropped;

const median = (all: number[]) => all.toSorted((a, b) => a - b)[all.length >> 1]!;
const megabytes = (bytes: number) => `${Math.round(bytes / 1e6)} MB`;

kubectl.apply([
  { apiVersion: 'v1', kind: 'Namespace', metadata: { name: NAMESPACE } },
  scriptPod(cluster, {
    name: 'server',
    namespace: NAMESPACE,
    node: nodes.at(-1)!,
    script: SERVER,
    cpu: CPU_REQUEST,
  }),
  scriptPod(cluster, { name: 'client', namespace: NAMESPACE, node: nodes[0]!, cpu: CPU_REQUEST }),
]);
kubectl.run('-n', NAMESPACE, 'wait', '--for=condition=Ready', 'pod/server', 'pod/client', '--timeout=60s');
const server = kubectl.run('-n', NAMESPACE, 'get', 'pod', 'server', '-o', 'jsonpath={.status.podIP}');
const deployed = new Deployed(cluster, RELEASE, '-n', NAMESPACE);
let window = 0;
let wrong = 0;
try {
  await deployed.page();
  console.log(`client on ${nodes[0]}, server on ${nodes.at(-1)}, ${RATE} requests/s`);
  const told = { without: [] as Window[], with: [] as Window[] };
  for (let pair = 0; pair < PAIRS; pair++)
    for (const [kind, there] of [
      ['without', false],
      ['with', true],
    ] as const) {
      await workers(there);
      const droppedBefore = await dropped();
      const made = await ask(WINDOW_SECONDS, ++window);
      told[kind].push(made);
      console.log(
        `  ${kind.padEnd(7)} workers: p50 ${made.p50} µs, p99 ${made.p99} µs, ${made.answered} answered`,
      );
      if (!there) continue;
      const found = await entriesOf(window, made.answered);
      const lost = (await dropped()) - droppedBefore;
      const rows = await deployed.rows(ofWindow(window));
      const both = rows.filter(({ sightings }) => sightings === 2).length;
      if (found !== made.answered || both !== made.answered) {
        wrong++;
        console.log(`  ${found} entries, ${both} of them seen at both ends, ${lost} packets dropped`);
      }
    }
  if (PAIRS > 0) {
    const all = (kind: keyof typeof told, what: 'p50' | 'p99') => median(told[kind].map((one) => one[what]));
    for (const what of ['p50', 'p99'] as const)
      console.log(
        `${what}: ${all('without', what)} µs without workers, ${all('with', what)} µs with: ${all('with', what) - all('without', what)} µs more (medians of ${PAIRS} windows)`,
      );
  }

  await workers(true);
  const parts = { worker: podsOf('worker'), hub: podsOf('hub') };
  const most = { worker: 0, hub: 0 };
  const all = Object.entries(parts) as ['worker' | 'hub', PodUsage[]][];
  const say = (when: string) => {
    const said = all.flatMap(([name, pods]) =>
      pods.map((one) => `${name} ${megabytes(one.residentBytes())} (${megabytes(one.workingSetBytes())})`),
    );
    console.log(`  ${when.padEnd(8)} resident (against the limit): ${said.join('   ')}`);
  };
  const sampling = setInterval(() => {
    for (const [name, pods] of all)
      most[name] = Math.max(most[name], ...pods.map((one) => one.workingSetBytes()));
  }, 1_000);
  const saying = setInterval(() => say(`${Math.round((performance.now() - began) / 1_000)} s`), 60_000);
  say('idle');
  const before = all.flatMap(([, pods]) => pods.flatMap((one) => one.used()));
  const droppedBefore = await dropped();
  const began = performance.now();
  const made = await ask(SECONDS, ++window);
  await sleep(SETTLE_MS);
  clearInterval(saying);
  clearInterval(sampling);
  say('the end');
  const after = all.flatMap(([, pods]) => pods.flatMap((one) => one.used()));
  for (const [i, { name, cpu }] of before.entries()) {
    const perCall = (after[i]!.cpu - cpu) / made.answered;
    console.log(
      `${name.padEnd(18)} ${(perCall * 1e6).toFixed(0)} µs of CPU a call: ${(perCall * 1e5).toFixed(1)} % of a core per 1,000 requests/s`,
    );
  }
  for (const [name, bytes] of Object.entries(most))
    console.log(`${name}: at most ${megabytes(bytes)} against the limit`);
  const found = await entriesOf(window, made.answered);
  const { packetsDropped: droppedNow, workers: states } = await deployed.ask<HubStatus>('/status');
  const packetsDropped = droppedNow - droppedBefore;
  if (found !== made.answered || packetsDropped > 0) wrong++;
  console.log(
    `${formatCount(made.answered)} of ${formatCount(made.sent)} requests answered in ${SECONDS} s: ${formatCount(found)} entries, ${packetsDropped} packets dropped; p50 ${made.p50} µs, p99 ${made.p99} µs`,
  );
  for (const { worker, status } of states) {
    const bitten = Object.entries(status?.counters ?? {}).filter(
      ([name, n]) => name.startsWith('cap_') && n > 0,
    );
    if (bitten.length > 0) console.log(`${worker}: ${bitten.map(([name, n]) => `${name} ${n}`).join(', ')}`);
  }
} finally {
  await deployed.interrupt();
  kubectl.run('delete', 'namespace', NAMESPACE, '--ignore-not-found');
}
process.exit(wrong === 0 ? 0 : 1);
