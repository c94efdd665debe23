// Starts of workers that a hub knows are bounded and each worker is shown once; what those that are gone have counted stays in the sums.
import { expect, test } from 'vitest';
import { IngestHub, RawWorker } from './testing-hub.ts';

const SOON = { timeout: 15_000, interval: 5 };

async function joined(hub: IngestHub, boot: string, more: object = {}): Promise<RawWorker> {
  const raw = await RawWorker.connect(hub.port);
  raw.hello(boot, more);
  await expect.poll(() => raw.of('welcome').length + raw.of('refused').length, SOON).toBe(1);
  return raw;
}

/** What `boot` says that it has counted, once the hub has heard it. */
async function reports(hub: IngestHub, raw: RawWorker, boot: string, packets: number): Promise<void> {
  const status = {
    capturing: [{ interface: 'eth0', packets, bytes: 0, dropped: 1 }],
    gone: { packets: 1_000, bytes: 0, dropped: 10 },
    flows: 0,
    spoolBytes: 0,
    memoryBytes: 0,
    counters: { gaps: 2 },
  };
  raw.tell({ type: 'status', status });
  await expect.poll(() => hub.workers.boots.get(boot)?.status, SOON).not.toBeNull();
}

test('the longest gone is forgotten for a newcomer; living ones are not', async () => {
  const hub = await IngestHub.start({ limits: { boots: 2, abandonMs: 50 } });
  const join = (boot: string) => joined(hub, boot);
  const first = await join('workerboot1');
  await join('workerboot2');
  const early = await join('workerboot3');
  expect(early.of('refused')).toEqual([
    { type: 'refused', reason: 'too many workers have started within a short time', fatal: false },
  ]);
  first.socket.close();
  await expect.poll(() => hub.workers.boots.get('workerboot1')?.over, SOON).toBe(true);
  expect((await join('workerboot3')).of('welcome')).toHaveLength(1);
  expect([...hub.workers.boots.keys()]).toEqual(['workerboot2', 'workerboot3']);
  expect(hub.workers.caps.boots).toBe(2);
});

test('a worker that starts again is shown once, two that bear one name at once are both shown', async () => {
  const hub = await IngestHub.start();
  const shown = () => hub.workers.live.map(({ boot, session }) => [boot, session !== null]);
  const first = await joined(hub, 'workerboot1');
  await joined(hub, 'workerboot2');
  expect(shown()).toEqual([
    ['workerboot1', true],
    ['workerboot2', true],
  ]);
  first.socket.close();
  await expect.poll(shown, SOON).toEqual([['workerboot2', true]]);
  const other = await joined(hub, 'workerboot3', { worker: 'another' });
  other.socket.close();
  await expect.poll(shown, SOON).toEqual([
    ['workerboot2', true],
    ['workerboot3', false],
  ]);
});

test('sums keep what interfaces and workers that are gone have counted', async () => {
  const hub = await IngestHub.start({ limits: { boots: 1, abandonMs: 20 } });
  const first = await joined(hub, 'workerboot1');
  await reports(hub, first, 'workerboot1', 5);
  first.socket.close();
  await expect.poll(() => hub.workers.boots.get('workerboot1')?.over, SOON).toBe(true);
  const second = await joined(hub, 'workerboot2');
  await reports(hub, second, 'workerboot2', 7);
  const { boots, packets, dropped, counters } = hub.workers;
  expect([[...boots.keys()], packets, dropped]).toEqual([['workerboot2'], 2_012, 22]);
  expect(counters.get('gaps')).toBe(4);
});
