/**
 * Live capture on loopback at a steady rate: wrk asks nginx, the worker captures, the hub stores. Prints what it costs and
 * whether a call was lost. Needs root, and nginx and wrk from Debian's packages.
 *   node bench/live.ts [RATE] [SECONDS]
 */
import { spawn, spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { until } from '../e2e/support/command.ts';
import { LocalHub } from './local-hub.ts';
import { cpuSeconds, residentBytes } from './process-usage.ts';

const RATE = Number(process.argv[2] ?? 10_000);
const SECONDS = Number(process.argv[3] ?? 20);
const CONNECTIONS = 100;
const ANSWER_BYTES = 600;

const folder = mkdtempSync(join(tmpdir(), 'kubeshark-bench-'));
const port = 20_000 + Math.floor(Math.random() * 20_000);
mkdirSync(join(folder, 'www'));
writeFileSync(join(folder, 'www/item.json'), JSON.stringify({ text: 'x'.repeat(ANSWER_BYTES) }));
writeFileSync(
  join(folder, 'nginx.conf'),
  `daemon off; master_process off; pid ${folder}/pid; error_log stderr crit;
events { worker_connections 1024; }
http { access_log off; keepalive_requests 1000000; client_body_temp_path ${folder}; proxy_temp_path ${folder};
  fastcgi_temp_path ${folder}; uwsgi_temp_path ${folder}; scgi_temp_path ${folder};
  server { listen 127.0.0.1:${port}; root ${folder}/www; default_type application/json; } }`,
);
// Each connection waits between its calls: so many connections make the rate, however fast an answer is.
const wait = Math.round((CONNECTIONS / RATE) * 1_000);
writeFileSync(
  join(folder, 'rate.lua'),
  `wrk.headers["X-Request-Id"] = "bench"
local n = 0
request = function() n = n + 1; return wrk.format("GET", "/item.json?n=" .. n) end
delay = function() return ${wait} end`,
);

const nginx = spawn('nginx', ['-c', join(folder, 'nginx.conf'), '-p', folder], { stdio: 'ignore' });
const hub = await LocalHub.start({ captureFilter: `tcp port ${port}` });
try {
  await until('nginx answers', async () => (await fetch(`http://127.0.0.1:${port}/item.json`)).ok);
  await sleep(500);
  const pids = { worker: hub.worker.child.pid!, hub: hub.hub.child.pid!, store: hub.storePid() };
  const before = Object.entries(pids).map(([name, pid]) => [name, pid, cpuSeconds(pid)] as const);
  const begun = performance.now();
  const { stdout, status } = spawnSync(
    'wrk',
    ['-t1', `-c${CONNECTIONS}`, `-d${SECONDS}s`, '-s', join(folder, 'rate.lua'), `http://127.0.0.1:${port}`],
    { encoding: 'utf8' },
  );
  if (status !== 0) throw new Error('wrk is not installed, or failed');
  const seconds = (performance.now() - begun) / 1_000;
  const asked = Number(/(\d+) requests in/.exec(stdout)?.[1] ?? 0);
  const filter = `http && dst.port == ${port} && path == "/item.json"`;
  await until('all are there', async () => (await hub.count(filter)) >= asked, 30_000).catch(() => {});
  const found = await hub.count(`${filter} && outcome == "ok"`);
  const { packetsDropped, workers } = await hub.status();
  console.log(
    `${asked} calls answered in ${seconds.toFixed(1)} s (${Math.round(asked / seconds)}/s): ${found} entries, ${Math.max(0, asked - found)} lost, ${packetsDropped} packets dropped by the kernel`,
  );
  for (const [name, pid, cpu] of before) {
    const used = cpuSeconds(pid) - cpu;
    console.log(
      `${name.padEnd(7)} ${((used / asked) * 1e6).toFixed(1).padStart(6)} µs of CPU a call, ${((used / seconds) * 100).toFixed(0).padStart(3)} % of a core, ${Math.round(residentBytes(pid) / 1e6)} MB resident`,
    );
  }
  const caps = Object.entries(workers[0]?.status?.counters ?? {}).filter(
    ([name, n]) => name.startsWith('cap_') && n > 0,
  );
  if (caps.length > 0) console.log(`caps that bit: ${caps.map(([name, n]) => `${name} ${n}`).join(', ')}`);
} finally {
  await hub.stop();
  nginx.kill();
  rmSync(folder, { recursive: true, force: true });
}
