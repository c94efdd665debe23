/** What captured text hides from a reader, or does to the text around it, is shown as an escape; what people write stays. */
import { expect, test } from 'vitest';
import { visibleParts, visibleText } from './visible-text.ts';

test.each([
  ['/a\u202egnp.exe', '/a\\u202egnp.exe', 'a right-to-left override'],
  ['pay\u200bments', 'pay\\u200bments', 'no width'],
  ['a\u2066b\u2069', 'a\\u2066b\\u2069', 'isolates'],
  ['\u001b[2J\u0000\u007f\u0085', '\\u001b[2J\\u0000\\u007f\\u0085', 'controls'],
  ['x\r\ny', 'x\\r\\ny', 'line ends in one line'],
  ['\ufeffa\u00adb', '\\ufeffa\\u00adb', 'a byte order mark, a soft hyphen'],
  ['a\u{e0041}', 'a\\U000e0041', 'a tag'],
  ['\ud800', '\\ud800', 'half a character'],
  ['a\u200db', 'a\\u200db', 'a joiner that joins nothing'],
  ['\u05d0\u200d\u200d\u05d1', '\u05d0\\u200d\\u200d\u05d1', 'joiners that join each other'],
])('%j', (text, shown) => {
  expect(visibleText(text)).toBe(shown);
});

test.each(['/übung?q=東京', '👩‍💻 ✔️', 'שלום', 'می‌خواهم', 'क्‍ष', 'a\tb'])('%j stays', (text) => {
  expect(visibleParts(text)).toEqual([text]);
});

test('lines stay lines where they are asked for, a lone carriage return does not', () => {
  expect(visibleText('a\r\nb\nc\rd\u202e', true)).toBe('a\r\nb\nc\\rd\\u202e');
});
