/** The ports at which processes in the node's network listen: what is known of a pod there that declares none. */
import { closeSync, openSync, readdirSync, readlinkSync, readSync } from 'node:fs';
import { join } from 'node:path';
import { LIMITS } from '@kubeshark/model';

/** TCP_LISTEN of the kernel's include/net/tcp_states.h. */
const LISTEN = '0A';
const CHUNK = 65_536;

/** Ports by the inode of the socket that listens there. `node`: a process in the node's network, below `/proc`. */
export function listeners(node: string): Map<string, number> {
  return new Map([...listening(join(node, 'net/tcp')), ...listening(join(node, 'net/tcp6'))]);
}

/** Sockets that listen come first; a busy node has tens of thousands of others behind them, which are not read. */
function* listening(path: string): Generator<[inode: string, port: number]> {
  let file: number;
  try {
    file = openSync(path, 'r');
  } catch {
    // Without IPv6 there is no table for it.
    return;
  }
  try {
    const chunk = Buffer.alloc(CHUNK);
    let rest = '';
    // The head.
    let first = true;
    for (let length = readSync(file, chunk); length > 0; length = readSync(file, chunk)) {
      const lines = (rest + chunk.toString('latin1', 0, length)).split('\n');
      rest = lines.pop()!;
      for (const line of lines) {
        const [, local = '', , state, , , , , , inode = ''] = line.trim().split(/\s+/);
        if (!first && state !== LISTEN) return;
        if (!first) yield [inode, Number.parseInt(local.slice(local.indexOf(':') + 1), 16)];
        first = false;
      }
    }
  } finally {
    closeSync(file);
  }
}

/** Of these processes, ascending. `tooMany`: they have more files than are looked at. */
export function portsOf(
  proc: string,
  pids: Iterable<number>,
  ports: ReadonlyMap<string, number>,
  tooMany: () => void,
): number[] {
  const found = new Set<number>();
  let looked = 0;
  for (const pid of pids)
    for (const name of filesOf(join(proc, `${pid}/fd`))) {
      if (++looked > LIMITS.hostPodFiles) {
        tooMany();
        return sorted(found);
      }
      const inode = /^socket:\[(\d+)\]$/.exec(targetOf(join(proc, `${pid}/fd/${name}`)))?.[1];
      const port = inode === undefined ? undefined : ports.get(inode);
      if (port !== undefined) found.add(port);
    }
  return sorted(found);
}

function sorted(ports: ReadonlySet<number>): number[] {
  return [...ports].toSorted((a, b) => a - b);
}

function filesOf(folder: string): string[] {
  try {
    return readdirSync(folder);
  } catch {
    // It has ended, or may not be looked at.
    return [];
  }
}

function targetOf(link: string): string {
  try {
    return readlinkSync(link);
  } catch {
    return '';
  }
}
