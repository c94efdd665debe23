/** Stores that live as long as a command: of opened files and of the sample. */
import {
  constants,
  lstatSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { whyUnusable } from './folders.ts';
import { UserError } from './user-error.ts';

/** A folder of our own under the system's: what is left of commands that were killed is found again. */
function parent(): string {
  return join(tmpdir(), `kubeshark-${process.getuid?.() ?? 'user'}`);
}

/** A new folder, gone when the process ends. Folders of processes that are no more go now. Throws `UserError`. */
export function temporaryStore(): string {
  try {
    return newStore();
  } catch (error) {
    throw new UserError(
      `nothing can be kept in the folder for temporary files, ${tmpdir()}: ${whyUnusable(error)}. Choose another with the variable TMPDIR.`,
      2,
    );
  }
}

function newStore(): string {
  const folder = parent();
  // In a shared folder another user may have been first.
  if (!isOurs(folder)) return own(mkdtempSync(join(tmpdir(), 'kubeshark-')));
  for (const name of readdirSync(folder)) {
    const pid = Number(name.split('-')[0]);
    if (Number.isInteger(pid) && !isAlive(pid)) rmSync(join(folder, name), { recursive: true, force: true });
  }
  return own(mkdtempSync(join(folder, `${process.pid}-`)));
}

/** Made if need be. */
function isOurs(folder: string): boolean {
  try {
    mkdirSync(folder, { mode: 0o700 });
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error;
  }
  const { uid, mode } = lstatSync(folder);
  const directory = (mode & constants.S_IFMT) === constants.S_IFDIR;
  return directory && (!process.getuid || (uid === process.getuid() && (mode & 0o077) === 0));
}

function own(folder: string): string {
  process.on('exit', () => rmSync(folder, { recursive: true, force: true }));
  writeFileSync(join(folder, 'README'), 'Entries of a running kubeshark; removed when it ends.\n');
  return folder;
}

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'EPERM';
  }
  if (process.platform !== 'linux') return true;
  try {
    // A dead process that nobody waited for still takes signals; it has no command line any more.
    return readFileSync(`/proc/${pid}/cmdline`).length > 0;
  } catch {
    return false;
  }
}
