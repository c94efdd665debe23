/** Text in the editor is judged as it is typed, and a fix makes it a filter. */
import { compile } from '@kubeshark/kfl';
import { expect, test } from 'vitest';
import { fixed, isBeingTyped, isSearchOffer, judge } from './draft.ts';

test('a wrong field is named, and its fix is a filter', () => {
  const draft = judge('statuss == "200" && http');
  expect(draft.error).toMatchObject({ message: '`statuss` is not a field', range: [0, 7], fix: 'status' });
  expect(fixed(draft)).toBe('status == "200" && http');
  expect(isSearchOffer(draft)).toBe(false);
  expect(isBeingTyped(draft, 7)).toBe(true);
  expect(isBeingTyped(draft, 9)).toBe(false);
});

test('plain words are an offer to look for them', () => {
  const draft = judge('  order 7Zq41 ');
  expect(isSearchOffer(draft)).toBe(true);
  expect(fixed(draft)).toContain('request.body.contains("order 7Zq41")');
  expect('filter' in compile(fixed(draft), { now: 0 })).toBe(true);
});

test('a valid filter has nothing to mend', () => {
  const draft = judge('http && elapsed > duration("1s")');
  expect(draft.error).toBeNull();
  expect(fixed(draft)).toBe(draft.text);
  expect(isBeingTyped(draft, 0)).toBe(false);
});
