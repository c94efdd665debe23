// A step that failed and one that Ctrl-C has ended are told apart.
import { setTimeout as sleep } from 'node:timers/promises';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { Steps } from './steps.ts';

let lines: string[];
beforeEach(() => {
  lines = [];
  vi.spyOn(console, 'error').mockImplementation((line: string) => lines.push(line));
});
afterEach(() => vi.restoreAllMocks());

const run = async (work: () => Promise<string>) =>
  await new Steps().run('Starting the hub', work, (what) => what).catch((error: unknown) => error);

test('done, failed', async () => {
  await run(async () => 'the hub is ready');
  expect(await run(() => Promise.reject(new Error('no')))).toEqual(new Error('no'));
  expect(lines).toEqual(['✓ the hub is ready', '✗ Starting the hub']);
});

test.each([
  ['while it waits', (signal: AbortSignal) => sleep(60_000, '', { signal })],
  [
    'between two looks',
    async (signal: AbortSignal) => {
      await sleep(10);
      signal.throwIfAborted();
      return '';
    },
  ],
])('interrupted %s', async (_when, work) => {
  const stopping = new AbortController();
  const done = run(() => work(stopping.signal));
  stopping.abort();
  await done;
  expect(lines).toEqual(['- Starting the hub: interrupted']);
});
