import { expect, test } from 'vitest';
import { cutText, lineParts } from './cut-text.ts';

test('a cut text never ends within a surrogate pair', () => {
  expect(cutText('a😀b', 2)).toBe('a');
  expect(cutText('a😀b', 3)).toBe('a😀');
});

test('a line says how much of it is not shown', () => {
  expect(lineParts('x'.repeat(4_000))).toEqual(['x'.repeat(4_000), '']);
  expect(lineParts('x'.repeat(1e6))).toEqual(['x'.repeat(4_000), ' … 996,000 more']);
});
