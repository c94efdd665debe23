/** One network namespace under capture: a ring for each of its interfaces. */
import type { CaptureInterface, InterfaceCounters, OnPacket } from '../source.ts';
import { CaptureInterfaceError } from './errors.ts';
import type { InterfaceNumbers } from './interface-numbers.ts';
import type { SystemInterface } from './interfaces.ts';
import type { Libc } from './libc.ts';
import { LinkChanges } from './link-changes.ts';
import type { NetworkNamespace } from './network-namespace.ts';
import { LONGEST_TIMEOUT_MS, PacketRing, ringLength } from './packet-ring.ts';
import type { RingMemory } from './ring-memory.ts';
import { ANSWER_RING_BYTES } from './ring-memory.ts';

export interface LiveInterface extends CaptureInterface {
  /** What `onPacket` gets as the interface's number; not used again for another interface within 15 minutes. */
  readonly index: number;
  /** The kernel's number, in its namespace. */
  readonly systemIndex: number;
  /** Key of its namespace; '' for the one of the calling thread. */
  readonly namespace: string;
}

export interface InterfaceChanges {
  came: LiveInterface[];
  /** What those counted, for the last time, that went away a moment ago. */
  went: InterfaceCounters[];
  /** Others that have other addresses now. */
  readdressed: LiveInterface[];
  /** Of other namespaces: those that cannot be captured, and why. */
  failed: { namespace: string; error: Error }[];
}

/** What the namespaces of one capture have in common. */
export interface CaptureParts {
  libc: Libc;
  numbers: InterfaceNumbers;
  memory: RingMemory;
}

export interface NamespaceSettings {
  key: string;
  /** null: the calling thread's own. */
  namespace: NetworkNamespace | null;
  /** Names, or `any`: every interface that is up. */
  interfaces: readonly string[];
  /** Interfaces that are there; called within the namespace. */
  list: () => SystemInterface[];
  /** Of a filter for one of them. */
  program: (system: SystemInterface) => Buffer | null;
  /** `program` is another one when the addresses are. */
  byAddress: boolean;
  onPacket: OnPacket;
  /** Of one interface at first, when `count` are opened. */
  ringBytes: (system: SystemInterface, count: number) => number;
  /** A ring that drops packets is replaced by a larger one, up to this. */
  mostRingBytes: number;
  /** As in `PacketRing`. */
  timeoutMs?: number;
}

/** After so long the kernel has handed over the block that it was filling. */
const SETTLE_MS = 2 * LONGEST_TIMEOUT_MS;
const NEVER = Number.POSITIVE_INFINITY;

interface Opened {
  info: LiveInterface;
  system: SystemInterface;
  ring: PacketRing;
  /** A larger ring that gets the packets already; they are read when `ring` is empty, so that they stay in order. */
  next: PacketRing | null;
  /** When `ring` got its last packet at the latest; in time to come: it still gets some. */
  stopped: number;
  /** Packets that `ring` had dropped or cut when it was last looked. */
  missed: number;
}

/** Part of a ring: what waited to be read took that much of it. */
const NEARLY_FULL = 0.75;

export class CapturedNamespace {
  /** Interfaces changed since they were last looked at. */
  stale = true;
  readonly changes: LinkChanges | null = null;
  private readonly parts: CaptureParts;
  private readonly settings: NamespaceSettings;
  private opened: Opened[] = [];
  /** Their rings are being prepared. */
  private opening: Opened[] = [];
  /** Of interfaces that went away, until the kernel has handed over what it holds for them. */
  private leaving: Opened[] = [];

  /** Takes over the namespace, also when it throws. Opens nothing yet: `refresh` does, in steps. */
  constructor(parts: CaptureParts, settings: NamespaceSettings) {
    this.parts = parts;
    this.settings = settings;
    if (settings.namespace === null) return;
    try {
      // Before the interfaces are listed: none that comes meanwhile is missed.
      this.changes = settings.namespace.within(() => new LinkChanges(parts.libc));
    } catch (error) {
      settings.namespace.close();
      throw error;
    }
  }

  get key(): string {
    return this.settings.key;
  }

  /** Interfaces that are captured or about to be. */
  get count(): number {
    return this.opened.length + this.opening.length;
  }

  get interfaces(): LiveInterface[] {
    return this.opened.map(({ info }) => info);
  }

  get rings(): PacketRing[] {
    return [...this.opened, ...this.leaving].map(({ ring }) => ring);
  }

  get onPacket(): OnPacket {
    return this.settings.onPacket;
  }

  /** Of its interfaces, each since it was opened. */
  stats(): InterfaceCounters[] {
    return [...this.opened, ...this.leaving].map(counters);
  }

  /** Looks for interfaces that came and that went, when there may be some; captures on those whose rings are prepared. */
  refresh(): InterfaceChanges {
    const { namespace } = this.settings;
    const changes: InterfaceChanges = { came: [], went: [], readdressed: [], failed: [] };
    // Of its own namespace the thread has no word of changes: it looks.
    const stale = this.stale;
    this.stale = false;
    if (namespace === null) this.compare(changes);
    else if (stale) {
      this.changes?.drain();
      namespace.within(() => this.compare(changes));
    }
    for (const opening of this.opening.filter(({ ring }) => ring.prepared)) this.begin(opening, changes);
    this.opening = this.opening.filter(({ ring }) => !ring.prepared);
    return changes;
  }

  /** `refresh` has something to do. */
  get due(): boolean {
    return (
      this.stale ||
      this.opening.some(({ ring }) => ring.prepared) ||
      this.opened.some((opened) => opened.next?.prepared && (opened.stopped === NEVER || isSettled(opened)))
    );
  }

  /** Rings that are being prepared. */
  get preparing(): Promise<void>[] {
    return [...this.opening.map(({ ring }) => ring), ...this.opened.map(({ next }) => next)].flatMap(
      (ring) => (ring?.preparing && !ring.prepared ? [ring.preparing] : []),
    );
  }

  private compare(changes: InterfaceChanges): void {
    const now = this.settings.list();
    const byIndex = new Map(now.map((i) => [i.systemIndex, i]));
    this.opened = this.opened.filter((opened) => {
      const system = byIndex.get(opened.info.systemIndex);
      if (system && system.name === opened.info.name) {
        if (system.addresses.join() !== opened.info.addresses.join()) {
          opened.info.addresses = system.addresses;
          if (this.settings.byAddress) this.refilter(opened);
          changes.readdressed.push(opened.info);
        }
        return true;
      }
      this.leave(opened);
      return false;
    });
    for (const { info } of this.opening)
      info.addresses = byIndex.get(info.systemIndex)?.addresses ?? info.addresses;
    const open = new Set([...this.opened, ...this.opening].map(({ info }) => info.systemIndex));
    const any = this.settings.interfaces.includes('any');
    const wanted = now.filter(
      (i) => !open.has(i.systemIndex) && ((any && i.up) || this.settings.interfaces.includes(i.name)),
    );
    for (const system of wanted) {
      try {
        this.opening.push(this.open(system, this.opened.length + wanted.length));
      } catch (error) {
        this.failed(system, error as Error, changes);
      }
    }
  }

  private failed(system: SystemInterface, error: Error, { failed }: InterfaceChanges): void {
    if (this.settings.namespace === null) {
      // It went away since it was listed.
      if (this.parts.libc.if_nametoindex(system.name) !== system.systemIndex) return;
      throw error;
    }
    failed.push({ namespace: this.key, error });
  }

  private open(system: SystemInterface, count: number): Opened {
    const { numbers, memory } = this.parts;
    const bytes = memory.takeAtMost(ringLength(this.settings.ringBytes(system, count)));
    if (bytes === 0)
      throw new CaptureInterfaceError(
        `no room for a ring on ${system.name}: all rings together take ${memory.used} bytes, the most they may`,
      );
    const index = numbers.take(performance.now());
    try {
      if (index === undefined)
        throw new CaptureInterfaceError(`no number is left for ${system.name}: too many interfaces`);
      const { name, systemIndex, addresses } = system;
      const ring = this.ring(system, index, bytes, this.settings.timeoutMs);
      const info = { index, systemIndex, namespace: this.key, name, addresses, linkType: ring.linkType };
      return { ring, system, info, next: null, stopped: NEVER, missed: 0 };
    } catch (error) {
      memory.give(bytes);
      if (index !== undefined) numbers.release(index, performance.now());
      throw error;
    }
  }

  /** Its ring is prepared. */
  private begin(opening: Opened, changes: InterfaceChanges): void {
    const { ring, system, info } = opening;
    try {
      if (ring.problem) throw ring.problem;
      ring.start();
      this.opened.push(opening);
      changes.came.push(info);
    } catch (error) {
      this.end(opening);
      this.failed(system, error as Error, changes);
    }
  }

  private ring(system: SystemInterface, index: number, bytes: number, timeoutMs?: number): PacketRing {
    const program = this.settings.program(system);
    return new PacketRing(this.parts.libc, system, index, bytes, program, timeoutMs);
  }

  private refilter({ ring, next, system, stopped }: Opened): void {
    const program = this.settings.program(system);
    if (!program) return;
    next?.attach(program);
    if (stopped === NEVER) ring.attach(program);
  }

  /** `program` gives another one now. */
  refilterAll(): void {
    for (const opened of [...this.opened, ...this.opening]) this.refilter(opened);
  }

  /**
   * Rings that dropped or cut packets since the last call, or were nearly full, get more room. To be called about once a
   * second. Of 2,000 calls a second between pods on two full processors 381 packets were lost before rings grew early.
   */
  grow(): void {
    for (const opened of this.opened) {
      const missed = opened.ring.dropped() + opened.ring.cut;
      const lost = missed > opened.missed;
      const more = opened.ring.fill() >= NEARLY_FULL || lost;
      opened.missed = missed;
      if (more && opened.next === null) this.enlarge(opened, lost);
    }
  }

  /** Twofold; after a loss at once to where it holds a large answer. */
  private enlarge(opened: Opened, lost: boolean): void {
    const { memory } = this.parts;
    const { info, system, ring } = opened;
    const most = this.settings.mostRingBytes;
    if (ring.length >= most) {
      if (this.settings.namespace) memory.caps.cap_podRingBytes++;
      return;
    }
    const twofold = Math.min(2 * ring.length, most);
    const bytes = memory.takeToGrow(lost ? [Math.max(twofold, ANSWER_RING_BYTES), twofold] : [twofold]);
    if (bytes === 0) return;
    try {
      const make = () => this.ring(system, info.index, bytes, ring.timeoutMs);
      opened.next = this.settings.namespace ? this.settings.namespace.within(make) : make();
    } catch {
      // The small one goes on.
      memory.give(bytes);
    }
  }

  /** The larger ring is prepared. */
  private change(opened: Opened): void {
    const { ring, next } = opened;
    try {
      if (next!.problem) throw next!.problem;
      // A packet that comes between these two is in neither ring: one more of those that are being dropped.
      ring.stop();
      next!.start();
      opened.stopped = performance.now();
    } catch {
      // The kernel has no memory for it, or the interface is going: the small one goes on.
      this.free(next!);
      opened.next = null;
    }
  }

  /** Takes no more packets; those that were there before are still to be taken, then `settle` closes. */
  stop(): void {
    for (const opened of this.opened) {
      opened.ring.stop();
      opened.next?.stop();
      this.leave(opened);
    }
    for (const opening of this.opening) this.end(opening);
    this.opened = this.opening = [];
  }

  private leave(opened: Opened): void {
    // A larger ring that has no packets yet is not needed any more.
    if (opened.next && opened.stopped === NEVER) {
      this.free(opened.next);
      opened.next = null;
    }
    opened.stopped = performance.now();
    this.leaving.push(opened);
  }

  /** Closes rings whose last packets have been handed over; what those counted that went away. */
  settle(): InterfaceCounters[] {
    for (const opened of this.opened) {
      if (opened.next?.prepared && opened.stopped === NEVER) this.change(opened);
      else if (isSettled(opened)) this.replace(opened);
    }
    const last = this.leaving.filter(isSettled).map((opened) => this.end(opened));
    this.leaving = this.leaving.filter((opened) => !opened.ring.closed);
    return last;
  }

  private replace(opened: Opened): void {
    const { ring, next } = opened;
    this.drain(ring);
    next!.follow(ring);
    this.free(ring);
    const missed = next!.dropped() + next!.cut;
    Object.assign(opened, { ring: next, next: null, stopped: NEVER, missed });
  }

  /** Nothing is open in it. */
  get empty(): boolean {
    return this.count + this.leaving.length === 0;
  }

  /** Closes the rings and leaves the namespace. */
  close(): void {
    for (const opened of this.opened) this.leave(opened);
    for (const each of [...this.leaving, ...this.opening]) this.end(each, true);
    this.opened = this.opening = this.leaving = [];
    this.changes?.close();
    this.settings.namespace?.close();
  }

  private end(opened: Opened, now = false): InterfaceCounters {
    if (opened.next) this.replace(opened);
    const { ring, info } = opened;
    this.drain(ring);
    const last = counters(opened);
    this.free(ring, now);
    this.parts.numbers.release(info.index, performance.now());
    return last;
  }

  private free(ring: PacketRing, now = false): void {
    ring.close(now);
    this.parts.memory.give(ring.length);
  }

  private drain(ring: PacketRing): void {
    while (ring.ready()) ring.take(this.settings.onPacket);
  }
}

function isSettled({ stopped }: Opened): boolean {
  return performance.now() - stopped > SETTLE_MS;
}

function counters({ info, ring }: Opened): InterfaceCounters {
  const { index, namespace, name } = info;
  const { packets, bytes } = ring;
  return { index, namespace, interface: name, packets, bytes, dropped: ring.dropped() };
}
