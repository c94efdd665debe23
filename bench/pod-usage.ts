/** What a pod's container uses, from /proc and the control groups: for clusters whose nodes are on this machine. */
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { cpuSeconds, residentBytes } from '../e2e/support/process-usage.ts';

const CGROUPS = '/sys/fs/cgroup';

export class PodUsage {
  /** By what they run. */
  private readonly processes: ReadonlyMap<string, number>;
  private readonly memory: string;

  /** Throws when no process of the pod is on this machine. */
  constructor(uid: string) {
    const found = new Map<string, number>();
    let cgroups = '';
    for (const name of readdirSync('/proc')) {
      if (!/^\d+$/.test(name)) continue;
      try {
        const groups = readFileSync(`/proc/${name}/cgroup`, 'utf8');
        const words = readFileSync(`/proc/${name}/cmdline`, 'utf8').split('\0');
        // The sandbox's own process, and the runtime's while it starts the container.
        if (!groups.includes(`pod${uid}`) || !words[0]!.endsWith('/node')) continue;
        found.set(
          words.find((word) => word.endsWith('.js'))!.replace(/^.*\/(\w+)\/src\//, '$1/'),
          Number(name),
        );
        cgroups = groups;
      } catch {
        // It ended meanwhile.
      }
    }
    if (found.size === 0) throw new Error(`no process of pod ${uid} is on this machine`);
    this.processes = found;
    const v1 = /^\d+:memory:(.*)$/m.exec(cgroups);
    this.memory = v1 ? join(CGROUPS, 'memory', v1[1]!) : join(CGROUPS, /^0::(.*)$/m.exec(cgroups)![1]!);
  }

  /** CPU seconds of each process. */
  used(): { name: string; cpu: number }[] {
    return [...this.processes].map(([name, pid]) => ({ name, cpu: cpuSeconds(pid) }));
  }

  residentBytes(): number {
    return [...this.processes.values()].reduce((sum, pid) => sum + residentBytes(pid), 0);
  }

  /** What counts against the container's limit: files that the kernel can let go of do not. */
  workingSetBytes(): number {
    const used = ['memory.current', 'memory.usage_in_bytes']
      .map((file) => join(this.memory, file))
      .find(existsSync)!;
    const stat = readFileSync(join(this.memory, 'memory.stat'), 'utf8');
    return Number(readFileSync(used, 'utf8')) - Number(/^(?:total_)?inactive_file (\d+)$/m.exec(stat)![1]);
  }
}
