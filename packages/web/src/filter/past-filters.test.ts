/** The history holds each filter once, the newest first, and not without end. */
import { expect, test } from 'vitest';
import { newestFirst } from './past-filters.ts';

test('a filter used again moves to the top', () => {
  expect(newestFirst(['http', 'dns', 'tcp'], 'dns')).toEqual(['dns', 'http', 'tcp']);
});

test('the oldest leaves', () => {
  let past: string[] = [];
  for (let port = 1; port <= 40; port++) past = newestFirst(past, `dst.port == ${port}`);
  expect(past).toHaveLength(30);
  expect(past[0]).toBe('dst.port == 40');
  expect(past.at(-1)).toBe('dst.port == 11');
});
