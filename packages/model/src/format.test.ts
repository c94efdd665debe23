import { expect, test } from 'vitest';
import { formatCount, formatCounted, formatDuration, formatSize } from './format.ts';

test.each([
  [412, '412 µs'],
  [999.6, '1.00 ms'],
  [6_120, '6.12 ms'],
  [18_400, '18.4 ms'],
  [212_400, '212.4 ms'],
  [1_284_000, '1.284 s'],
  [124_000_000, '2 m 04 s'],
  [11_220_000_000, '3 h 07 m'],
  [-1, '—'],
])('a duration of %d µs reads %s', (micros, text) => expect(formatDuration(micros)).toBe(text));

test.each([
  [0, '0 B'],
  [96, '96 B'],
  [1_200, '1.2 kB'],
  [999_960, '1.0 MB'],
  [4_200_000, '4.2 MB'],
  [41_200_000_000, '41.2 GB'],
])('%d bytes read %s', (bytes, text) => expect(formatSize(bytes)).toBe(text));

test('counts have separators', () => expect(formatCount(6_204_118)).toBe('6,204,118'));

test('what is counted is one or many', () => {
  expect([0, 1, 2].map((count) => formatCounted(count, 'byte'))).toEqual(['0 bytes', '1 byte', '2 bytes']);
  expect(formatCounted(1_200, 'entry', 'entries')).toBe('1,200 entries');
});
