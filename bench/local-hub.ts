/** A hub and a live worker as processes of their own, for benchmarks. */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { HubStatus } from '@kubeshark/model';
import { until } from '../e2e/support/command.ts';
import { childrenOf, Service } from '../e2e/support/processes.ts';
import { freePort } from '../packages/cli/src/hub-options.ts';

const TOKEN = 'user-token-of-a-benchmark';

export class LocalHub {
  readonly hub: Service;
  readonly worker: Service;
  readonly url: string;
  readonly token = TOKEN;
  private readonly folder: string;

  private constructor(hub: Service, worker: Service, url: string, folder: string) {
    this.hub = hub;
    this.worker = worker;
    this.url = url;
    this.folder = folder;
  }

  static async start(options: { captureFilter: string }): Promise<LocalHub> {
    const folder = mkdtempSync(join(tmpdir(), 'kubeshark-bench-hub-'));
    const user = join(folder, 'user');
    const workers = join(folder, 'worker');
    writeFileSync(user, TOKEN);
    writeFileSync(workers, 'worker-token-of-a-benchmark');
    const port = await freePort();
    const url = `http://127.0.0.1:${port}`;
    const kept = ['--data', join(folder, 'data'), '--token-file', user, '--worker-token-file', workers];
    const hub = new Service(['hub', '--port', String(port), ...kept]);
    await until(
      'the hub is ready',
      async () => (await fetch(`${url}/readyz`).catch(() => null))?.ok === true,
    );
    const captured = ['-i', 'lo', '--capture-filter', options.captureFilter];
    const worker = new Service(['worker', ...captured, '--hub', url, '--token-file', workers]);
    const local = new LocalHub(hub, worker, url, folder);
    await until('the worker is connected', async () => (await local.status()).workers[0]?.connected === true);
    return local;
  }

  /** Of its processes, by name. */
  pids(): { worker: number; hub: number; store: number } {
    const hub = this.hub.child.pid!;
    return { worker: this.worker.child.pid!, hub, store: childrenOf(hub, 'store/child')[0]! };
  }

  async status(): Promise<HubStatus> {
    return (await this.ask('/status')) as HubStatus;
  }

  /** Entries that match. */
  async count(filter: string): Promise<number> {
    return ((await this.ask(`/count?filter=${encodeURIComponent(filter)}`)) as { matched: number }).matched;
  }

  async stop(): Promise<void> {
    await this.worker.stop();
    await this.hub.stop();
    rmSync(this.folder, { recursive: true, force: true });
  }

  private async ask(path: string): Promise<unknown> {
    const response = await fetch(`${this.url}/api/v1${path}`, {
      headers: { authorization: `Bearer ${TOKEN}` },
    });
    if (!response.ok) throw new Error(`${path}: ${response.status} ${await response.text()}`);
    return await response.json();
  }
}
