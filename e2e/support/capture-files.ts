/** The bytes of the sample capture, and files that a test makes of it: they go when the tests of its file are over. */
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gunzipSync } from 'node:zlib';
import { afterAll } from 'vitest';
import { SAMPLE } from './command.ts';

export const compressed = readFileSync(SAMPLE);
export const plain = gunzipSync(compressed);

export const folder = mkdtempSync(join(tmpdir(), 'kubeshark-read-'));
afterAll(() => rmSync(folder, { recursive: true }));

/** Path of a new file. */
export function file(name: string, bytes: Uint8Array | string): string {
  const path = join(folder, name);
  writeFileSync(path, bytes);
  return path;
}
