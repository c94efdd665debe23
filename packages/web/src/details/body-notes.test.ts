/** A body that is not all here says how much of how much, why, and where the rest is. */
import type { Body } from '@kubeshark/model';
import { LIMITS } from '@kubeshark/model';
import { expect, test } from 'vitest';
import { bodyNotes } from './body-notes.ts';
import { entry, side } from './testing.ts';

const { capture } = entry();
const notes = (body: Partial<Body>, change: Parameters<typeof side>[0], here: number, how = capture) =>
  bodyNotes(side({ bodySize: 4_200, body: { truncated: false, ...body }, ...change }), how, here).join(' ');

test('a whole body has nothing to say', () => {
  expect(notes({}, {}, 4_200)).toBe('');
  expect(bodyNotes(side(), capture, 0)).toEqual([]);
});

test('a body that was coded says both sizes', () => {
  expect(notes({ encoding: 'gzip' }, {}, 20_000)).toBe('Sent as gzip in 4,200 B; decoded it has 20,000 B.');
});

test('a bomb is not said to have the size at which decoding stopped', () => {
  expect(notes({ encoding: 'gzip', truncated: true, decodingStopped: true }, {}, 15_000_000)).toBe(
    'Sent as gzip in 4,200 B. Decoding stopped at its limit: here are the first 15,000,000 B, the body is longer.',
  );
});

test('what was cut, what was lost and what was left out are told apart', () => {
  expect(notes({ truncated: true }, { bodyTruncated: true }, 1_000)).toBe(
    'Only the first 1,000 of 4,200 B were kept.',
  );
  expect(notes({ truncated: true }, { bodyTruncated: true }, 1_000, { ...capture, missing: 2_000 })).toBe(
    'Only 1,000 of 4,200 B were kept: the rest was over the limit of a body, or not captured.',
  );
  expect(notes({ truncated: true }, {}, 1_000)).toBe('Only 1,000 of 4,200 B are here.');
  expect(notes({ truncated: true, encoding: 'br' }, { bodyTruncated: true }, 9_000)).toBe(
    'Sent as br in 4,200 B, not all of which were kept: what could be decoded has 9,000 B.',
  );
  expect(notes({ truncated: true }, {}, 0, { ...capture, bodiesLeftOut: true })).toBe(
    'The body was left out: the worker had no room for it.',
  );
});

test('a text that is longer than what filters look at says so', () => {
  const long = { bodySize: LIMITS.searchTextBytes + 1 };
  expect(notes({ text: 'x' }, long, LIMITS.searchTextBytes + 1)).toBe('Filters look at its first 262,144 B.');
  expect(notes({ text: 'x' }, long, LIMITS.searchTextBytes)).toBe('');
  expect(notes({ base64: 'eA==' }, long, LIMITS.searchTextBytes + 1)).toBe('');
});

test('of a capture file the file has the rest, unless it was not captured', () => {
  const file = { ...capture, source: 'file' as const };
  expect(notes({ truncated: true }, { bodyTruncated: true }, 1_000, file)).toMatch(
    /The capture file has all of it\.$/,
  );
  expect(notes({ truncated: true }, {}, 1_000, { ...file, missing: 7 })).not.toContain('file');
});
