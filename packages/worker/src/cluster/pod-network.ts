/** The network namespace of a pod, by its processes. */
import { statSync } from 'node:fs';
import { join } from 'node:path';

export interface PodNetwork {
  /** `/proc/PID/ns/net` */
  path: string;
  /** Which namespace it is. */
  inode: number;
}

/** Why there is none: `nothing` runs; `host`: what runs is in the node's network, as every sandbox is for a moment. */
export type NoNetwork = { none: 'nothing' | 'host' | 'forbidden' };

/** Of the first of its processes that is not in the node's network. `host`: inode of that. */
export function podNetwork(
  proc: string,
  pids: Iterable<number>,
  host: ReturnType<typeof namespaceOf>,
): PodNetwork | NoNetwork {
  let none: NoNetwork['none'] = 'nothing';
  for (const pid of pids) {
    const path = join(proc, String(pid), 'ns/net');
    const inode = namespaceOf(path);
    if (inode === 'forbidden') none = 'forbidden';
    else if (inode === host) none = 'host';
    else if (inode !== undefined) return { path, inode };
  }
  return { none };
}

/** undefined: no such process. */
export function namespaceOf(path: string): number | 'forbidden' | undefined {
  try {
    return statSync(path).ino;
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    return code === 'EACCES' || code === 'EPERM' ? 'forbidden' : undefined;
  }
}
