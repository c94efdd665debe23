/** The worker of `kubeshark start`, in a process of its own: a fault in it does not take the hub along. */
import type { ChildProcess } from 'node:child_process';
import { spawn } from 'node:child_process';
import { fileURLToPath } from 'node:url';

const MAIN = fileURLToPath(new URL('./main.ts', import.meta.url));
const RETRY_FIRST_MS = 500;
const RETRY_MOST_MS = 30_000;
/** One that ran this long starts again at once. */
const STEADY_MS = 60_000;
const KILL_MS = 5_000;

export class CaptureChild {
  private readonly args: readonly string[];
  private child: ChildProcess | null = null;
  private retryMs = RETRY_FIRST_MS;
  private timer: NodeJS.Timeout | undefined;
  private stopping = false;

  /** `args`: of `kubeshark worker`. Started again when it ends by itself. */
  constructor(args: readonly string[]) {
    this.args = args;
    this.start();
  }

  private start(): void {
    const begun = Date.now();
    // A process group of its own: Ctrl-C is for us, we tell it when to stop.
    this.child = spawn(process.execPath, [...process.execArgv, MAIN, 'worker', ...this.args], {
      // When the channel closes, this process is gone, and the worker ends.
      stdio: ['ignore', 'ignore', 'inherit', 'ipc'],
      detached: true,
    });
    this.child.on('error', () => {});
    this.child.on('close', (code, signal) => {
      this.child = null;
      if (this.stopping) return;
      if (Date.now() - begun > STEADY_MS) this.retryMs = RETRY_FIRST_MS;
      console.error(
        `kubeshark: the worker has ended (${signal ?? `exit ${code}`}); it is started again in ${this.retryMs / 1000} s`,
      );
      this.timer = setTimeout(() => this.start(), this.retryMs);
      this.retryMs = Math.min(this.retryMs * 2, RETRY_MOST_MS);
    });
  }

  async stop(): Promise<void> {
    this.stopping = true;
    clearTimeout(this.timer);
    const { child } = this;
    if (child === null) return;
    const ended = new Promise((resolve) => child.once('close', resolve));
    child.kill('SIGTERM');
    const timer = setTimeout(() => child.kill('SIGKILL'), KILL_MS);
    await ended;
    clearTimeout(timer);
  }

  /** At once: this process is going away whatever happens. */
  kill(): void {
    this.child?.kill('SIGKILL');
  }
}
