// Losses that are too many to be told are joined: none is lost, the largest gap that is bridged grows only as it must.
import type { Loss } from '@kubeshark/model';
import { expect, test } from 'vitest';
import { joinedLosses } from './losses.ts';

const SECOND = 1_000_000;

const loss = (second: number, place: string): Loss => ({
  from: second * SECOND,
  to: second * SECOND + 10,
  worker: 'node-1',
  place,
  cause: 'ring_full',
  count: 2,
});

const caps = { losses: 0 };

test('few are told as they are', () => {
  const losses = [loss(1, 'eth0'), loss(1, 'eth1')];
  expect(joinedLosses(losses, 2, caps)).toEqual(losses);
});

test('of one place those within the gap are one, from the first to the last', () => {
  const losses = [0, 1, 2, 60, 61].flatMap((second) => [loss(second, 'eth0'), loss(second, 'eth1')]);
  const joined = joinedLosses(losses, 4, caps);
  expect(joined).toEqual(
    [0, 60].flatMap((first) =>
      ['eth0', 'eth1'].map((place) => ({
        ...loss(first, place),
        to: (first === 0 ? 2 : 61) * SECOND + 10,
        count: first === 0 ? 6 : 4,
      })),
    ),
  );
});

test('a day of a hundred thousand, and more places than may be told, stay within the bound', () => {
  const day = Array.from({ length: 100_000 }, (_, i) => loss(i, 'eth0'));
  const joined = joinedLosses(day, 1_000, caps);
  expect(joined.length).toBeLessThanOrEqual(1_000);
  expect(joined.reduce((sum, { count }) => sum + count, 0)).toBe(200_000);
  const places = Array.from({ length: 3_000 }, (_, i) => loss(0, `eth${i}`));
  expect(joinedLosses(places, 1_000, caps)).toEqual([{ ...loss(0, ''), worker: '', count: 6_000 }]);
});
