/** An eventfd(2): whoever writes to it, from any thread, wakes the thread that polls it. */
import { writeSync } from 'node:fs';
import { loadLibc } from './libc.ts';

const EFD_NONBLOCK_CLOEXEC = 0o2004000;

/** To be closed by whoever writes to it, once nobody polls it. */
export async function openWake(): Promise<number> {
  return (await loadLibc()).eventfd(0, EFD_NONBLOCK_CLOEXEC);
}

const ONE = Buffer.from('0100000000000000', 'hex');

export function wake(fd: number): void {
  writeSync(fd, ONE);
}
