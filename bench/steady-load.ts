/** HTTP/1.1 calls at a steady rate: wrk asks, nginx answers, both from Debian's packages, on loopback. */
import type { ChildProcess } from 'node:child_process';
import { spawn } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { until } from '../e2e/support/command.ts';
import { freePort } from '../packages/cli/src/hub-options.ts';

const CONNECTIONS = 200;
const ANSWER_BYTES = 600;

export class SteadyLoad {
  readonly port: number;
  readonly path = '/item.json';
  private readonly folder: string;
  private readonly nginx: ChildProcess;
  private wrk: ChildProcess | null = null;

  private constructor(folder: string, port: number) {
    this.folder = folder;
    this.port = port;
    this.nginx = spawn('nginx', ['-c', join(folder, 'nginx.conf'), '-p', folder], { stdio: 'ignore' });
  }

  /** nginx runs from here on. */
  static async prepare(): Promise<SteadyLoad> {
    const folder = mkdtempSync(join(tmpdir(), 'kubeshark-bench-load-'));
    const port = await freePort();
    mkdirSync(join(folder, 'www'));
    writeFileSync(join(folder, 'www/item.json'), JSON.stringify({ text: 'x'.repeat(ANSWER_BYTES) }));
    writeFileSync(
      join(folder, 'nginx.conf'),
      `daemon off; master_process off; pid ${folder}/pid; error_log stderr crit;
events { worker_connections 1024; }
http { access_log off; keepalive_requests 1000000000; open_file_cache max=10; client_body_temp_path ${folder};
  proxy_temp_path ${folder}; fastcgi_temp_path ${folder}; uwsgi_temp_path ${folder}; scgi_temp_path ${folder};
  server { listen 127.0.0.1:${port}; root ${folder}/www; default_type application/json; } }`,
    );
    const load = new SteadyLoad(folder, port);
    const url = `http://127.0.0.1:${port}${load.path}`;
    await until('nginx answers', async () => (await fetch(url).catch(() => null))?.ok === true);
    return load;
  }

  /** Calls answered. Each connection waits between its calls: that makes the rate, as long as answers are quick. */
  async run(rate: number, seconds: number): Promise<number> {
    const script = join(this.folder, 'rate.lua');
    writeFileSync(
      script,
      `wrk.headers["X-Request-Id"] = "bench"
local n = 0
request = function() n = n + 1; return wrk.format("GET", "${this.path}?n=" .. n) end
delay = function() return ${Math.max(1, Math.round((CONNECTIONS / rate) * 1_000) - 1)} end`,
    );
    const url = `http://127.0.0.1:${this.port}`;
    const wrk = spawn('wrk', ['-t1', `-c${CONNECTIONS}`, `-d${seconds}s`, '-s', script, url], {
      stdio: ['ignore', 'pipe', 'ignore'],
    });
    this.wrk = wrk;
    let said = '';
    wrk.stdout.on('data', (part: Buffer) => {
      said += String(part);
    });
    await new Promise((resolve) => wrk.on('close', resolve));
    return Number(/(\d+) requests in/.exec(said)?.[1] ?? 0);
  }

  stop(): void {
    this.wrk?.kill('SIGINT');
  }

  async close(): Promise<void> {
    const ended = new Promise((resolve) => this.nginx.once('close', resolve));
    this.nginx.kill();
    await ended;
    rmSync(this.folder, { recursive: true, force: true });
  }
}
