/** Network namespaces for tests, as pods have them. Needs root. */
import { spawn, spawnSync } from 'node:child_process';
import { statSync } from 'node:fs';

export function ip(...args: string[]): void {
  const { status, stderr } = spawnSync('ip', args, { encoding: 'utf8' });
  if (status !== 0) throw new Error(`ip ${args.join(' ')}: ${stderr}`);
}

/** A network namespace with a veth pair; `inside` is the interface's name there. */
export class TestNamespace {
  readonly name: string;
  readonly path: string;
  readonly address: string;
  private readonly outside: string;

  /** `number` makes name and addresses, 0 to 255: 198.18.N.1 outside, 198.18.N.2 inside. */
  constructor(prefix: string, number: number, inside = 'eth0') {
    this.name = `${prefix}${number}`;
    this.outside = `${prefix}${number}h`;
    this.path = `/run/netns/${this.name}`;
    this.address = `198.18.${number}.2`;
    ip('netns', 'add', this.name);
    ip('link', 'add', this.outside, 'type', 'veth', 'peer', 'name', inside, 'netns', this.name);
    ip('addr', 'add', `198.18.${number}.1/24`, 'dev', this.outside);
    ip('link', 'set', this.outside, 'up');
    ip('-n', this.name, 'addr', 'add', `${this.address}/24`, 'dev', inside);
    ip('-n', this.name, 'link', 'set', inside, 'up');
    ip('-n', this.name, 'link', 'set', 'lo', 'up');
  }

  get inode(): number {
    return statSync(this.path).ino;
  }

  /** Runs a program inside; ends with the namespace. */
  run(command: string, ...args: string[]): ReturnType<typeof spawn> {
    return spawn('ip', ['netns', 'exec', this.name, command, ...args], { stdio: 'ignore' });
  }

  remove(): void {
    spawnSync('ip', ['link', 'del', this.outside]);
    spawnSync('ip', ['netns', 'del', this.name]);
  }
}
