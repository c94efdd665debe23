/** A hub, and workers that dial it, as processes of their own. */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { HubStatus, ListRow, Loss, Page } from '@kubeshark/model';
import { freePort } from '../../packages/cli/src/hub-options.ts';
import { until } from './command.ts';
import { childrenOf, Service, type ServiceOptions } from './processes.ts';

/** On a machine with much else to do a process starts slowly. */
const START_MS = 60_000;

export interface LocalHubOptions extends ServiceOptions {
  /** Where it keeps its entries; a temporary folder when left out. */
  data?: string;
  /** The address at which it is asked; with one of its own it listens at all. */
  host?: string;
  /** Further words of its command line. */
  args?: readonly string[];
}

export interface Account {
  rows: ListRow[];
  losses: Loss[];
  /** Calls that are told as given up. */
  missing: number;
}

export class LocalHub {
  readonly url: string;
  readonly port: number;
  readonly token = 'user-token-of-a-test';
  readonly service: Service;
  readonly workers: Service[] = [];
  private readonly folder = mkdtempSync(join(tmpdir(), 'kubeshark-hub-'));
  private readonly workerToken = join(this.folder, 'worker-token');

  private constructor(port: number, { data, host = '127.0.0.1', args = [], ...options }: LocalHubOptions) {
    this.port = port;
    this.url = `http://${host}:${port}`;
    const userToken = join(this.folder, 'user-token');
    writeFileSync(userToken, this.token);
    writeFileSync(this.workerToken, 'worker-token-of-a-test');
    const tokens = ['--token-file', userToken, '--worker-token-file', this.workerToken];
    const kept = ['--data', data ?? join(this.folder, 'data')];
    const listens = ['--host', host === '127.0.0.1' ? host : '0.0.0.0', '--port', String(port)];
    this.service = new Service(['hub', ...listens, ...kept, ...tokens, ...args], options);
  }

  /** Resolves when it can be asked. */
  static async start(options: LocalHubOptions = {}): Promise<LocalHub> {
    const hub = new LocalHub(await freePort(), options);
    await hub.orStop(hub.ready());
    return hub;
  }

  async ready(): Promise<void> {
    await until(
      'the hub is ready',
      async () => (await fetch(`${this.url}/readyz`).catch(() => null))?.ok === true,
      START_MS,
    );
  }

  /** A live worker; resolves when it is connected. `hub`: the address that it dials. */
  async worker(
    args: readonly string[],
    { hub = this.url, ...options }: ServiceOptions & { hub?: string } = {},
  ): Promise<Service> {
    const dials = ['--hub', hub, '--token-file', this.workerToken];
    const worker = new Service(['worker', ...dials, ...args], options);
    this.workers.push(worker);
    const connected = until(
      'the worker is connected',
      async () => {
        const { workers } = await this.status();
        return workers.filter((one) => one.connected).length === this.workers.length;
      },
      START_MS,
    );
    await this.orStop(connected);
    return worker;
  }

  async ask<T>(path: string): Promise<T> {
    const response = await fetch(`${this.url}/api/v1${path}`, {
      headers: { authorization: `Bearer ${this.token}` },
    });
    if (!response.ok) throw new Error(`${path}: ${response.status} ${await response.text()}`);
    return (await response.json()) as T;
  }

  status(): Promise<HubStatus> {
    return this.ask('/status');
  }

  /** Records that its workers could not keep until it has stored them. */
  async givenUp(): Promise<number> {
    const counters = (await this.status()).workers.map(({ status }) => status?.counters ?? {});
    return counters.reduce((sum, { spool_sampled_out, spool_dropped }) => {
      if (spool_sampled_out === undefined || spool_dropped === undefined) throw new Error('no such counters');
      return sum + spool_sampled_out + spool_dropped;
    }, 0);
  }

  /** Entries that match. */
  async count(filter: string): Promise<number> {
    const { matched } = await this.ask<{ matched: number }>(`/count?filter=${encodeURIComponent(filter)}`);
    return matched;
  }

  /** The whole list, page by page, newest first. */
  async *pages(query: Record<string, string> = {}): AsyncGenerator<Page> {
    for (let cursor: string | null = ''; cursor !== null; ) {
      const place: Record<string, string> = cursor === '' ? {} : { cursor };
      const page: Page = await this.ask(
        `/entries?${new URLSearchParams({ limit: '5000', ...query, ...place })}`,
      );
      yield page;
      cursor = page.older;
    }
  }

  /** What became of `made` HTTP calls, when every one is stored or told as missing, or after a while. */
  async accountOf(made: number): Promise<Account> {
    let account = await this.calls();
    await until(
      'every call is stored or told as missing',
      async () => {
        account = await this.calls();
        return account.rows.length + account.missing >= made;
      },
      20_000,
    ).catch(() => {});
    return account;
  }

  /** HTTP calls so far. */
  async calls(): Promise<Account> {
    const rows: ListRow[] = [];
    const losses = new Map<string, Loss>();
    for await (const page of this.pages()) {
      rows.push(...page.rows.filter((row) => row.protocol === 'http'));
      for (const loss of page.losses) losses.set(JSON.stringify(loss), loss);
    }
    const givenUp = [...losses.values()].filter(({ cause }) => cause === 'sampled' || cause === 'spool_full');
    const missing = givenUp.reduce((sum, { count }) => sum + count, 0);
    return { rows, losses: [...losses.values()], missing };
  }

  /** The process of its store, while there is one. */
  get storePid(): number | undefined {
    return childrenOf(this.service.child.pid!, 'store/child')[0];
  }

  /** Of its processes, by name. */
  pids(): Record<'worker' | 'hub' | 'store', number> {
    return { worker: this.workers[0]!.child.pid!, hub: this.service.child.pid!, store: this.storePid! };
  }

  async stop(): Promise<void> {
    for (const worker of this.workers) await worker.stop();
    await this.service.stop();
    rmSync(this.folder, { recursive: true, force: true });
  }

  /** What fails leaves nothing running. */
  private async orStop(started: Promise<void>): Promise<void> {
    await started.catch(async (error: unknown) => {
      const said = [this.service, ...this.workers].map(({ output }) => output).join('\n');
      await this.stop();
      throw new Error(`${String(error)}\n${said}`);
    });
  }
}
