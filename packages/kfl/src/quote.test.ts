/** A quoted text is a literal that stands for the text, and everything in it can be seen. */
import { expect, test } from 'vitest';
import { lex } from './lexer.ts';
import { quote } from './quote.ts';

test.each([
  ['plain "text" \\ \n', '"plain \\"text\\" \\\\ \\n"'],
  ['/a\u202egnp.exe', '"/a\\u202egnp.exe"'],
  ['\u007f\u200b\u{e0041}', '"\\u007f\\u200b\\U000e0041"'],
  ['東京 👩‍💻', '"東京 👩‍💻"'],
])('%j', (text, literal) => {
  expect(quote(text)).toBe(literal);
  expect(lex(literal)[0]).toMatchObject({ value: text });
});
