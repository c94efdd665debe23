/** What the interfaces of a capture have counted: each that is there, together those that went away, and those of each pod. */
import type { InterfaceCounters } from '@kubeshark/capture';
import type { WorkerStatus } from '@kubeshark/model';

export type Counted = NonNullable<WorkerStatus['gone']>;

export class InterfaceCounts {
  capturing: WorkerStatus['capturing'] = [];
  /** By key, of the namespaces that are open. */
  namespaces: ReadonlyMap<string, Counted> = new Map();
  readonly gone: Counted = { packets: 0, bytes: 0, dropped: 0 };
  /** Packets dropped that were given out, by the interface's number. */
  private readonly told = new Map<number, number>();

  /** Of interfaces that went away of namespaces that have others, by the namespace's key. */
  private past = new Map<string, Counted>();

  /** Takes the counters of now and the last ones of those that `went`; gives what was dropped since the last time. */
  update(
    now: readonly InterfaceCounters[],
    went: readonly InterfaceCounters[],
  ): { index: number; interface: string; dropped: number }[] {
    const drops: { index: number; interface: string; dropped: number }[] = [];
    for (const { index, interface: name, dropped } of [...went, ...now]) {
      const more = dropped - (this.told.get(index) ?? 0);
      if (more > 0) drops.push({ index, interface: name, dropped: more });
      this.told.set(index, dropped);
    }
    for (const counters of went) {
      this.told.delete(counters.index);
      add(this.gone, counters);
    }
    this.capturing = merged(now);
    const open = new Set(now.map(({ namespace }) => namespace));
    this.past = new Map([...byNamespace(went, this.past)].filter(([key]) => open.has(key)));
    this.namespaces = byNamespace(now, this.past);
    return drops;
  }
}

function add(to: Counted, { packets, bytes, dropped }: Counted): void {
  to.packets += packets;
  to.bytes += bytes;
  to.dropped += dropped;
}

function byNamespace(
  some: readonly InterfaceCounters[],
  before: ReadonlyMap<string, Counted>,
): Map<string, Counted> {
  const sums = new Map([...before].map(([key, counted]) => [key, { ...counted }]));
  for (const counters of some) {
    const { namespace } = counters;
    if (namespace === '') continue;
    const sum = sums.get(namespace) ?? { packets: 0, bytes: 0, dropped: 0 };
    add(sum, counters);
    sums.set(namespace, sum);
  }
  return sums;
}

/** Of other namespaces those of one name together: a hundred pods have an eth0 each. */
function merged(some: readonly InterfaceCounters[]): WorkerStatus['capturing'] {
  const own: WorkerStatus['capturing'] = [];
  const others = new Map<string, WorkerStatus['capturing'][number]>();
  for (const { namespace, interface: name, packets, bytes, dropped } of some) {
    const one = { interface: name, packets, bytes, dropped };
    const known = others.get(name);
    if (namespace === '') own.push(one);
    else if (known) add(known, one);
    else others.set(name, one);
  }
  return [...own, ...others.values()];
}
