/** What the hub knows of one start of one worker, connected or not. */
import type { WorkerStatus } from '@kubeshark/model';
import { captured } from '@kubeshark/model/schemas';
import { ClockOffset } from './clock-offset.ts';
import type { WorkerSession } from './worker-session.ts';

export interface FileProgress {
  fraction: number;
  done: boolean;
}

export class Boot {
  readonly boot: string;
  readonly worker: string;
  readonly source: 'live' | 'file';
  readonly files: readonly string[];
  readonly version: string;
  readonly clock = new ClockOffset();
  /** Highest batch number held or stored, and stored. */
  received: number;
  stored: number;
  session: WorkerSession | null = null;
  /** Gone for so long that its open rows were closed. */
  abandoned = false;
  /** When it last connected or was lost: ms by the wall clock, and by the clock that is never set. */
  since = Date.now();
  changed = performance.now();
  status: WorkerStatus | null = null;
  progress: FileProgress = { fraction: 0, done: false };
  packetsPerSecond = 0;
  private statusAt = 0;

  constructor(
    boot: string,
    worker: string,
    source: 'live' | 'file',
    files: readonly string[],
    version: string,
    stored: number,
  ) {
    this.boot = boot;
    this.worker = worker;
    this.source = source;
    this.files = files;
    this.version = version;
    this.received = this.stored = stored;
  }

  /** It has connected or was lost. */
  mark(): void {
    this.since = Date.now();
    this.changed = performance.now();
  }

  /** Gone for good, and all it sent is stored. */
  get over(): boolean {
    return this.session === null && this.abandoned && this.received === this.stored;
  }

  get packets(): number {
    return this.status ? captured(this.status, 'packets') : 0;
  }

  get dropped(): number {
    return this.status ? captured(this.status, 'dropped') : 0;
  }

  report(status: WorkerStatus): void {
    const time = performance.now();
    const before = this.packets;
    this.status = status;
    const seconds = (time - this.statusAt) / 1000;
    if (this.statusAt > 0 && seconds > 0.2)
      this.packetsPerSecond = Math.max(0, (this.packets - before) / seconds);
    this.statusAt = time;
  }
}
