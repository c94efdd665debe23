/** Stores that live as long as a command: of opened files and of the sample. */
import { mkdirSync, mkdtempSync, readdirSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir, userInfo } from 'node:os';
import { join } from 'node:path';

/** A folder of our own under the system's: what is left of commands that were killed is found again. */
function parent(): string {
  return join(tmpdir(), `kubeshark-${userInfo().username}`);
}

/** A new folder, gone when the process ends. Folders of processes that are no more go now. */
export function temporaryStore(): string {
  const folder = parent();
  mkdirSync(folder, { recursive: true, mode: 0o700 });
  const { uid, mode } = statSync(folder);
  // In a shared folder another user may have been first.
  if (process.getuid && (uid !== process.getuid() || (mode & 0o077) !== 0))
    return own(mkdtempSync(join(tmpdir(), 'kubeshark-')));
  for (const name of readdirSync(folder)) {
    const pid = Number(name.split('-')[0]);
    if (Number.isInteger(pid) && !isAlive(pid)) rmSync(join(folder, name), { recursive: true, force: true });
  }
  return own(mkdtempSync(join(folder, `${process.pid}-`)));
}

function own(folder: string): string {
  process.on('exit', () => rmSync(folder, { recursive: true, force: true }));
  writeFileSync(join(folder, 'README'), 'Entries of a running kubeshark; removed when it ends.\n');
  return folder;
}

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'EPERM';
  }
}
