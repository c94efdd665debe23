import { expect, it } from 'vitest';
import { bytesOf, hexColumns, hexRows, isHardlyText, SHOWN_AT_FIRST, textPage } from './body-bytes.ts';

it('a hex row has offset, two groups of eight and ASCII; what is not printable is a dot', () => {
  const bytes = new TextEncoder().encode('GET / HTTP/1.1\r\nH');
  expect(hexRows(bytes, 0, 10, 16)).toEqual([
    {
      offset: '0000',
      hex: '47 45 54 20 2f 20 48 54  54 50 2f 31 2e 31 0d 0a',
      ascii: 'GET / HTTP/1.1··',
    },
    { offset: '0010', hex: `48${' '.repeat(46)}`, ascii: 'H' },
  ]);
  expect(hexRows(bytes, 0, 10, 8).map(({ offset, hex }) => [offset, hex])).toEqual([
    ['0000', '47 45 54 20 2f 20 48 54'],
    ['0008', '54 50 2f 31 2e 31 0d 0a'],
    ['0010', `48${' '.repeat(21)}`],
  ]);
});

it('hex rows begin where they are asked to and end with the bytes', () => {
  expect(hexRows(new Uint8Array(100), 96, 99, 16).map((row) => row.offset)).toEqual(['0060']);
  expect(hexRows(new Uint8Array(0), 0, 9, 16)).toEqual([]);
});

it.each([8, 16] as const)('a row of %i bytes has as many characters as are counted for it', (width) => {
  for (const length of [1, 700, 65_537, 17_000_000]) {
    const { offset, hex, ascii } = hexRows(new Uint8Array(length), 0, 1, width)[0]!;
    const shown = Math.min(width, length);
    expect(`${offset} ${hex} ${ascii}`).toHaveLength(hexColumns(length, width) - (width - shown));
  }
});

it('bytes come from base64 or text; base64 that is none is empty and no crash', () => {
  expect([...bytesOf({ base64: 'AP8=', truncated: false })]).toEqual([0, 255]);
  expect([...bytesOf({ text: 'é', truncated: false })]).toEqual([0xc3, 0xa9]);
  expect(bytesOf({ base64: '***', truncated: false })).toHaveLength(0);
});

it('pages of a text are the text, and break no character', () => {
  const text = `a${'😀'.repeat(SHOWN_AT_FIRST)}`;
  const pages = [0, 1, 2].map((page) => textPage(text, page));
  expect(pages.join('')).toBe(text);
  expect(pages.map((page) => page.isWellFormed())).toEqual([true, true, true]);
});

it.each([
  ['\u0001'.repeat(200), true],
  ['\u200f'.repeat(200), true],
  [`${'text '.repeat(20)}\u0000`, false],
  ['a\u202e\u200b', false],
  ['a\tb\r\nc\n'.repeat(20), false],
  ['שלום 👩‍💻', false],
  ['', false],
])('%j begins like bytes: %s', (text, expected) => {
  expect(isHardlyText(text)).toBe(expected);
});
