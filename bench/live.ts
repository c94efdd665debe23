/**
 * Live capture on loopback at a steady rate: what a call costs the worker, the hub and its store, and whether one was lost.
 * Needs root, and nginx and wrk from Debian's packages.
 *   node bench/live.ts [RATE] [SECONDS]
 */
import { setTimeout as sleep } from 'node:timers/promises';
import { until } from '../e2e/support/command.ts';
import { LocalHub } from '../e2e/support/local-hub.ts';
import { cpuSeconds, residentBytes } from '../e2e/support/process-usage.ts';
import { SteadyLoad } from './steady-load.ts';

const RATE = Number(process.argv[2] ?? 10_000);
const SECONDS = Number(process.argv[3] ?? 20);

const load = await SteadyLoad.prepare();
const hub = await LocalHub.start();
await hub.worker(['-i', 'lo', '--capture-filter', `tcp port ${load.port}`]);
try {
  await sleep(500);
  const before = Object.entries(hub.pids()).map(([name, pid]) => ({ name, pid, cpu: cpuSeconds(pid) }));
  const begun = performance.now();
  const asked = await load.run(RATE, SECONDS);
  const seconds = (performance.now() - begun) / 1_000;
  const filter = `http && dst.port == ${load.port} && path == "${load.path}"`;
  await until('all are there', async () => (await hub.count(filter)) >= asked, 30_000).catch(() => {});
  const used = before.map(({ name, pid, cpu }) => ({ name, pid, cpu: cpuSeconds(pid) - cpu }));
  const found = await hub.count(`${filter} && outcome == "ok"`);
  const { packetsDropped, workers } = await hub.status();
  console.log(
    `${asked} calls answered in ${seconds.toFixed(1)} s (${Math.round(asked / seconds)}/s): ${found} entries, ${Math.max(0, asked - found)} lost, ${packetsDropped} packets dropped by the kernel`,
  );
  for (const { name, pid, cpu } of used)
    console.log(
      `${name.padEnd(7)} ${((cpu / asked) * 1e6).toFixed(1).padStart(6)} µs of CPU a call, ${((cpu / seconds) * 100).toFixed(0).padStart(3)} % of a core, ${Math.round(residentBytes(pid) / 1e6)} MB resident`,
    );
  const caps = Object.entries(workers[0]?.status?.counters ?? {}).filter(
    ([name, n]) => (name.startsWith('cap_') || name.startsWith('records')) && n > 0,
  );
  if (caps.length > 0) console.log(`caps that bit: ${caps.map(([name, n]) => `${name} ${n}`).join(', ')}`);
} finally {
  await hub.stop();
  await load.close();
}
