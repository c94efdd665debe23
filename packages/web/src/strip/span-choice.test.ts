/** Bars are chosen by keys as by the pointer. */
import { expect, test } from 'vitest';
import { barAt, chosenBars, moved, stepOf } from './span-choice.ts';

test('keys look first, and choose with Shift from where they are', () => {
  const looking = moved(null, stepOf('ArrowLeft', 100)!, 100, false);
  expect(looking).toEqual({ cursor: 99, anchor: null });
  expect(chosenBars(looking)).toBeNull();
  let choice = moved(looking, -1, 100, true);
  choice = moved(choice, stepOf('PageDown', 100)!, 100, true);
  expect(chosenBars(choice)).toEqual([88, 99]);
  expect(chosenBars(moved(choice, stepOf('Home', 100)!, 100, true))).toEqual([0, 99]);
  expect(moved(choice, 1, 100, false)).toEqual({ cursor: 89, anchor: null });
});

test('a choice may go the other way', () => {
  expect(chosenBars({ cursor: 7, anchor: 3 })).toEqual([3, 7]);
  expect(chosenBars({ cursor: 3, anchor: 7 })).toEqual([3, 7]);
});

test('every place of the plot is a bar', () => {
  expect([-5, 0, 9.9, 10, 999, 1_000, 2_000].map((x) => barAt(x, 1_000, 100))).toEqual([
    0, 0, 0, 1, 99, 99, 99,
  ]);
});
