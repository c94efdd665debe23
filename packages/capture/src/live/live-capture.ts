/** Packets of this machine's interfaces and of other network namespaces, as they pass. To be used in a thread of its own: `poll` blocks. */
import { LIMITS } from '@kubeshark/model';
import type { CompiledCaptureFilter, Endpoint } from '../filter/compile.ts';
import { captureProgram } from '../filter/compile.ts';
import type { InterfaceCounters, OnPacket } from '../source.ts';
import type { CaptureParts, InterfaceChanges, LiveInterface } from './captured-namespace.ts';
import { CapturedNamespace } from './captured-namespace.ts';
import { CaptureInterfaceError } from './errors.ts';
import { InterfaceNumbers } from './interface-numbers.ts';
import type { SystemInterface } from './interfaces.ts';
import { listInterfaces } from './interfaces.ts';
import type { Libc } from './libc.ts';
import { loadLibc } from './libc.ts';
import { NetworkNamespace } from './network-namespace.ts';
import type { NodePod } from './node-traffic.ts';
import { NodeTraffic } from './node-traffic.ts';
import type { PacketRing } from './packet-ring.ts';
import { LINK_ETHERNET, LINK_RAW, LONGEST_TIMEOUT_MS, ringLength } from './packet-ring.ts';
import type { RingCaps } from './ring-memory.ts';
import { ANSWER_RING_BYTES, RingMemory } from './ring-memory.ts';

export interface LiveCaptureOptions {
  /** Names, or `['any']`: every interface that is up. None: other namespaces only. */
  interfaces: readonly string[];
  filter: CompiledCaptureFilter | null;
  /** Of one interface; default 16 MB. With many interfaces each gets less, so that all rings together stay under `LIMITS.ringBytes`. */
  ringBytes?: number;
  /** TCP traffic with one of these is left out in the kernel: our own with the hub. */
  exclude?: readonly Endpoint[];
  /** Of `openWake`: ends a `poll` that waits. */
  wake?: number;
  /** Called from within `poll`, and as interfaces are closed. */
  onPacket: OnPacket;
  /** Of `node`: a number that packets have from now on. */
  onInterface?: (info: LiveInterface) => void;
}

export interface OtherNamespace {
  /** Name for it, not '' and not `node`. In place of one that has it. */
  key: string;
  /** `/proc/PID/ns/net` */
  path: string;
  /** Of `path`, when it was looked at. */
  inode: number;
  exclude: readonly Endpoint[];
}

/** Pods in a node's own network. */
export interface NodePods {
  path: string;
  inode: number;
  exclude: readonly Endpoint[];
  pods: readonly NodePod[];
}

export interface LiveCapture {
  /** Those being captured now. */
  readonly interfaces: readonly LiveInterface[];
  /** `refresh` is due: interfaces of another namespace changed, or rings are prepared or can be replaced. */
  readonly stale: boolean;
  /** Times that limits stood in the way of a ring or of a larger one. */
  readonly caps: RingCaps;
  /** Interfaces of a namespace that are captured, or about to be as soon as their rings are there. */
  count(key: string): number;
  /** Captures on every interface of another network namespace, those to come too; `refresh` says when. Throws `NamespaceError`, `CaptureRightsError` or `CaptureInterfaceError`; nothing is open then. */
  add(namespace: OtherNamespace): void;
  /** Takes no more packets there, hands over those that came before, then leaves it: a later `refresh` says what its interfaces counted. */
  remove(key: string): void;
  /**
   * Captures what these pods send and receive in their node's network, of which each is told by its ports; none: no more.
   * Of which interface and pod a packet is, `onInterface` tells before the first one. Throws as `add` does.
   */
  node(pods: NodePods): void;
  /**
   * Waits until packets are there, at most `timeoutMs`, and hands them to `onPacket`; their number. Takes at most
   * 16 blocks of 256 kB at most, so that the thread gets to its other work; 0 ms only looks.
   */
  poll(timeoutMs: number): number;
  /** Of those being captured now, each since it was opened. */
  stats(): InterfaceCounters[];
  /** Opens interfaces that came and closes those that went (names given: when they are there again); makes rings larger that drop packets. To be called about once a second, and when `stale`. */
  refresh(): InterfaceChanges;
  /** Sockets and rings belong to the process: a thread that ends without this leaves them open. Views handed out are empty afterwards. */
  close(): void;
}

const RING_BYTES = 16_777_216;
/** How long `poll` waits at most while rings are being prepared. */
const PREPARING_MS = 2;
/** As long as rings take less than this, a pod's interface gets one that holds a large answer at first. */
const FEW_PODS_BYTES = 67_108_864;
/** Else this: a node has a hundred pods, and most have little traffic. */
const POD_RING_BYTES = 1_048_576;
/** Of what is free such a ring takes at most one part in this many: with more pods each has less. */
const POD_RING_SHARE = 128;
/** Of a pod's loopback at first. */
const POD_LOOPBACK_RING_BYTES = 524_288;
/** Key of the node's network among the namespaces. */
export const NODE = 'node';
const BLOCKS_A_POLL = 16;
const POLLIN = 1;
const POLLERR = 8;

/** Throws `CaptureRightsError`, `CaptureInterfaceError` or `CaptureUnsupportedError`; nothing is open then. */
export async function openLiveCapture(options: LiveCaptureOptions): Promise<LiveCapture> {
  const rings = new Rings(await loadLibc(), options);
  if (options.interfaces.length > 0) await rings.openOwn();
  return rings;
}

class Rings implements LiveCapture {
  private readonly libc: Libc;
  private readonly options: LiveCaptureOptions;
  private readonly parts: CaptureParts;
  private readonly memory = new RingMemory();
  private readonly namespaces = new Map<string, CapturedNamespace>();
  private nodeTraffic: NodeTraffic | null = null;
  /** Removed, their last packets still to come. */
  private leaving: CapturedNamespace[] = [];
  /** In the order of `waiting`. */
  private rings: { ring: PacketRing; onPacket: OnPacket }[] = [];
  private watched: CapturedNamespace[] = [];
  private waiting: Buffer = Buffer.alloc(0);

  constructor(libc: Libc, options: LiveCaptureOptions) {
    this.libc = libc;
    this.options = options;
    this.parts = {
      libc,
      numbers: new InterfaceNumbers(),
      memory: this.memory,
    };
    this.remember();
  }

  async openOwn(): Promise<void> {
    const { interfaces, exclude = [], ringBytes = RING_BYTES } = this.options;
    const all = listInterfaces(this.libc);
    const missing = interfaces.filter((name) => name !== 'any' && !all.some((i) => i.name === name));
    if (missing.length > 0)
      throw new CaptureInterfaceError(
        `there is no interface ${missing.join(', ')}; there are ${all.map((i) => i.name).join(', ')}, and any for all of them`,
      );
    const own = new CapturedNamespace(this.parts, {
      key: '',
      namespace: null,
      interfaces,
      ...this.each(exclude),
      ringBytes: (_, count) => Math.min(ringBytes, share(count)),
      mostRingBytes: 0,
    });
    try {
      own.refresh();
      await Promise.all(own.preparing);
      own.refresh();
      if (own.rings.length === 0) throw new CaptureInterfaceError('no interface is up: nothing to capture');
    } catch (error) {
      own.close();
      throw error;
    }
    this.namespaces.set('', own);
    this.remember();
  }

  add({ key, path, inode, exclude }: OtherNamespace): void {
    this.remove(key);
    const captured = new CapturedNamespace(this.parts, {
      key,
      namespace: new NetworkNamespace(this.libc, path, inode),
      interfaces: ['any'],
      ...this.each(exclude),
      ringBytes: ({ loopback }) => podRing(this.memory, loopback),
      mostRingBytes: LIMITS.podRingBytes,
      timeoutMs: LONGEST_TIMEOUT_MS,
    });
    this.begin(captured);
  }

  node({ path, inode, exclude, pods }: NodePods): void {
    this.nodeTraffic?.pods(pods);
    const known = this.namespaces.get(NODE);
    if (known && pods.length > 0) known.refilterAll();
    else if (known) {
      this.remove(NODE);
      this.nodeTraffic?.close();
    } else if (pods.length > 0) this.openNode({ path, inode, exclude, pods });
  }

  private openNode({ path, inode, exclude, pods }: NodePods): void {
    const { filter, onPacket, onInterface = () => {} } = this.options;
    const { libc, numbers } = this.parts;
    const traffic = new NodeTraffic({ libc, filter, exclude, numbers, onPacket, onInterface });
    traffic.pods(pods);
    const captured = new CapturedNamespace(this.parts, {
      key: NODE,
      namespace: new NetworkNamespace(this.libc, path, inode),
      interfaces: ['any'],
      list: () => traffic.list(),
      program: () => traffic.program(),
      byAddress: true,
      onPacket: traffic.packet,
      ringBytes: () => ANSWER_RING_BYTES,
      mostRingBytes: LIMITS.podRingBytes,
    });
    this.begin(captured);
    this.nodeTraffic = traffic;
  }

  /** Opens it, or throws and leaves nothing. */
  private begin(captured: CapturedNamespace): void {
    try {
      const { failed } = captured.refresh();
      if (captured.empty && failed.length > 0) throw failed[0]!.error;
    } catch (error) {
      captured.close();
      throw error;
    }
    this.namespaces.set(captured.key, captured);
    this.remember();
  }

  /** A ring for each interface. */
  private each(exclude: readonly Endpoint[]) {
    return {
      list: () => listInterfaces(this.libc),
      program: ({ ethernet }: SystemInterface) =>
        captureProgram(this.options.filter, exclude, ethernet ? LINK_ETHERNET : LINK_RAW),
      byAddress: false,
      onPacket: this.options.onPacket,
    };
  }

  remove(key: string): void {
    const captured = this.namespaces.get(key);
    if (!captured) return;
    this.namespaces.delete(key);
    captured.stop();
    this.leaving.push(captured);
    this.remember();
  }

  get interfaces(): readonly LiveInterface[] {
    return [...this.namespaces.values()].flatMap((captured) => captured.interfaces);
  }

  count(key: string): number {
    return this.namespaces.get(key)?.count ?? 0;
  }

  get stale(): boolean {
    return this.all().some((captured) => captured.due);
  }

  get caps(): RingCaps {
    return this.memory.caps;
  }

  poll(timeoutMs: number): number {
    let packets = 0;
    let blocks = 0;
    // A block of each ring in turn: a busy interface does not starve the others.
    for (let more = true; more && blocks < BLOCKS_A_POLL; ) {
      more = false;
      for (const { ring, onPacket } of this.rings) {
        if (!ring.ready()) continue;
        packets += ring.take(onPacket);
        blocks++;
        more = true;
      }
    }
    if (blocks > 0 || timeoutMs <= 0) return packets;
    // That a ring is prepared shows in the thread's other work only.
    if (this.all().some(({ preparing }) => preparing.length > 0))
      timeoutMs = Math.min(timeoutMs, PREPARING_MS);
    return this.wait(timeoutMs) ? this.poll(0) : 0;
  }

  /** True when packets may be there. */
  private wait(timeoutMs: number): boolean {
    const { waiting, rings, watched } = this;
    const seen = (place: number) => waiting.readInt16LE(place * 8 + 6);
    let events = this.libc.poll(waiting, waiting.length / 8, timeoutMs);
    if (events <= 0) return false;
    for (const [i, { ring }] of rings.entries()) if ((seen(i) & POLLERR) !== 0) ring.clearError();
    for (const [i, captured] of watched.entries())
      if (seen(rings.length + i) !== 0) {
        captured.stale = true;
        events--;
      }
    if (this.options.wake !== undefined && seen(rings.length + watched.length) !== 0) {
      this.libc.read(this.options.wake, Buffer.alloc(8), 8);
      events--;
    }
    return events > 0;
  }

  stats(): InterfaceCounters[] {
    const rings = this.all().flatMap((captured) => captured.stats());
    // The node's packets count where they were seen; what its ring dropped was of any of them.
    return [
      ...rings.map((one) => (one.namespace === NODE ? { ...one, packets: 0, bytes: 0 } : one)),
      ...(this.nodeTraffic?.stats() ?? []),
    ];
  }

  refresh(): InterfaceChanges {
    const all: InterfaceChanges = { came: [], went: [], readdressed: [], failed: [] };
    for (const captured of this.all()) all.went.push(...captured.settle());
    all.went.push(...(this.nodeTraffic?.gone.splice(0) ?? []));
    for (const captured of this.namespaces.values()) {
      captured.grow();
      const { came, readdressed, failed } = captured.refresh();
      all.came.push(...came);
      all.readdressed.push(...readdressed);
      all.failed.push(...failed);
    }
    this.leaving = this.leaving.filter((captured) => {
      if (captured.empty) captured.close();
      return !captured.empty;
    });
    this.remember();
    return all;
  }

  private all(): CapturedNamespace[] {
    return [...this.namespaces.values(), ...this.leaving];
  }

  /** Whom `wait` waits for. */
  private remember(): void {
    this.rings = this.all().flatMap(({ rings, onPacket }) => rings.map((ring) => ({ ring, onPacket })));
    this.watched = [...this.namespaces.values()].filter(({ changes }) => changes !== null);
    const fds = [
      ...this.rings.map(({ ring }) => ring.fd),
      ...this.watched.map(({ changes }) => changes!.fd),
      ...(this.options.wake === undefined ? [] : [this.options.wake]),
    ];
    // struct pollfd: descriptor, events asked for, events seen.
    this.waiting = Buffer.alloc(fds.length * 8);
    for (const [i, fd] of fds.entries()) {
      this.waiting.writeInt32LE(fd, i * 8);
      this.waiting.writeInt16LE(POLLIN | POLLERR, i * 8 + 4);
    }
  }

  close(): void {
    for (const captured of this.all()) captured.close();
    this.namespaces.clear();
    this.leaving = [];
    this.remember();
  }
}

function podRing({ used, free }: RingMemory, loopback: boolean): number {
  if (!loopback && used < FEW_PODS_BYTES) return ANSWER_RING_BYTES;
  return Math.min(loopback ? POD_LOOPBACK_RING_BYTES : POD_RING_BYTES, free / POD_RING_SHARE);
}

/** Of the memory for all rings, when there are so many. */
function share(count: number): number {
  return ringLength(LIMITS.ringBytes / count);
}
