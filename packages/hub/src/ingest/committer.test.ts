// Commits are due after the hold time by the hub's clock, and at once when that clock is set back; each takes all that is due by
// then. What cannot be stored is tried again.
import { setTimeout as sleep } from 'node:timers/promises';
import { expect, test } from 'vitest';
import type { HubLimits } from '../settings.ts';
import { HUB_LIMITS } from '../settings.ts';
import type { Commit, Store } from '../store/store.ts';
import { StoreUnavailable } from '../store/store.ts';
import { Committer } from './committer.ts';
import { Sequence } from './sequence.ts';
import { call, TwoEnds } from './testing.ts';

/** A committer over an intake with a clock that the test moves, and a store that fails `failures` times. */
function committing(ends: TwoEnds, holdMs: number, failures = 0, limits: Partial<HubLimits> = {}) {
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
    limits: { ...HUB_LIMITS, commitMs: 1, ...limits },
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

/** Batches of one row each, `ms` apart. */
async function trickle(ends: TwoEnds, committer: Committer, batches: number, ms: number): Promise<void> {
  for (let index = 1; index <= batches; index++) {
    ends.client.says(call({ index, requestSeq: index * 1_000 }));
    committer.wake();
    await sleep(ms);
  }
}

test('batches that become due one by one are one commit in the time between two', async () => {
  const ends = new TwoEnds();
  const { committer, commits } = committing(ends, 0, 0, { commitMs: 60_000 });
  await trickle(ends, committer, 6, 15);
  expect(commits.map(({ rows }) => rows.length)).toEqual([1]);
  await committer.close(1_000);
  expect(commits.map(({ rows }) => rows.length)).toEqual([1, 5]);
});

test('as many rows as a commit takes do not wait for its time', async () => {
  const ends = new TwoEnds();
  const { committer, commits } = committing(ends, 0, 0, { commitMs: 60_000, commitRows: 2 });
  const of = (...indexes: number[]) => indexes.map((index) => call({ index, requestSeq: index * 1_000 }));
  ends.client.says(...of(1));
  committer.wake();
  await expect.poll(() => commits.length).toBe(1);
  ends.client.says(...of(2, 3, 4));
  ends.client.says(...of(5));
  committer.wake();
  await expect.poll(() => commits.length).toBe(2);
  await sleep(30);
  expect(commits.map(({ rows }) => rows.length)).toEqual([1, 3]);
  await committer.close(1_000);
  expect(commits.map(({ rows }) => rows.length)).toEqual([1, 3, 1]);
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
