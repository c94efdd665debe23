/** The words beside the filter say how many of how many, and "0 of" only when everything was looked at. */
import { expect, test } from 'vitest';
import { type NoteState, noteOf } from './note.ts';

const quiet: NoteState = {
  filter: 'http',
  off: false,
  invalid: false,
  changed: false,
  matched: null,
  searching: null,
};
const said = (state: Partial<NoteState>) => {
  const { lead, count, tail } = noteOf({ ...quiet, ...state });
  return lead + (count ?? '') + tail;
};
const matched = { matched: 6_204_118, total: 7_570_912, took: 13.7 };
const reached = new Date(2026, 5, 1, 14, 12).getTime() * 1_000;

test.each<[Partial<NoteState>, string]>([
  [{}, ''],
  [{ filter: '' }, 'no filter'],
  [{ matched }, '6,204,118 of 7,570,912 · 14 ms'],
  [{ matched, invalid: true }, 'showing the last valid filter · 6,204,118 of 7,570,912'],
  [{ matched, changed: true }, 'Enter applies · 6,204,118 of 7,570,912'],
  [{ matched, off: true }, 'switched off'],
  [{ filter: '', invalid: true }, 'showing the last valid filter'],
  [{ searching: { looked: 41, total: 100, reached } }, 'searching back to 14:12 · 41 %'],
  [{ matched: { ...matched, matched: 0 }, searching: { looked: 0, total: 0, reached: null } }, 'searching'],
])('%j', (state, words) => expect(said(state)).toBe(words));

test('nothing is said to match only at the end', () => {
  const none = { matched: 0, total: 10, took: 1 };
  expect(noteOf({ ...quiet, matched: none }).none).toBe(true);
  expect(noteOf({ ...quiet, matched: none, searching: { looked: 1, total: 10, reached } }).none).toBe(false);
});
