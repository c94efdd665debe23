// Hub, store and worker killed with SIGKILL at random moments under load: what was acknowledged is there, once, and a viewer
// that was connected all the time has no hole and no double.
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { until } from './support/command.ts';
import { CountingServer } from './support/counting-server.ts';
import { LocalHub } from './support/local-hub.ts';
import { isRoot } from './support/network.ts';
import type { Service } from './support/processes.ts';
import { Relay } from './support/relay.ts';
import { SteadyCalls } from './support/steady-calls.ts';
import { Viewer } from './support/viewer.ts';

const KILLS = Number(process.env['KUBESHARK_KILLS'] ?? 20);

let hub: LocalHub;
let worker: Service;
let relay: Relay;
let viewer: Viewer;
let server: CountingServer;
let load: SteadyCalls;

beforeAll(async () => {
  if (!isRoot) return;
  server = await CountingServer.open();
  hub = await LocalHub.start();
  viewer = new Viewer(hub.url, hub.token);
  await until('the viewer is connected', () => viewer.connections === 1);
  relay = await Relay.open(hub.url);
  worker = await hub.worker(['-i', 'lo', '--capture-filter', `tcp port ${server.port}`], { hub: relay.url });
  load = new SteadyCalls(server);
});

afterAll(async () => {
  if (!isRoot) return;
  await load?.stop();
  viewer?.close();
  await hub?.stop();
  await relay?.close();
  server?.close();
});

/** Ids in the store, one for each time an id comes in a page. */
async function storedIds(): Promise<string[]> {
  const ids: string[] = [];
  for await (const { rows } of hub.pages({ flows: 'true' }))
    ids.push(...rows.filter((row) => row.state === 'closed').map((row) => row.id));
  return ids;
}

/** Waits until so many are acknowledged; says what both processes said when they are not. */
async function storing(what: string, count: number): Promise<void> {
  await until(what, () => relay.acknowledgedIds().length > count, 60_000).catch((error: unknown) => {
    const ends = [hub.service, worker].map(({ child, output }) => `${child.exitCode ?? 'runs'}\n${output}`);
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
        const store = hub.storePid;
        if (store !== undefined) process.kill(store, 'SIGKILL');
        continue;
      }
      const service = victim === 'hub' ? hub.service : worker;
      await service.kill();
      service.start();
    }
    await storing('entries are stored again', relay.acknowledgedIds().length + 200);
    await load.stop();
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
      `${KILLS} kills, ${hub.service.starts} hubs, ${worker.starts} workers, ${load.calls} calls, ${acknowledged.size} acknowledged, ${stored.length} stored, ${viewer.connections} connections of the viewer`,
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
