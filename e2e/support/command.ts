/** Runs the real `kubeshark` command, from the sources, under the Node it ships with. */

import type { ChildProcess } from 'node:child_process';
import { spawn, spawnSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';

export const LAUNCHER = fileURLToPath(new URL('../../packages/cli/bin/kubeshark.mjs', import.meta.url));
/** The capture that comes with the command. */
export const SAMPLE = fileURLToPath(new URL('../../packages/cli/sample/shop.pcap.gz', import.meta.url));

export interface Result {
  code: number | null;
  stdout: string;
  stderr: string;
}

/** Runs it to its end. */
export async function kubeshark(args: string[], input?: Buffer): Promise<Result> {
  const child = spawn(process.execPath, [LAUNCHER, ...args], { stdio: ['pipe', 'pipe', 'pipe'] });
  const out: Buffer[] = [];
  const err: Buffer[] = [];
  child.stdout.on('data', (part: Buffer) => out.push(part));
  child.stderr.on('data', (part: Buffer) => err.push(part));
  child.stdin.on('error', () => {});
  child.stdin.end(input);
  const code = await new Promise<number | null>((resolve) => child.on('close', resolve));
  return { code, stdout: Buffer.concat(out).toString(), stderr: Buffer.concat(err).toString() };
}

/** In front of a command: without root's rights. */
const UNPRIVILEGED = ['setpriv', '--reuid', '65534', '--regid', '65534', '--clear-groups'];

/** Root can give its rights up, and somebody else may read this checkout. */
export const canDropRights =
  process.getuid?.() === 0 &&
  spawnSync(UNPRIVILEGED[0]!, [...UNPRIVILEGED.slice(1), 'test', '-r', LAUNCHER]).status === 0;

/** A command that goes on until it is stopped. */
export class Running {
  readonly child: ChildProcess;
  /** Everything it said on both streams. */
  text = '';
  stdout = '';
  private readonly exited: Promise<number | null>;

  constructor(
    args: string[],
    options: {
      namespace?: string;
      env?: NodeJS.ProcessEnv;
      unprivileged?: boolean;
      /** In place of the sources: what is started with the arguments. */
      program?: readonly string[];
    } = {},
  ) {
    const command = [...(options.program ?? [process.execPath, LAUNCHER]), ...args];
    if (options.namespace) command.unshift('ip', 'netns', 'exec', options.namespace);
    if (options.unprivileged) command.unshift(...UNPRIVILEGED);
    this.child = spawn(command[0]!, command.slice(1), {
      stdio: ['ignore', 'pipe', 'pipe'],
      env: { ...process.env, ...options.env },
    });
    for (const stream of [this.child.stdout, this.child.stderr])
      stream?.on('data', (part: Buffer) => {
        this.text += String(part);
      });
    this.child.stdout?.on('data', (part: Buffer) => {
      this.stdout += String(part);
    });
    this.exited = new Promise((resolve) => this.child.on('close', resolve));
  }

  /** Waits until it said something; throws with all it said when it does not in time. */
  async says(what: RegExp, ms = 30_000): Promise<RegExpExecArray> {
    const end = Date.now() + ms;
    for (;;) {
      const match = what.exec(this.text);
      if (match) return match;
      if (Date.now() > end || this.child.exitCode !== null)
        throw new Error(`it never said ${what}. It said:\n${this.text}`);
      await new Promise((resolve) => setTimeout(resolve, 20));
    }
  }

  /** Waits until it ends by itself; its exit status. */
  async ends(): Promise<number | null> {
    return await this.exited;
  }

  async stop(signal: NodeJS.Signals = 'SIGINT'): Promise<number | null> {
    if (this.child.exitCode === null) this.child.kill(signal);
    return await this.exited;
  }
}

/** Waits for a condition. */
export async function until(
  what: string,
  condition: () => boolean | Promise<boolean>,
  ms = 30_000,
): Promise<void> {
  const end = Date.now() + ms;
  while (!(await condition())) {
    if (Date.now() > end) throw new Error(`not within ${ms} ms: ${what}`);
    await new Promise((resolve) => setTimeout(resolve, 25));
  }
}
