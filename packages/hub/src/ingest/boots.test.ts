// Starts of workers that a hub knows are bounded: the longest gone makes room, and while none is gone for good newcomers wait.
import { expect, test } from 'vitest';
import { IngestHub, RawWorker } from './testing-hub.ts';

const SOON = { timeout: 15_000, interval: 5 };

test('the longest gone is forgotten for a newcomer; living ones are not', async () => {
  const hub = await IngestHub.start({ limits: { boots: 2, abandonMs: 50 } });
  const join = async (boot: string) => {
    const raw = await RawWorker.connect(hub.port);
    raw.hello(boot);
    await expect.poll(() => raw.of('welcome').length + raw.of('refused').length, SOON).toBe(1);
    return raw;
  };
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
  expect(hub.workers.bootsCut).toBe(2);
});
