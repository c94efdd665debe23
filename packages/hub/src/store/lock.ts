/** One store process per folder. */
import { rmSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import type { DuckDBConnection } from '@duckdb/node-api';
import { literal } from './database.ts';

/** Another process has the folder. */
export class FolderInUse extends Error {
  override readonly name = 'FolderInUse';
}

/**
 * The engine locks every file it has open for writing, and the kernel takes the lock back when the process dies,
 * however it dies: so an empty database file is a lock that cannot be left behind.
 * `patienceMs`: a process that is just ending is waited for.
 */
export async function lockFolder(
  connection: DuckDBConnection,
  folder: string,
  patienceMs: number,
): Promise<void> {
  const path = join(folder, 'lock.duckdb');
  const until = performance.now() + patienceMs;
  for (let damaged = 0; ; ) {
    try {
      await connection.run(`attach ${literal(path)} as folder_lock`);
      return;
    } catch (error) {
      const message = error instanceof Error ? error.message : String(error);
      if (!/could not set lock/i.test(message)) {
        // The file itself is damaged; there is nothing in it.
        if (damaged++ > 0) throw error;
        rmSync(path, { force: true });
        rmSync(`${path}.wal`, { force: true });
        continue;
      }
      if (performance.now() > until) {
        const holder = /PID (\d+)/.exec(message)?.[1];
        throw new FolderInUse(
          `The store in ${folder} is in use by another hub${holder ? ` (process ${holder})` : ''}.`,
        );
      }
      await sleep(100);
    }
  }
}
