/** The command line that a user runs in another terminal to get what this process may not do. */
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { isSea } from 'node:sea';
import { fileURLToPath } from 'node:url';
import { shellWord } from './shell-word.ts';

const INSTALLED = fileURLToPath(new URL('../../../node_modules/.bin/kubeshark', import.meta.url));
const LAUNCHER = fileURLToPath(new URL('../bin/kubeshark.mjs', import.meta.url));
/** Where sudo looks for programs, as its Debian, Fedora and macOS packages have it. */
const SUDO_PATH = ['/usr/local/sbin', '/usr/local/bin', '/usr/sbin', '/usr/bin', '/sbin', '/bin'];

/** `sudo /path/to/kubeshark worker …`; with the user's PATH where sudo would not find Node in its own. */
export function asRoot(args: readonly string[]): string {
  const command = isSea() ? process.execPath : existsSync(INSTALLED) ? INSTALLED : LAUNCHER;
  const sudo =
    isSea() || SUDO_PATH.some((folder) => existsSync(join(folder, 'node')))
      ? 'sudo'
      : 'sudo env PATH="$PATH"';
  return [sudo, ...[command, ...args].map(shellWord)].join(' ');
}
