/** A node in a folder: control groups of pods, and processes with network namespaces, as files. Needs no rights. */
import { mkdirSync, mkdtempSync, rmSync, statSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { onTestFinished } from 'vitest';

export class NodeFolder {
  readonly proc: string;
  readonly node: string;
  readonly cgroup: string;
  private pids = 100;

  constructor() {
    const folder = mkdtempSync(join(tmpdir(), 'kubeshark-node-'));
    onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
    this.proc = join(folder, 'proc');
    this.node = join(this.proc, '1');
    this.cgroup = join(this.node, 'root/sys/fs/cgroup');
    mkdirSync(this.cgroup, { recursive: true });
    write(join(this.node, 'ns/net'), '');
  }

  /** cgroup v2 rather than v1. */
  unified(): this {
    write(join(this.cgroup, 'cgroup.controllers'), 'cpu');
    return this;
  }

  /** A control group, by its path below the root. */
  group(path: string, pids: readonly number[] = []): string {
    write(join(this.cgroup, path, 'cgroup.procs'), pids.map((pid) => `${pid}\n`).join(''));
    return path;
  }

  ungroup(path: string): void {
    rmSync(join(this.cgroup, path), { recursive: true });
  }

  /** A process in a network of its own, or in the `node`'s, or in that of another process. */
  process(network: 'own' | 'node' | number = 'own'): number {
    const pid = ++this.pids;
    if (network === 'own') write(join(this.proc, `${pid}/ns/net`), '');
    else
      linkTo(
        join(this.proc, network === 'node' ? '1' : `${network}`, 'ns/net'),
        join(this.proc, `${pid}/ns/net`),
      );
    return pid;
  }

  /** The process leaves the node's network for one of its own. */
  unshare(pid: number): void {
    rmSync(join(this.proc, `${pid}/ns/net`));
    write(join(this.proc, `${pid}/ns/net`), '');
  }

  /** The process has a socket that listens at this port of the node, and one that does not. */
  listens(pid: number, port: number): void {
    const hex = port.toString(16).toUpperCase().padStart(4, '0');
    const line = (n: number, local: string, state: string, inode: number) =>
      `   ${n}: 0100007F:${local} 00000000:0000 ${state} 00000000:00000000 00:00000000 00000000     0        0 ${inode} 1 0 100 0 0 10 0\n`;
    write(
      join(this.node, 'net/tcp'),
      `  sl  local_address rem_address   st tx_queue\n${line(0, hex, '0A', 777)}${line(1, 'C350', '01', 778)}`,
    );
    linkTo('socket:[777]', join(this.proc, `${pid}/fd/3`));
    linkTo('socket:[778]', join(this.proc, `${pid}/fd/4`));
  }

  kill(pid: number): void {
    rmSync(join(this.proc, `${pid}`), { recursive: true });
  }

  network(pid: number): number {
    return statSync(join(this.proc, `${pid}/ns/net`)).ino;
  }
}

function linkTo(target: string, path: string): void {
  mkdirSync(dirname(path), { recursive: true });
  symlinkSync(target, path);
}

function write(path: string, text: string): void {
  mkdirSync(dirname(path), { recursive: true });
  writeFileSync(path, text);
}
