/** HTTP calls to a server over a few connections, some 300 a second, until told to stop; each is measured. */
import http from 'node:http';
import { setTimeout as sleep } from 'node:timers/promises';
import type { CountingServer } from './counting-server.ts';

const CONNECTIONS = 4;
const PAUSE_MS = 10;

export class SteadyCalls {
  calls = 0;
  private took: number[] = [];
  private readonly agent = new http.Agent({ keepAlive: true, maxSockets: CONNECTIONS });
  private going = true;
  private readonly done: Promise<unknown>;

  constructor(server: CountingServer) {
    this.done = Promise.all(Array.from({ length: CONNECTIONS }, () => this.run(server)));
  }

  async stop(): Promise<void> {
    this.going = false;
    await this.done;
    this.agent.destroy();
  }

  /** 99th percentile in ms of the calls since the last time it was asked for. */
  p99(): number {
    const took = this.took.toSorted((a, b) => a - b);
    this.took = [];
    return took[Math.floor(took.length * 0.99)]!;
  }

  private async run(server: CountingServer): Promise<void> {
    while (this.going) {
      const begun = performance.now();
      await server.ask(`/call/${this.calls++}`, this.agent);
      this.took.push(performance.now() - begun);
      await sleep(PAUSE_MS);
    }
  }
}
