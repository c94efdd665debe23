/** Packets of this machine's interfaces, as they pass. To be used in a thread of its own: `poll` blocks. */
import type { CompiledCaptureFilter, Endpoint } from '../filter/compile.ts';
import { captureProgram } from '../filter/compile.ts';
import type { CaptureInterface, InterfaceCounters, OnPacket } from '../source.ts';
import { CaptureInterfaceError } from './errors.ts';
import type { SystemInterface } from './interfaces.ts';
import { listInterfaces } from './interfaces.ts';
import type { Libc } from './libc.ts';
import { loadLibc } from './libc.ts';
import { BLOCK_BYTES, LINK_ETHERNET, LINK_RAW, PacketRing } from './packet-ring.ts';

export interface LiveInterface extends CaptureInterface {
  /** What `onPacket` gets as the interface's number; never used again for another interface. */
  readonly index: number;
  /** The kernel's number. */
  readonly systemIndex: number;
}

export interface LiveCaptureOptions {
  /** Names, or `['any']`: every interface that is up. */
  interfaces: readonly string[];
  filter: CompiledCaptureFilter | null;
  /** Of one interface; default 16 MB. With many interfaces each gets less: all rings together stay under 256 MB (1 MB each at least). */
  ringBytes?: number;
  /** TCP traffic with one of these is left out in the kernel: our own with the hub. */
  exclude?: readonly Endpoint[];
  /** Called from within `poll`. */
  onPacket: OnPacket;
}

export interface InterfaceChanges {
  came: LiveInterface[];
  went: LiveInterface[];
  /** Others that have other addresses now. */
  readdressed: LiveInterface[];
}

export interface LiveCapture {
  /** Those being captured now. */
  readonly interfaces: readonly LiveInterface[];
  /**
   * Waits until packets are there, at most `timeoutMs`, and hands them to `onPacket`; their number. Takes at most
   * 16 blocks of 256 kB, so that the thread gets to its other work; 0 ms only looks.
   */
  poll(timeoutMs: number): number;
  /** Since the start; of interfaces that went away too. */
  stats(): InterfaceCounters[];
  /** Opens interfaces that came and closes those that went (names given: when they are there again). To be called about once a second. */
  refresh(): InterfaceChanges;
  /** Sockets and rings belong to the process: a thread that ends without this leaves them open. Views handed out are empty afterwards. */
  close(): void;
}

const RING_BYTES = 16_777_216;
const ALL_RINGS_BYTES = 268_435_456;
const SMALLEST_RING_BYTES = 1_048_576;
const BLOCKS_A_POLL = 16;
const POLLIN = 1;
const POLLERR = 8;

/** Throws `CaptureRightsError`, `CaptureInterfaceError` or `CaptureUnsupportedError`; nothing is open then. */
export async function openLiveCapture(options: LiveCaptureOptions): Promise<LiveCapture> {
  return new Rings(await loadLibc(), options);
}

interface Opened {
  info: LiveInterface;
  ring: PacketRing;
}

class Rings implements LiveCapture {
  private readonly libc: Libc;
  private readonly options: LiveCaptureOptions;
  private opened: Opened[] = [];
  /** Counters of interfaces that went away. */
  private readonly past: InterfaceCounters[] = [];
  private nextIndex = 0;
  private waiting: Buffer = Buffer.alloc(0);

  constructor(libc: Libc, options: LiveCaptureOptions) {
    this.libc = libc;
    this.options = options;
    const all = listInterfaces(libc);
    const missing = options.interfaces.filter((name) => name !== 'any' && !all.some((i) => i.name === name));
    if (missing.length > 0)
      throw new CaptureInterfaceError(
        `there is no interface ${missing.join(', ')}; there are ${all.map((i) => i.name).join(', ')}, and any for all of them`,
      );
    try {
      this.refresh();
    } catch (error) {
      this.close();
      throw error;
    }
    if (this.opened.length === 0) throw new CaptureInterfaceError('no interface is up: nothing to capture');
  }

  get interfaces(): readonly LiveInterface[] {
    return this.opened.map(({ info }) => info);
  }

  poll(timeoutMs: number): number {
    let packets = 0;
    let blocks = 0;
    // A block of each ring in turn: a busy interface does not starve the others.
    for (let more = true; more && blocks < BLOCKS_A_POLL; ) {
      more = false;
      for (const { ring } of this.opened) {
        if (!ring.ready()) continue;
        packets += ring.take(this.options.onPacket);
        blocks++;
        more = true;
      }
    }
    if (blocks > 0 || timeoutMs <= 0) return packets;
    return this.wait(timeoutMs) ? this.poll(0) : 0;
  }

  private wait(timeoutMs: number): boolean {
    if (this.libc.poll(this.waiting, this.opened.length, timeoutMs) <= 0) return false;
    for (let i = 0; i < this.opened.length; i++)
      if ((this.waiting.readInt16LE(i * 8 + 6) & POLLERR) !== 0) this.opened[i]!.ring.clearError();
    return true;
  }

  stats(): InterfaceCounters[] {
    return [...this.past, ...this.opened.map(counters)];
  }

  refresh(): InterfaceChanges {
    const changes: InterfaceChanges = { came: [], went: [], readdressed: [] };
    const now = listInterfaces(this.libc);
    const byIndex = new Map(now.map((i) => [i.systemIndex, i]));
    this.opened = this.opened.filter((opened) => {
      const system = byIndex.get(opened.info.systemIndex);
      if (system && system.name === opened.info.name) {
        if (system.addresses.join() !== opened.info.addresses.join()) {
          opened.info.addresses = system.addresses;
          changes.readdressed.push(opened.info);
        }
        return true;
      }
      // What it left in its ring is still traffic.
      while (opened.ring.ready()) opened.ring.take(this.options.onPacket);
      this.past.push(counters(opened));
      opened.ring.close();
      changes.went.push(opened.info);
      return false;
    });
    const open = new Set(this.opened.map(({ info }) => info.systemIndex));
    const any = this.options.interfaces.includes('any');
    const wanted = now.filter(
      (i) => !open.has(i.systemIndex) && ((any && i.up) || this.options.interfaces.includes(i.name)),
    );
    for (const system of wanted) {
      try {
        const opened = this.open(system, this.opened.length + wanted.length);
        this.opened.push(opened);
        changes.came.push(opened.info);
      } catch (error) {
        // It went away since it was listed.
        if (this.libc.if_nametoindex(system.name) === system.systemIndex) throw error;
      }
    }
    if (changes.came.length > 0 || changes.went.length > 0) this.rememberFds();
    return changes;
  }

  private open(system: SystemInterface, count: number): Opened {
    const share = Math.floor(ALL_RINGS_BYTES / count / BLOCK_BYTES) * BLOCK_BYTES;
    const ringBytes = Math.min(this.options.ringBytes ?? RING_BYTES, Math.max(SMALLEST_RING_BYTES, share));
    const linkType = system.ethernet ? LINK_ETHERNET : LINK_RAW;
    const program = captureProgram(this.options.filter, this.options.exclude ?? [], linkType);
    const index = this.nextIndex++;
    const ring = new PacketRing(this.libc, system, index, ringBytes, program);
    const { name, systemIndex, addresses } = system;
    return { ring, info: { index, systemIndex, name, addresses, linkType } };
  }

  private rememberFds(): void {
    // struct pollfd: descriptor, events asked for, events seen.
    this.waiting = Buffer.alloc(this.opened.length * 8);
    for (const [i, { ring }] of this.opened.entries()) {
      this.waiting.writeInt32LE(ring.fd, i * 8);
      this.waiting.writeInt16LE(POLLIN | POLLERR, i * 8 + 4);
    }
  }

  close(): void {
    for (const opened of this.opened) {
      this.past.push(counters(opened));
      opened.ring.close();
    }
    this.opened = [];
  }
}

function counters({ info, ring }: Opened): InterfaceCounters {
  return { interface: info.name, packets: ring.packets, bytes: ring.bytes, dropped: ring.dropped() };
}
