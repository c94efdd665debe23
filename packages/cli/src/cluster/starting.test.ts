// Why hub and workers do not come is said in words.
import { expect, test } from 'vitest';
import type { HubWay } from './page.ts';
import type { Rollout } from './rollout.ts';
import { workersConnected } from './starting.ts';
import type { Steps } from './steps.ts';

test('a hub of another version, whose answer is not understood, is said as that', async () => {
  const steps = {
    run: async (_doing: string, work: (say: () => void) => Promise<unknown>) => work(() => {}),
  };
  const way = { ask: async () => ({ entries: 1 }) } as unknown as HubWay;
  const rollout = { look: async () => ({}) } as unknown as Rollout;
  const { signal } = new AbortController();
  await expect(workersConnected(steps as unknown as Steps, way, rollout, signal)).rejects.toThrow(
    /^the hub's answer is not understood: is its image of this version, .*--image-tag/,
  );
});
