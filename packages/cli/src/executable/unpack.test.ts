import { createHash } from 'node:crypto';
import {
  appendFileSync,
  chmodSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import type { PackedFile } from './unpack.ts';
import { folderOf, unpack } from './unpack.ts';

const CONTENTS: Record<string, string> = { 'a.txt': 'alpha', 'deep/er/b.js': 'export {};' };
const FILES: PackedFile[] = Object.entries(CONTENTS).map(([path, text]) => ({
  path,
  sha256: createHash('sha256').update(text).digest('hex'),
}));

let cache: string;
let asked: string[];
beforeEach(() => {
  cache = join(mkdtempSync(join(tmpdir(), 'kubeshark-unpack-')), 'cache');
  asked = [];
});
afterEach(() => rmSync(join(cache, '..'), { recursive: true }));

function run(files = FILES): string {
  const folder = folderOf(files, cache);
  unpack(files, folder, ({ path }) => {
    asked.push(path);
    return Buffer.from(CONTENTS[path]!);
  });
  return folder;
}

test('files are unpacked once, for their user alone', () => {
  const folder = run();
  expect(readFileSync(join(folder, 'deep/er/b.js'), 'utf8')).toBe('export {};');
  expect([cache, folder].map((path) => statSync(path).mode & 0o777)).toEqual([0o700, 0o700]);
  run();
  expect(asked).toEqual(['a.txt', 'deep/er/b.js']);
  expect(readdirSync(cache)).toHaveLength(1);
});

test.each([
  ['a file was changed', (folder: string) => appendFileSync(join(folder, 'a.txt'), '!')],
  ['a file is gone', (folder: string) => rmSync(join(folder, 'deep'), { recursive: true })],
  ['others may write there', (folder: string) => chmodSync(folder, 0o770)],
  [
    'it is a link to somewhere else',
    (folder: string) => {
      rmSync(folder, { recursive: true });
      symlinkSync(tmpdir(), folder);
    },
  ],
])('unpacked again when %s', (_, change) => {
  change(run());
  const folder = run();
  expect(asked).toHaveLength(4);
  expect(readFileSync(join(folder, 'a.txt'), 'utf8')).toBe('alpha');
  expect(statSync(folder).mode & 0o777).toBe(0o700);
});

test('another release has another folder', () => {
  expect(run(FILES.slice(1))).not.toBe(run());
});

test('what cannot be unpacked leaves nothing behind, and says why', () => {
  writeFileSync(join(cache, '..', 'blocked'), '');
  expect(() => unpack(FILES, join(cache, '..', 'blocked', 'app'), () => Buffer.from(''))).toThrow(
    /ENOTDIR|EEXIST/,
  );
  const folder = folderOf(FILES, cache);
  expect(() =>
    unpack(FILES, folder, () => {
      throw new Error('broken program');
    }),
  ).toThrow('broken program');
  expect(readdirSync(cache)).toEqual([]);
});
