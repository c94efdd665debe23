/** A process that is the node's own: where the node's file system and network are seen from inside a pod. */
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { namespaceOf } from './pod-network.ts';

/** `/proc/1`. Throws words for the operator when it must not be looked at. */
export function nodeProcess(proc: string): string {
  if (process.pid === 1)
    throw new Error('this worker does not see the node’s processes: hostPID is not set in its pod');
  for (const pid of ['1', '2']) {
    const folder = join(proc, pid);
    // Where init is out of reach, there is the kernel's first thread, which stays where the machine began.
    if (pid === '2' && !isKernelThread(folder)) continue;
    if (typeof namespaceOf(join(folder, 'ns/net')) === 'number') return folder;
  }
  throw new Error('this worker must not look at the node’s processes: CAP_SYS_PTRACE is missing');
}

function isKernelThread(folder: string): boolean {
  return existsSync(folder) && readFileSync(join(folder, 'comm'), 'utf8') === 'kthreadd\n';
}
