// Entries as lines: nothing captured reaches the terminal raw, and lines are as wide as the terminal.
import { stripVTControlCharacters } from 'node:util';
import { expect, test } from 'vitest';
import { tableHead, tableLine } from './table.ts';
import { httpEntry } from './testing.ts';

const line = (entry = httpEntry(), width = 120) => stripVTControlCharacters(tableLine(entry, width));

test('a call in a wide terminal', () => {
  expect(line().replace(/^\S+/, 'TIME')).toBe(
    `TIME HTTP     ● 200         GET /${' '.repeat(34)} 10.0.0.1:40000 → 10.0.0.2:8080       2.00 ms`,
  );
});

test('a narrow terminal keeps what was asked and leaves out who speaks to whom', () => {
  const narrow = line(httpEntry({ target: '/a/rather/long/path/of/a/product/with?parameters=1' }), 80);
  expect(narrow).toMatch(/GET \/a\/rather\/long\/path\/of\/a\/pro… {4}2\.00 ms$/);
  expect(narrow).not.toContain('→');
});

test.each([64, 80, 109, 110, 120, 160, 211])('head and lines are %i columns wide', (width) => {
  expect(stripVTControlCharacters(tableHead(width))).toHaveLength(width);
  expect(line(httpEntry(), width)).toHaveLength(width);
  expect(line(httpEntry({ target: 'x'.repeat(5_000), elapsed: -1 }), width)).toHaveLength(width);
});

test('captured bytes cannot steer the terminal, in no column', () => {
  const hostile = '\u001b[2J\u202e\r\n';
  const shown = tableLine(
    httpEntry({
      operation: hostile,
      target: hostile,
      status: hostile,
      src: { ip: '10.0.0.1', port: 1, name: hostile },
      dst: { ip: '::1', port: 2, name: hostile },
    }),
    200,
  );
  // oxlint-disable-next-line no-control-regex -- colours are ours: ESC [ number m
  expect(shown.replaceAll(/\u001b\[\d+m/g, '')).not.toMatch(/[\p{Cc}\p{Cf}]/u);
});

test('a call without an answer says so; IPv6 addresses stand in brackets', () => {
  const shown = line(
    httpEntry({ status: '', outcome: 'no_response', elapsed: -1, dst: { ip: '2001:db8::1', port: 80 } }),
    140,
  );
  expect(shown).toContain('○ no response ');
  expect(shown).toContain('→ [2001:db8::1]:80');
  expect(shown).toMatch(/—$/);
});
