/**
 * Memory of worker, hub and store: idle, and every minute of a load.
 *   node bench/memory.ts [RATE] [MINUTES]
 */
import { setTimeout as sleep } from 'node:timers/promises';
import { LocalHub } from '../e2e/support/local-hub.ts';
import { residentBytes } from '../e2e/support/process-usage.ts';
import { SteadyLoad } from './steady-load.ts';

const RATE = Number(process.argv[2] ?? 1_000);
const MINUTES = Number(process.argv[3] ?? 10);
const IDLE_MS = 10_000;

const load = await SteadyLoad.prepare();
const hub = await LocalHub.start();
await hub.worker(['-i', 'lo', '--capture-filter', `tcp port ${load.port}`]);

function say(when: string): void {
  const sizes = Object.entries(hub.pids()).map(
    ([name, pid]) =>
      `${name} ${Math.round(residentBytes(pid) / 1e6)
        .toString()
        .padStart(4)} MB`,
  );
  console.log(`${when.padEnd(24)} ${sizes.join('   ')}`);
}

try {
  await sleep(IDLE_MS);
  say('idle');
  const running = load.run(RATE, MINUTES * 60);
  for (let minute = 1; minute <= MINUTES; minute++) {
    await sleep(60_000);
    say(`${minute} min of ${RATE}/s`);
  }
  const asked = await running;
  const { entries, store } = await hub.status();
  console.log(`${asked} calls answered, ${entries} entries kept in ${Math.round(store.bytes / 1e6)} MB`);
} finally {
  await hub.stop();
  await load.close();
}
