import { createHash, randomBytes } from 'node:crypto';
import { open } from 'node:fs/promises';

/** Random name of a worker's start, 12 of [0-9a-z]: it makes entry ids unique. */
export function newBoot(): string {
  return named(randomBytes(8));
}

const SAMPLE_BYTES = 1_000_000;

/** The same for a capture file: a hash of its size, beginning and end, so that reading it again gives the same ids. */
export async function bootOfFile(path: string): Promise<string> {
  const file = await open(path);
  try {
    const { size } = await file.stat();
    const part = Buffer.alloc(Math.min(size, SAMPLE_BYTES));
    const hash = createHash('sha256').update(String(size));
    for (const position of [0, Math.max(0, size - SAMPLE_BYTES)]) {
      const { bytesRead } = await file.read(part, 0, part.length, position);
      hash.update(part.subarray(0, bytesRead));
    }
    return named(hash.digest());
  } finally {
    await file.close();
  }
}

/** The same for a stream, from its first bytes. */
export function bootOfBytes(first: Uint8Array): string {
  return named(createHash('sha256').update(first).digest());
}

function named(bytes: Buffer): string {
  return bytes.readBigUInt64BE(0).toString(36).padStart(12, '0').slice(-12);
}
