/** Hosts of our own: network namespaces with veth pairs. Needs root. */
import { execFile, spawnSync } from 'node:child_process';
import { promisify } from 'node:util';

const execute = promisify(execFile);

export const isRoot = process.platform === 'linux' && process.getuid?.() === 0;

function ip(...args: string[]): void {
  const { status, stderr } = spawnSync('ip', args, { encoding: 'utf8' });
  if (status !== 0) throw new Error(`ip ${args.join(' ')}: ${stderr}`);
}

export class Network {
  private readonly namespaces: string[] = [];

  /** A host joined to this machine, or to another host: `address` there, `gateway` at its other end `NAME-h` (a /24). */
  host(name: string, address: string, gateway: string, router?: string): void {
    spawnSync('ip', ['netns', 'del', name]);
    ip('netns', 'add', name);
    this.namespaces.push(name);
    const other = router === undefined ? [] : ['-n', router];
    ip(...other, 'link', 'add', `${name}-h`, 'type', 'veth', 'peer', 'name', 'eth0', 'netns', name);
    ip(...other, 'addr', 'add', `${gateway}/24`, 'dev', `${name}-h`);
    ip(...other, 'link', 'set', `${name}-h`, 'up');
    ip('-n', name, 'addr', 'add', `${address}/24`, 'dev', 'eth0');
    ip('-n', name, 'link', 'set', 'eth0', 'up');
    ip('-n', name, 'link', 'set', 'lo', 'up');
    ip('-n', name, 'route', 'add', 'default', 'via', gateway);
  }

  /** Runs a command on a host to its end. */
  async run(name: string, ...command: string[]): Promise<string> {
    return (await execute('ip', ['netns', 'exec', name, ...command], { timeout: 60_000 })).stdout;
  }

  close(): void {
    for (const name of this.namespaces) spawnSync('ip', ['netns', 'del', name]);
  }
}
