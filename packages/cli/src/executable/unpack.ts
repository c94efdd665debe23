/** Files that the single executable holds, unpacked into the user's cache folder. */
import { createHash } from 'node:crypto';
import { mkdirSync, mkdtempSync, readFileSync, renameSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';

export interface PackedFile {
  path: string;
  sha256: string;
}

/** Where the files belong. Each user has a folder: what root unpacked is not the user's, and the other way round. */
export function folderOf(files: readonly PackedFile[], cache: string): string {
  return join(cache, `app-${hashOf(JSON.stringify(files)).slice(0, 16)}-${process.getuid?.() ?? 'user'}`);
}

/** Makes the folder hold the files as they are meant to be: what is found there is run. */
export function unpack(
  files: readonly PackedFile[],
  folder: string,
  contentsOf: (file: PackedFile) => Uint8Array,
): void {
  if (isIntact(folder, files)) return;
  const cache = dirname(folder);
  mkdirSync(cache, { recursive: true, mode: 0o700 });
  const work = mkdtempSync(join(cache, 'unpacking-'));
  try {
    for (const file of files) {
      const path = join(work, file.path);
      mkdirSync(dirname(path), { recursive: true, mode: 0o700 });
      writeFileSync(path, contentsOf(file), { mode: 0o600 });
    }
    rmSync(folder, { recursive: true, force: true });
    renameSync(work, folder);
  } catch (error) {
    rmSync(work, { recursive: true, force: true });
    // Another start was faster.
    if (!isIntact(folder, files)) throw error;
  }
}

function isIntact(folder: string, files: readonly PackedFile[]): boolean {
  try {
    const { uid, mode } = statSync(folder);
    // Windows knows neither: there the cache is the user's by its place.
    if (process.getuid && (uid !== process.getuid() || (mode & 0o077) !== 0)) return false;
    return files.every(({ path, sha256 }) => hashOf(readFileSync(join(folder, path))) === sha256);
  } catch {
    return false;
  }
}

const hashOf = (bytes: Uint8Array | string): string => createHash('sha256').update(bytes).digest('hex');
