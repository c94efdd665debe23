/**
 * `npm run bench`: the figures that are promised, one after another on an otherwise idle machine. `npm run bench -- live store`
 * runs some of them. What they showed last is in docs/benchmarks.md.
 */
import { spawnSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';

const BENCHMARKS: Record<string, { shows: string; script: string }> = {
  file: {
    shows: 'a file of 760,000 HTTP calls into batches, against tshark and Suricata',
    script: 'http-file.ts',
  },
  dissector: { shows: 'CPU of one packet in the core', script: 'dissector.ts' },
  live: { shows: 'live capture at 10,000 calls a second', script: 'live.ts' },
  answer: { shows: 'the first answers of 5 MB between two pods: packets dropped', script: 'first-answer.ts' },
  row: { shows: 'wire to row in a browser, at rest and at 5,000 entries a second', script: 'wire-to-row.ts' },
  store: { shows: 'a million rows in the store: appending and asking', script: 'store.ts' },
  kfl: { shows: 'filters evaluated a second', script: 'kfl.ts' },
  cluster: { shows: 'knowing a cluster of 20,000 pods: time, memory, names', script: 'cluster.ts' },
  'cluster-load': {
    shows: 'a real cluster at 2,000 calls a second: cost, added latency, nothing lost',
    script: 'cluster-load.ts',
  },
  'api-requests': {
    shows: 'what hub and workers ask of an API server in ten idle minutes',
    script: 'api-requests.ts',
  },
  'thousand-workers': {
    shows: 'one hub of a thousand workers: welcome, cost, where it is full, a restart',
    script: 'thousand-workers.ts',
  },
  memory: { shows: 'memory idle and during ten minutes of load', script: 'memory.ts' },
};

const asked = process.argv.slice(2);
const unknown = asked.filter((name) => !(name in BENCHMARKS));
if (unknown.length > 0) {
  console.error(`there is no benchmark ${unknown.join(', ')}. There are:`);
  for (const [name, { shows }] of Object.entries(BENCHMARKS)) console.error(`  ${name.padEnd(16)} ${shows}`);
  process.exit(2);
}
let failed = 0;
for (const [name, { shows, script }] of Object.entries(BENCHMARKS)) {
  if (asked.length > 0 && !asked.includes(name)) continue;
  console.log(`\n${name}: ${shows}`);
  const path = fileURLToPath(new URL(script, import.meta.url));
  const { status } = spawnSync(process.execPath, ['--disable-warning=ExperimentalWarning', path], {
    stdio: 'inherit',
  });
  if (status !== 0) failed++;
}
process.exit(failed === 0 ? 0 : 1);
