/** Real processes of the product that can be killed at any moment: without a launcher that would outlive them. */
import type { ChildProcess } from 'node:child_process';
import { spawn } from 'node:child_process';
import { readdirSync, readFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

// As its launcher does.
process.env['NODE_COMPILE_CACHE'] ??= join(tmpdir(), 'kubeshark-compile-cache');
const MAIN = fileURLToPath(new URL('../../packages/cli/src/main.ts', import.meta.url));

export interface ServiceOptions {
  /** The network namespace that it runs in. */
  namespace?: string;
  /** Modules that are loaded before it. */
  imports?: readonly string[];
}

export class Service {
  private readonly command: readonly string[];
  child: ChildProcess;
  output = '';
  starts = 0;

  constructor(args: readonly string[], { namespace, imports = [] }: ServiceOptions = {}) {
    const host = namespace === undefined ? [] : ['ip', 'netns', 'exec', namespace];
    const node = [process.execPath, '--disable-warning=ExperimentalWarning'];
    this.command = [...host, ...node, ...imports.flatMap((path) => ['--import', path]), MAIN, ...args];
    this.child = this.start();
  }

  start(): ChildProcess {
    this.starts++;
    const [program, ...rest] = this.command;
    this.child = spawn(program!, rest, { stdio: ['ignore', 'pipe', 'pipe'] });
    for (const stream of [this.child.stdout, this.child.stderr])
      stream?.on('data', (part: Buffer) => {
        this.output = (this.output + String(part)).slice(-20_000);
      });
    return this.child;
  }

  /** SIGKILL, and waits until it is gone. */
  async kill(): Promise<void> {
    await this.end('SIGKILL');
  }

  async stop(): Promise<void> {
    await this.end('SIGTERM');
  }

  private async end(signal: NodeJS.Signals): Promise<void> {
    const { child } = this;
    if (child.exitCode !== null || child.signalCode !== null) return;
    const gone = new Promise((resolve) => child.once('exit', resolve));
    child.kill(signal);
    await gone;
  }
}

/** Processes that a process started, whose command line holds a text. */
export function childrenOf(pid: number, text: string): number[] {
  const children: number[] = [];
  for (const name of readdirSync('/proc')) {
    if (!/^\d+$/.test(name)) continue;
    try {
      const parent = Number(readFileSync(`/proc/${name}/stat`, 'utf8').split(') ').at(-1)!.split(' ')[1]);
      if (parent === pid && readFileSync(`/proc/${name}/cmdline`, 'utf8').includes(text))
        children.push(Number(name));
    } catch {
      // It ended meanwhile.
    }
  }
  return children;
}
