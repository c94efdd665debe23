/** Free space of the disk that holds the store. */
import { statfsSync } from 'node:fs';

/** Bytes that an ordinary user may still write there. */
export function freeBytes(folder: string): number {
  const { bavail, bsize } = statfsSync(folder);
  return bavail * bsize;
}

/** There is no room and nothing that may be removed for it. Reads go on. */
export class DiskFull extends Error {
  override readonly name = 'DiskFull';
}
