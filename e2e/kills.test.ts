// Hub, store and worker killed with SIGKILL at random moments under load: what was acknowledged is there, once, and a viewer
// that was connected all the time has no hole and no double.
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import http from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Page } from '@kubeshark/model';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { freePort } from '../packages/cli/src/hub-options.ts';
import { until } from './support/command.ts';
import { isRoot } from './support/network.ts';
import { childrenOf, Service } from './support/processes.ts';
import { Relay } from './support/relay.ts';
import { Viewer } from './support/viewer.ts';

const KILLS = Number(process.env['KUBESHARK_KILLS'] ?? 20);
const TOKEN = 'user-token-of-a-test';

let folder: string;
let hub: Service;
let worker: Service;
let relay: Relay;
let viewer: Viewer;
let server: http.Server;
let url: string;
let loading = true;
let calls = 0;

beforeAll(async () => {
  if (!isRoot) return;
  folder = mkdtempSync(join(tmpdir(), 'kubeshark-kills-'));
  const tokens = { user: join(folder, 'user'), worker: join(folder, 'worker') };
  writeFileSync(tokens.user, TOKEN);
  writeFileSync(tokens.worker, 'worker-token-of-a-test');
  server = http.createServer((request, response) => response.end(`answer to ${request.url}`));
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as { port: number };
  const hubPort = await freePort();
  url = `http://127.0.0.1:${hubPort}`;
  const kept = ['--data', join(folder, 'data'), '--token-file', tokens.user];
  hub = new Service(['hub', '--port', String(hubPort), ...kept, '--worker-token-file', tokens.worker]);
  await until(
    'the hub is ready',
    async () => (await fetch(`${url}/readyz`).catch(() => null))?.status === 200,
  );
  viewer = new Viewer(url, TOKEN);
  await until('the viewer is connected', () => viewer.connections === 1);
  relay = await Relay.open(url);
  const captured = ['-i', 'lo', '--capture-filter', `tcp port ${port}`];
  worker = new Service(['worker', ...captured, '--hub', relay.url, '--token-file', tokens.worker]);
  void load(port);
});

afterAll(async () => {
  if (!isRoot) return;
  loading = false;
  viewer.close();
  await worker.stop();
  await hub.stop();
  await relay.close();
  server.closeAllConnections();
  server.close();
  rmSync(folder, { recursive: true, force: true });
});

/** Some hundred calls a second over a few connections, until told to stop. */
async function load(port: number): Promise<void> {
  const agent = new http.Agent({ keepAlive: true, maxSockets: 4 });
  const call = () =>
    new Promise<void>((resolve) => {
      http
        .get({ port, host: '127.0.0.1', path: `/call/${calls++}`, agent }, (response) => {
          response.resume();
          response.on('end', resolve);
        })
        .on('error', () => resolve());
    });
  while (loading) {
    await Promise.all(Array.from({ length: 8 }, call));
    await sleep(10);
  }
  agent.destroy();
}

/** Ids in the store, one for each time an id comes in a page. */
async function storedIds(): Promise<string[]> {
  const ids: string[] = [];
  for (let cursor: string | null = ''; cursor !== null; ) {
    const query: URLSearchParams = new URLSearchParams({ flows: 'true', limit: '5000' });
    if (cursor !== '') query.set('cursor', cursor);
    const response: Response = await fetch(`${url}/api/v1/entries?${query}`, {
      headers: { authorization: `Bearer ${TOKEN}` },
    });
    expect(response.status).toBe(200);
    const page = (await response.json()) as Page;
    ids.push(...page.rows.filter((row) => row.state === 'closed').map((row) => row.id));
    cursor = page.older;
  }
  return ids;
}

/** Waits until so many are acknowledged; says what both processes said when they are not. */
async function storing(what: string, count: number): Promise<void> {
  await until(what, () => relay.acknowledgedIds().length > count, 60_000).catch((error: unknown) => {
    const ends = [hub, worker].map(({ child, output }) => `${child.exitCode ?? 'runs'}\n${output}`);
    throw new Error(`${String(error)}\nhub: ${ends[0]}\nworker: ${ends[1]}`);
  });
}

const victims = ['hub', 'store', 'worker'] as const;

test.skipIf(!isRoot)(
  `${KILLS} kills under load`,
  async () => {
    await storing('the first entries are stored', 100);
    for (let kill = 0; kill < KILLS; kill++) {
      await sleep(200 + Math.random() * 1_300);
      const victim = victims[kill % victims.length]!;
      if (victim === 'store') {
        const [store] = childrenOf(hub.child.pid!, 'store/child');
        if (store !== undefined) process.kill(store, 'SIGKILL');
        continue;
      }
      const service = victim === 'hub' ? hub : worker;
      await service.kill();
      service.start();
    }
    await storing('entries are stored again', relay.acknowledgedIds().length + 200);
    loading = false;
    // Everything that the living worker holds gets to the store, and a killed worker's open rows are let be.
    let last = -1;
    await until(
      'all is stored',
      async () => {
        await sleep(1_500);
        const now = relay.acknowledgedIds().length;
        const settled = now === last;
        last = now;
        return settled;
      },
      60_000,
    );
    const acknowledged = new Set(relay.acknowledgedIds());
    const stored = await storedIds();
    const unique = new Set(stored);
    console.log(
      `${KILLS} kills, ${hub.starts} hubs, ${worker.starts} workers, ${calls} calls, ${acknowledged.size} acknowledged, ${stored.length} stored, ${viewer.connections} connections of the viewer`,
    );
    expect(stored.length - unique.size, 'ids that are there twice').toBe(0);
    expect([...acknowledged].filter((id) => !unique.has(id))).toEqual([]);
    await until(
      'the viewer is there again',
      () => [...unique].every((id) => viewer.rows.get(id) !== undefined),
      40_000,
    ).catch(() => {});
    const seen = viewer.closedIds();
    expect([...unique].filter((id) => !seen.has(id))).toEqual([]);
    // Shown live and lost with a worker that was killed before its hub could store them: of no other worker's.
    const living = [...relay.boots.keys()].at(-1)!;
    expect([...seen].filter((id) => !unique.has(id) && id.startsWith(`${living}.`))).toEqual([]);
    expect(viewer.problems).toEqual([]);
    const places = Array.from({ length: viewer.rows.size }, (_, i) => viewer.rows.at(i)!.seq);
    expect(places).toEqual([...new Set(places)].toSorted((a, b) => a - b));
    // Once when it began, once when it was connected: never again, whatever was killed.
    expect(viewer.resets).toBe(2);
    expect(viewer.connections).toBeGreaterThan(1);
  },
  240_000,
);
