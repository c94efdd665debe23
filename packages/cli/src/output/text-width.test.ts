// Captured text in a terminal: what could move the cursor is a dot, and a column is as wide as it says.
import { expect, test } from 'vitest';
import { fit, printable } from './text-width.ts';

test.each([
  ['escape sequences', '\u001b[31mred\u001b]0;title\u0007', '·[31mred·]0;title·'],
  ['control characters of C0 and C1, line ends', 'a\r\nb\tc\u0000d\u007fe\u009b2Jf', 'a··b·c·d·e·2Jf'],
  ['text that turns its direction', 'abc\u202egpj\u2066x\u2069\u061c', 'abc·gpj·x··'],
  ['what cannot be seen', 'a\u200bb\ufeffc\u2028d\u00ade\u{e0041}', 'a·b·c·d·e·'],
  ['half of a surrogate pair', 'a\ud800b', 'a·b'],
  ['letters of any script and emoji', 'naïve 購入 корзина 🛒', 'naïve 購入 корзина 🛒'],
])('%s', (_, text, shown) => {
  expect(printable(text)).toBe(shown);
});

test.each([
  ['filled', 'abc', 5, 'abc  '],
  ['exact', 'abcde', 5, 'abcde'],
  ['cut', 'abcdef', 5, 'abcd…'],
  ['wide characters take two columns', '購入', 5, '購入 '],
  ['a wide character that only half fits is left out', '購入した', 6, '購入… '],
  ['wide characters, exact', '購入した', 8, '購入した'],
  ['emoji take two columns', 'a🛒b', 5, 'a🛒b '],
  ['Hangul, fullwidth forms', '가Ａ', 4, '가Ａ'],
  ['marks take none', 'e\u0301tude', 6, 'e\u0301tude '],
  ['a letter with its marks is cut as one', 'e\u0301tude\u0301e', 5, 'e\u0301tud…'],
  ['nothing', '', 3, '   '],
])('%s', (_, text, width, shown) => {
  expect(fit(text, width)).toBe(shown);
});

test('a letter with a thousand marks stays in its line', () => {
  expect(fit(`a${'\u0300'.repeat(1_000)}b`, 3)).toBe('a\u0300\u0300\u0300\u0300b ');
});
