// Time goes on while a pipe is quiet, and then only: not while its reader works, not in the second that a writer may take.
import { PassThrough } from 'node:stream';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { asTheyCome } from './quiet-pipe.ts';

beforeEach(() => {
  vi.useFakeTimers({ toFake: ['setInterval', 'clearInterval', 'setTimeout', 'clearTimeout'] });
});
afterEach(() => {
  vi.useRealTimers();
});

function begin() {
  const pipe = new PassThrough();
  const stop = new AbortController();
  const times = { quietMs: 0 };
  const parts = asTheyCome(pipe, pipe, stop.signal, (ms) => {
    times.quietMs += ms;
  });
  return { pipe, stop, times, parts };
}

test('a quiet pipe: the time behind the first second', async () => {
  const { pipe, times, parts } = begin();
  const next = parts.next();
  await vi.advanceTimersByTimeAsync(1_000);
  expect(times.quietMs).toBe(0);
  await vi.advanceTimersByTimeAsync(4_000);
  expect(times.quietMs).toBe(4_000);
  pipe.write('a');
  expect(String((await next).value)).toBe('a');
});

test('a reader that is busy for a minute, and a part each half second: no time passes', async () => {
  const { pipe, times, parts } = begin();
  pipe.write('a');
  await parts.next();
  await vi.advanceTimersByTimeAsync(60_000);
  for (let i = 0; i < 20; i++) {
    const next = parts.next();
    await vi.advanceTimersByTimeAsync(500);
    pipe.write('b');
    await next;
  }
  expect(times.quietMs).toBe(0);
});

test('stopped: what the writer gives in its last moment is taken, and it ends though the pipe stays open', async () => {
  const { pipe, stop, parts } = begin();
  const first = parts.next();
  stop.abort();
  await vi.advanceTimersByTimeAsync(100);
  pipe.write('last');
  expect(String((await first).value)).toBe('last');
  const end = parts.next();
  await vi.advanceTimersByTimeAsync(1_000);
  expect((await end).done).toBe(true);
  expect(vi.getTimerCount()).toBe(0);
});

test('a pipe that breaks is an error', async () => {
  const { pipe, parts } = begin();
  const next = parts.next();
  pipe.destroy(new Error('EIO'));
  await expect(next).rejects.toThrow('EIO');
});
