/** HTTP/1.1 calls at a steady rate: wrk asks, nginx answers, both from Debian's packages, on loopback. */
import type { ChildProcess } from 'node:child_process';
import { spawn } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { Nginx } from '../e2e/support/nginx.ts';
import { freePort } from '../packages/cli/src/hub-options.ts';

const CONNECTIONS = 200;
const ANSWER_BYTES = 600;

export class SteadyLoad {
  readonly port: number;
  readonly path = '/item.json';
  private readonly nginx: Nginx;
  private wrk: ChildProcess | null = null;

  private constructor(nginx: Nginx, port: number) {
    this.nginx = nginx;
    this.port = port;
  }

  /** nginx runs from here on. */
  static async prepare(): Promise<SteadyLoad> {
    const port = await freePort();
    const nginx = await Nginx.start(`127.0.0.1:${port}`, 'default_type application/json;');
    const load = new SteadyLoad(nginx, port);
    writeFileSync(join(nginx.folder, load.path), JSON.stringify({ text: 'x'.repeat(ANSWER_BYTES) }));
    return load;
  }

  /** Calls answered. Each connection waits between its calls: that makes the rate, as long as answers are quick. */
  async run(rate: number, seconds: number): Promise<number> {
    const script = join(this.nginx.folder, 'rate.lua');
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
    await this.nginx.stop();
  }
}
