// Entries as lines: nothing captured reaches the terminal raw, and lines are as wide as the terminal.
import { stripVTControlCharacters } from 'node:util';
import { expect, test } from 'vitest';
import { tableHead, tableLine } from './table.ts';
import { httpEntry } from './testing.ts';

const line = (entry = httpEntry(), width = 120) => stripVTControlCharacters(tableLine(entry, width));

test('a call in a wide terminal', () => {
  expect(line().replace(/^\S+/, 'TIME')).toBe(
    `TIME HTTP     ● 200         GET /${' '.repeat(30)} 10.0.0.1:40000 → 10.0.0.2:8080           2.00 ms`,
  );
});

const long = httpEntry({
  target: '/a/rather/long/path/of/a/product/with?parameters=1&more=2',
  src: { ip: '192.168.100.100', port: 54_321 },
  dst: { ip: '192.168.100.200', port: 18_081 },
});

test.each([
  [60, 'TIME PROTO STATUS OPERATION, TARGET ELAPSED', 'HTTP ● 200 GET /a/rather/long/path/… 2.00 ms'],
  [
    80,
    'TIME PROTO STATUS OPERATION, TARGET TO ELAPSED',
    'HTTP ● 200 GET /a/rather/long/pat… 192.168.100.200:18081 2.00 ms',
  ],
  [
    100,
    'TIME PROTO STATUS OPERATION, TARGET FROM → TO ELAPSED',
    'HTTP ● 200 GET /a/rather/long/path/of… 192.168.100.… → 192.168.100.200:18081 2.00 ms',
  ],
  [
    120,
    'TIME PROTO STATUS OPERATION, TARGET FROM → TO ELAPSED',
    'HTTP ● 200 GET /a/rather/long/path/of/a/produ… 192.168.100.… → 192.168.100.200:18081 2.00 ms',
  ],
  [
    200,
    'TIME PROTO STATUS OPERATION, TARGET FROM → TO ELAPSED',
    'HTTP ● 200 GET /a/rather/long/path/of/a/product/with?parameters=1&more=2 192.168.100.100:54321 → 192.168.100.200:18081 2.00 ms',
  ],
  [40, 'PROTO STATUS OPERATION, TA… ELAPSED', ''],
  [30, 'STATUS OPERATION… ELAPSED', ''],
])('%i columns: what is most useful has its place', (width, head, shown) => {
  const squeezed = (text: string) => text.trim().replaceAll(/ +/g, ' ');
  expect(squeezed(stripVTControlCharacters(tableHead(width)))).toBe(head);
  if (shown !== '') expect(squeezed(line(long, width)).replace(/^\S+ /, '')).toBe(shown);
});

test('a call with missing bytes has a mark that no status pushes out', () => {
  const { capture } = httpEntry();
  const holed = { capture: { ...capture, missing: 1_448 } };
  expect(line(httpEntry(holed))).toMatch(/ ● 200 +! GET /);
  expect(line(httpEntry({ ...holed, status: 'y'.repeat(100) }), 60)).toMatch(/ ● y+… ! GET /);
  expect(line(httpEntry())).not.toContain('!');
});

test.each([
  20, 29, 30, 40, 50, 60, 79, 80, 95, 100, 119, 120, 160, 200, 211,
])('%i columns: nothing wraps, and head and lines end together', (width) => {
  expect(stripVTControlCharacters(tableHead(width))).toHaveLength(width);
  for (const entry of [
    httpEntry(),
    long,
    httpEntry({ target: 'x'.repeat(5_000), elapsed: -1, status: 'y'.repeat(100) }),
    httpEntry({ protocol: 'tcp', operation: 'connection', status: 'half closed', elapsed: 400 * 3_600e6 }),
    httpEntry({ src: { ip: '2001:db8:1:2:3:4:5:6', port: 54_321 }, dst: { ip: '::1', port: 0 } }),
  ])
    expect(line(entry, width)).toHaveLength(width);
});

test('ports of this machine’s own calls are shown from 100 columns on', () => {
  const local = httpEntry({ src: { ip: '127.0.0.1', port: 54_321 }, dst: { ip: '127.0.0.1', port: 18_081 } });
  for (const width of [100, 120, 200])
    expect(line(local, width)).toContain('127.0.0.1:54321 → 127.0.0.1:18081');
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
