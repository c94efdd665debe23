// Commits are due after the hold time by the hub's clock, and at once when that clock is set back; what cannot be stored is tried again.
import { setTimeout as sleep } from 'node:timers/promises';
import { expect, test } from 'vitest';
import { HUB_LIMITS } from '../settings.ts';
import type { Commit, Store } from '../store/store.ts';
import { StoreUnavailable } from '../store/store.ts';
import { Committer } from './committer.ts';
import { Sequence } from './sequence.ts';
import { call, TwoEnds } from './testing.ts';

/** A committer over an intake with a clock that the test moves, and a store that fails `failures` times. */
function committing(ends: TwoEnds, holdMs: number, failures = 0) {
  const commits: Commit[] = [];
  const acknowledged: number[] = [];
  const append = (commit: Commit) => {
    if (failures-- > 0) return Promise.reject(new StoreUnavailable('later'));
    commits.push(commit);
    return Promise.resolve();
  };
  const committer = new Committer({
    intake: ends.intake,
    sequence: new Sequence(0),
    store: { append } as unknown as Store,
    limits: { ...HUB_LIMITS, commitMs: 1 },
    holdMs: () => holdMs,
    now: () => ends.clock.time,
    onStored: (boots) => acknowledged.push(...boots.map(({ number }) => number)),
    onProblem: () => {},
  });
  return { committer, commits, acknowledged };
}

test('a batch waits for the hold time', async () => {
  const ends = new TwoEnds();
  const { committer, commits, acknowledged } = committing(ends, 60_000);
  ends.client.says(call());
  ends.client.says(call({ index: 2, requestSeq: 2_000 }));
  committer.wake();
  await sleep(30);
  expect(commits).toEqual([]);
  // Closing waits for nothing.
  await committer.close(1_000);
  expect(commits.map(({ rows }) => rows.map(({ id }) => id))).toEqual([['clientboot.1.1', 'clientboot.1.2']]);
  expect(acknowledged).toEqual([2]);
});

test('a clock that is set back by an hour does not hold a batch for an hour', async () => {
  const ends = new TwoEnds();
  const { committer, commits } = committing(ends, 60_000);
  ends.client.says(call());
  ends.after(-3_600);
  committer.wake();
  await expect.poll(() => commits.length).toBe(1);
  await committer.close(0);
});

test('a commit that failed is given again as it was, once', async () => {
  const ends = new TwoEnds();
  const { committer, commits, acknowledged } = committing(ends, 0, 2);
  ends.client.says(call());
  committer.wake();
  await expect.poll(() => acknowledged, { timeout: 3_000 }).toEqual([1]);
  expect(commits).toHaveLength(1);
  expect(committer.retries).toBe(2);
  expect(await committer.close(0)).toBe(true);
});
