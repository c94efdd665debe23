/** Whatever a text is, no row of it is long, no block has many of them, and nothing of it is lost. */
import { expect, test } from 'vitest';
import { ROW_CHARACTERS, textBlocks } from './text-blocks.ts';

test.each([
  ['one line of 5 MB', 'x'.repeat(5e6), 1],
  ['a million lines', '\n'.repeat(1e6), 0],
  ['lines of all lengths', Array.from({ length: 1_200 }, (_, i) => 'ab'.repeat(i / 2)).join('\r\n'), 698],
  ['pairs of surrogates', '😀'.repeat(100_001), 1],
  ['a long line without an end after short ones', `a\nb\n${'c'.repeat(501)}`, 1],
])('%s', (_, text, broken) => {
  const cut = textBlocks(text);
  const rows = cut.blocks.map((block) => block.replace(/\r?\n$/, '').split(/\r?\n/));
  expect(cut.broken).toBe(broken);
  expect(rows.flat().filter((row) => row.length > ROW_CHARACTERS)).toEqual([]);
  expect(rows.filter((block) => block.length > 100)).toEqual([]);
  expect(cut.blocks.join('').isWellFormed()).toBe(true);
  expect(cut.blocks.join('').replaceAll('\n', '')).toBe(text.replaceAll('\n', ''));
});

test('lines that are not long stay as they are, to the last line end', () => {
  for (const text of ['', 'a', 'a\n', '\n\na\r\n b\r\n\n', `${'x'.repeat(500)}\n`.repeat(90)])
    expect(textBlocks(text).blocks.join('')).toBe(text);
});
