// Names of a worker's start: new each time, but the same for the same capture.
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { bootOfBytes, bootOfFile, newBoot } from './boot.ts';

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'kubeshark-boot-'));
});
afterEach(() => rmSync(folder, { recursive: true }));

const NAME = /^[0-9a-z]{12}$/;

test('a start has a name of its own', () => {
  const names = Array.from({ length: 100 }, newBoot);
  for (const name of names) expect(name).toMatch(NAME);
  expect(new Set(names).size).toBe(100);
});

test('a file is named by its size, beginning and end, not by its path', async () => {
  const bytes = Buffer.alloc(3_000_000, 'kubeshark');
  const write = (name: string, content: Uint8Array) => {
    writeFileSync(join(folder, name), content);
    return bootOfFile(join(folder, name));
  };
  const name = await write('a.pcap', bytes);
  expect(name).toMatch(NAME);
  expect(await write('b.pcap', bytes)).toBe(name);
  const changed = [
    Buffer.concat([bytes, Buffer.alloc(1)]),
    Buffer.concat([Buffer.from('x'), bytes.subarray(1)]),
    Buffer.concat([bytes.subarray(1), Buffer.from('x')]),
    Buffer.alloc(0),
  ];
  const names = await Promise.all(changed.map((content, i) => write(`c${i}.pcap`, content)));
  expect(new Set([name, ...names]).size).toBe(5);
});

test('a stream is named by its first bytes', () => {
  expect(bootOfBytes(Buffer.from('abc'))).toBe(bootOfBytes(Buffer.from('abc')));
  expect(bootOfBytes(Buffer.from('abc'))).not.toBe(bootOfBytes(Buffer.from('abd')));
});
