/** Hosts of our own: network namespaces with veth pairs. Needs root. */
import { spawnSync } from 'node:child_process';

export const isRoot = process.platform === 'linux' && process.getuid?.() === 0;

function ip(...args: string[]): void {
  const { status, stderr } = spawnSync('ip', args, { encoding: 'utf8' });
  if (status !== 0) throw new Error(`ip ${args.join(' ')}: ${stderr}`);
}

export class Network {
  private readonly namespaces: string[] = [];

  /** A host joined to this machine: `address` there, `gateway` here (a /24). */
  host(name: string, address: string, gateway: string): void {
    spawnSync('ip', ['netns', 'del', name]);
    ip('netns', 'add', name);
    this.namespaces.push(name);
    ip('link', 'add', `${name}-h`, 'type', 'veth', 'peer', 'name', 'eth0', 'netns', name);
    ip('addr', 'add', `${gateway}/24`, 'dev', `${name}-h`);
    ip('link', 'set', `${name}-h`, 'up');
    ip('-n', name, 'addr', 'add', `${address}/24`, 'dev', 'eth0');
    ip('-n', name, 'link', 'set', 'eth0', 'up');
    ip('-n', name, 'link', 'set', 'lo', 'up');
    ip('-n', name, 'route', 'add', 'default', 'via', gateway);
  }

  /** Runs a command on a host to its end. */
  run(name: string, ...command: string[]): string {
    const { status, stdout, stderr } = spawnSync('ip', ['netns', 'exec', name, ...command], {
      encoding: 'utf8',
      timeout: 60_000,
    });
    if (status !== 0) throw new Error(`${command.join(' ')} on ${name}: ${stderr}`);
    return stdout;
  }

  close(): void {
    for (const name of this.namespaces) spawnSync('ip', ['netns', 'del', name]);
  }
}
