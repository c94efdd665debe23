import { mkdtempSync, readFileSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { strFromU8, unzipSync } from 'fflate';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { ZipFile } from './zip-file.ts';

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'kubeshark-zip-'));
});
afterEach(() => rmSync(folder, { recursive: true }));

function contents(path: string): Record<string, string> {
  const files = Object.entries(unzipSync(readFileSync(path)));
  return Object.fromEntries(files.map(([name, bytes]) => [name, strFromU8(bytes)]));
}

async function* chunks(count: number, text: string): AsyncGenerator<Uint8Array> {
  for (let i = 0; i < count; i++) yield Buffer.from(text);
}

test('texts and streams come out as they went in, readable by the owner alone', async () => {
  const path = join(folder, 'a.zip');
  const zip = new ZipFile(path);
  await zip.add('empty.txt', '');
  await zip.add('a/ä.txt', 'schön\n');
  await zip.add('long.log', chunks(2_000, 'line after line\n'));
  await zip.close();
  expect(contents(path)).toEqual({
    'empty.txt': '',
    'a/ä.txt': 'schön\n',
    'long.log': 'line after line\n'.repeat(2_000),
  });
  expect(statSync(path).mode & 0o777).toBe(0o600);
});

test('what breaks off is there as far as it came, and the file goes on', async () => {
  const path = join(folder, 'a.zip');
  const zip = new ZipFile(path);
  const broken = (async function* () {
    yield Buffer.from('first ');
    throw new Error('the connection broke');
  })();
  await expect(zip.add('broken.log', broken)).rejects.toThrow('the connection broke');
  await zip.add('next.txt', 'next');
  await zip.close();
  expect(zip.failure).toBeNull();
  expect(contents(path)).toEqual({ 'broken.log': 'first ', 'next.txt': 'next' });
});

test('a file that cannot be written says so', async () => {
  const zip = new ZipFile(join(folder, 'nowhere', 'a.zip'));
  const all = async () => {
    await zip.add('long.log', chunks(5_000, 'text '));
    await zip.close();
  };
  await expect(all()).rejects.toThrow('ENOENT');
  expect(zip.failure).toMatchObject({ code: 'ENOENT' });
});
