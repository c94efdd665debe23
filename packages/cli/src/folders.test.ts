// Sizes, periods, ports and tokens as users give them: what is taken, and that a mistake says what to write instead.
import { mkdtempSync, readdirSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, relative } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { dataFolder, parsePeriod, parsePort, parseSize, tokenFrom } from './folders.ts';

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'kubeshark-folders-'));
});
afterEach(() => rmSync(folder, { recursive: true }));

test.each([
  ['500', 500],
  ['500MB', 500_000_000],
  ['2GB', 2_000_000_000],
  ['1.5 gb', 1_500_000_000],
  ['1TB', 1e12],
])('a size: %s', (text, bytes) => {
  expect(parseSize(text)).toBe(bytes);
});

test.each(['', 'many', '-1GB', '2GiB', '0', '1e9', 'GB'])('no size: "%s"', (text) => {
  expect(() => parseSize(text)).toThrow(/is no size.*500MB or 2GB/);
});

test.each([
  ['30s', 30_000],
  ['30m', 1_800_000],
  ['12h', 43_200_000],
  ['7d', 604_800_000],
  ['1.5h', 5_400_000],
])('a time: %s', (text, ms) => {
  expect(parsePeriod(text)).toBe(ms);
});

test.each(['', '7', '7w', '-1d', 'day', '0d'])('no time: "%s"', (text) => {
  expect(() => parsePeriod(text)).toThrow(/is no time.*30m, 12h or 7d/);
});

test('ports', () => {
  expect(parsePort('0')).toBe(0);
  expect(parsePort('65535')).toBe(65_535);
});

test.each(['65536', '-1', '80.5', 'http', '', '0x50', '1e3'])('no port: "%s"', (text) => {
  expect(() => parsePort(text)).toThrow('is no port');
});

test('a token is made once, for its owner only, and read again', () => {
  const file = join(folder, 'token');
  const token = tokenFrom(file, true);
  expect(token).toMatch(/^[\w-]{32}$/);
  expect(statSync(file).mode & 0o777).toBe(0o600);
  expect(tokenFrom(file, true)).toBe(token);
});

test('a token that is not there, or too short, is a message', () => {
  expect(() => tokenFrom(join(folder, 'none'), false)).toThrow(/cannot read the token file/);
  writeFileSync(join(folder, 'short'), 'abc\n');
  expect(() => tokenFrom(join(folder, 'short'), false)).toThrow(/too short/);
});

test('a size that is too small is a message with the reason', () => {
  const least = { size: '100MB', why: 'one entry takes up to 8 MB' };
  expect(parseSize('100MB', least)).toBe(100_000_000);
  expect(() => parseSize('99MB', least)).toThrow(
    '99MB is too small: one entry takes up to 8 MB. At least 100MB.',
  );
});

test('a data folder is made, for its owner only, and nothing is left in it', () => {
  const made = dataFolder(join(folder, 'a', 'b'));
  expect(statSync(made).mode & 0o777).toBe(0o700);
  expect(readdirSync(made)).toEqual([]);
  expect(dataFolder(made)).toBe(made);
});

test('a relative data folder is taken from where the command runs', () => {
  expect(dataFolder(relative(process.cwd(), join(folder, 'c')))).toMatch(/c$/);
  expect(statSync(join(folder, 'c')).isDirectory()).toBe(true);
});

test('a data folder that cannot be used is a message that names the way out', () => {
  writeFileSync(join(folder, 'file'), '');
  for (const path of [join(folder, 'file'), join(folder, 'file', 'x'), join(folder, 'x'.repeat(300))])
    expect(() => dataFolder(path)).toThrow(/cannot be used: .*\. Choose another: --data FOLDER\.$/);
});

test.skipIf(process.platform !== 'linux')('where nothing can be made, nobody tries for ever', () => {
  expect(() => dataFolder('/proc/kubeshark/data')).toThrow('nothing can be made there');
  expect(() => dataFolder('/proc')).toThrow('cannot be used');
});
