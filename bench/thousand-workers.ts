/**
 * A thousand nodes' workers and one hub: how long it takes to welcome them, what they cost, where the hub is full and what
 * happens then. The API server, the hub and the workers are processes of their own; the protocol is the real one.
 *   node bench/thousand-workers.ts [WORKERS] [SECONDS a rate] [CALLS a second of all, …]
 */
import type { ChildProcess } from 'node:child_process';
import { fork } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { formatCount } from '@kubeshark/model';
import { until } from '../e2e/support/command.ts';
import { cpuSeconds, residentBytes } from '../e2e/support/process-usage.ts';
import { childrenOf } from '../e2e/support/processes.ts';
import { freePort } from '../packages/cli/src/hub-options.ts';
import type { SimulatedState } from './simulated-workers.ts';

const WORKERS = Number(process.argv[2] ?? 1_000);
const SECONDS = Number(process.argv[3] ?? 20);
const RATES = process.argv.length > 4 ? process.argv.slice(4).map(Number) : [0, 1_000, 2_000, 4_000, 8_000];
const RESTART_RATE = 1_000;
/** No address of loopback that a worker takes for its own machine's: there it would not compress. */
const HUB_HOST = '127.0.0.2';
const script = (name: string) => fileURLToPath(new URL(name, import.meta.url));
const started = (name: string, ...args: string[]): ChildProcess =>
  fork(script(name), args, { execArgv: ['--disable-warning=ExperimentalWarning'] });

const folder = mkdtempSync(join(tmpdir(), 'kubeshark-bench-'));
const api = started('simulated-cluster.ts', String(WORKERS));
const apiPort = await new Promise<number>((resolve) =>
  api.once('message', (port) => resolve(port as number)),
);
const port = await freePort();
const url = `http://${HUB_HOST}:${port}`;
let hub = await startHub();

async function startHub(): Promise<ChildProcess> {
  const child = started('cluster-hub.ts', String(apiPort), String(port), folder);
  await until(
    'the hub is ready',
    async () => (await fetch(`${url}/readyz`).catch(() => null))?.ok === true,
    60_000,
  );
  return child;
}

const sim = started('simulated-workers.ts', String(WORKERS), url);
let state: SimulatedState | undefined;
sim.on('message', (told) => {
  state = told as SimulatedState;
});
await until('the workers are made', () => state !== undefined);

async function metric(family: string, name: string): Promise<number> {
  const text = await (await fetch(`${url}/metrics`)).text();
  return Number(new RegExp(`^${family}{name="${name}"} (\\S+)$`, 'm').exec(text)?.[1] ?? Number.NaN);
}

const store = () => childrenOf(hub.pid!, 'store/child')[0]!;
const allConnected = (began: number) =>
  until('all are connected', () => state!.connected === WORKERS, 120_000).then(() =>
    ((performance.now() - began) / 1_000).toFixed(1),
  );
const megabytes = (bytes: number) => `${Math.round(bytes / 1e6)} MB`;

interface Moment {
  at: number;
  hub: number;
  store: number;
  rows: number;
  sim: SimulatedState;
}

async function moment(): Promise<Moment> {
  return {
    at: performance.now(),
    hub: cpuSeconds(hub.pid!),
    store: cpuSeconds(store()),
    rows: await metric('kubeshark_store', 'entries'),
    sim: state!,
  };
}

try {
  sim.send({ open: true });
  console.log(`${formatCount(WORKERS)} workers connected after ${await allConnected(performance.now())} s`);
  for (const rate of RATES) {
    sim.send({ rate });
    await sleep(5_000);
    const before = await moment();
    await sleep(SECONDS * 1_000);
    const after = await moment();
    const seconds = (after.at - before.at) / 1_000;
    const percent = (what: 'hub' | 'store') =>
      `${(((after[what] - before[what]) / seconds) * 100).toFixed(0)} %`;
    const made = (after.sim.calls - before.sim.calls) / seconds;
    const stored = (after.rows - before.rows) / seconds;
    console.log(
      `${formatCount(rate)} calls/s asked: ${formatCount(Math.round(made))} made, ${formatCount(Math.round(stored))} rows/s stored; hub ${percent('hub')}, store ${percent('store')}, simulation ${(((after.sim.cpuSeconds - before.sim.cpuSeconds) / seconds) * 100).toFixed(0)} % of a core; hub ${megabytes(residentBytes(hub.pid!))}, store ${megabytes(residentBytes(store()))}, spools ${megabytes(after.sim.spoolBytes)}; ${formatCount(after.sim.givenUp - before.sim.givenUp)} records given up, ${formatCount(after.sim.bodiesLeftOut - before.sim.bodiesLeftOut)} without bodies; ${state!.connected} connected`,
    );
  }
  sim.send({ rate: 0 });
  const drained = performance.now();
  await until('spools are empty', () => state!.spoolBytes === 0, 120_000);
  console.log(`spools empty ${((performance.now() - drained) / 1_000).toFixed(1)} s after the last call`);

  sim.send({ rate: RESTART_RATE });
  await sleep(5_000);
  hub.kill('SIGKILL');
  await until('none is connected', () => state!.connected === 0, 30_000);
  const killed = performance.now();
  hub = await startHub();
  console.log(`hub killed; ready again after ${((performance.now() - killed) / 1_000).toFixed(1)} s`);
  console.log(`all welcomed ${await allConnected(killed)} s after the kill`);
  sim.send({ rate: 0 });
  await until('spools are empty', () => state!.spoolBytes === 0, 120_000);
  const rows = await metric('kubeshark_store', 'entries');
  console.log(
    `spools empty ${((performance.now() - killed) / 1_000).toFixed(1)} s after the kill; ${formatCount(state!.calls)} calls, ${formatCount(rows)} rows, ${formatCount(state!.givenUp)} records given up`,
  );
} finally {
  for (const child of [sim, hub, api]) child.kill('SIGTERM');
  await Promise.all([sim, hub].map((child) => new Promise((resolve) => child.once('close', resolve))));
  rmSync(folder, { recursive: true, force: true });
}
