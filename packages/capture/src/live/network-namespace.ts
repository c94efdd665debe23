/** Another network namespace, in which the calling thread does something and comes back. */
import { closeSync, fstatSync, openSync, writeSync } from 'node:fs';
import { NamespaceError } from './errors.ts';
import type { Libc } from './libc.ts';

const CLONE_NEWNET = 0x40000000;

export class NetworkNamespace {
  private readonly libc: Libc;
  private readonly fd: number;

  /**
   * `path`: `/proc/PID/ns/net`. `inode`: which namespace it was when it was looked at; another one means that the process
   * is gone and its number is another's. The namespace lives as long as this is open. Throws `NamespaceError`.
   */
  constructor(libc: Libc, path: string, inode?: number) {
    this.libc = libc;
    try {
      this.fd = openSync(path, 'r');
    } catch (error) {
      const { code } = error as NodeJS.ErrnoException;
      if (code === 'EACCES' || code === 'EPERM')
        throw new NamespaceError(
          `no right to look at the pod’s processes: CAP_SYS_PTRACE is missing (${code})`,
          false,
        );
      throw new NamespaceError(`its process is gone (${code})`, true);
    }
    if (inode !== undefined && fstatSync(this.fd).ino !== inode) {
      this.close();
      throw new NamespaceError('its process is gone, another one has its number', true);
    }
  }

  /** Runs `work`, which must not wait for anything, with this thread inside. */
  within<T>(work: () => T): T {
    // Sockets stay where they were made: only the making has to be inside (5 µs there and back).
    const home = openSync('/proc/thread-self/ns/net', 'r');
    try {
      if (this.libc.setns(this.fd, CLONE_NEWNET) !== 0) throw refused(this.libc);
      try {
        return work();
      } finally {
        if (this.libc.setns(home, CLONE_NEWNET) !== 0) end(this.libc);
      }
    } finally {
      closeSync(home);
    }
  }

  close(): void {
    closeSync(this.fd);
  }
}

function refused(libc: Libc): NamespaceError {
  const reason = libc.errorName(libc.errno());
  return new NamespaceError(
    reason === 'EPERM'
      ? 'no right to enter its network: CAP_SYS_ADMIN is missing (setns: EPERM)'
      : `its network cannot be entered (setns: ${reason})`,
    false,
  );
}

/** A thread that is left in a pod's network would take the pod's traffic for the node's, and this worker's for the pod's. */
function end(libc: Libc): never {
  writeSync(
    2,
    `kubeshark: cannot leave a pod's network namespace (setns: ${libc.errorName(libc.errno())})\n`,
  );
  // `exit` and `abort` end a thread alone.
  process.kill(process.pid, 'SIGKILL');
  for (;;);
}
