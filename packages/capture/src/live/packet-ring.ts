/**
 * One AF_PACKET socket with a receive ring that the kernel fills and we read in place (TPACKET_V3; linux/if_packet.h,
 * Documentation/networking/packet_mmap.rst). Numbers are little-endian, as on every machine that Node runs Linux on.
 */
import type { OnPacket } from '../source.ts';
import { CaptureInterfaceError, CaptureRightsError } from './errors.ts';
import type { SystemInterface } from './interfaces.ts';
import type { Libc } from './libc.ts';

/** A frame must fit into a block: as large as a super-packet of receive offload may be. */
const BLOCK_BYTES = 262_144;
/** Of a small ring: what is larger than offload makes without BIG TCP is cut, and a larger ring asked for. */
const SMALL_BLOCK_BYTES = 131_072;
const SMALL_RING_BYTES = 4_194_304;
/**
 * A block that is not full is handed over after this long. It also sets what capturing costs: at 20,000 packets/s on
 * loopback `poll` itself takes 60 ns of CPU a packet; waking up 100 times a second (80 µs each, with the turn of the
 * event loop) adds 400 ns, 10 times a second 85 ns. Populating the mapping ahead changed nothing.
 */
const BLOCK_TIMEOUT_MS = 10;
/**
 * Few blocks are handed over later: a ring whose reader is kept for this long shall still have one to fill, however little
 * is in each. On two full processors readers were kept for more than 160 ms, and rings that were nearly empty dropped packets.
 */
const PATIENCE_MS = 320;
export const LONGEST_TIMEOUT_MS = 40;

/** Rings are of whole blocks, two at least: below there is none to fill while one is read. */
export function ringLength(bytes: number): number {
  const block = blockBytes(bytes);
  return Math.max(2, Math.floor(bytes / block)) * block;
}

function blockBytes(bytes: number): number {
  return bytes < SMALL_RING_BYTES ? SMALL_BLOCK_BYTES : BLOCK_BYTES;
}

const FRAME_BYTES = 2_048;

const AF_PACKET = 17;
const SOCK_RAW = 3;
const SOCK_DGRAM = 2;
const SOCK_CLOEXEC = 0o2000000;
const ETH_P_ALL = 3;
const ETH_P_IP = 0x0800;
const ETH_P_IPV6 = 0x86dd;
const SOL_SOCKET = 1;
const SO_ERROR = 4;
const SO_ATTACH_FILTER = 26;
const SOL_PACKET = 263;
const PACKET_RX_RING = 5;
const PACKET_STATISTICS = 6;
const PACKET_VERSION = 10;
const PACKET_IGNORE_OUTGOING = 23;
const TPACKET_V3 = 2;
const PROT_READ_WRITE = 3;
const MAP_SHARED = 1;
const PACKET_OUTGOING = 4;
const TP_STATUS_USER = 1;
const TP_STATUS_VLAN_VALID = 16;

/** struct tpacket_block_desc */
const Block = { status: 8, packets: 12, first: 16 } as const;
/** struct tpacket3_hdr, then at 48 struct sockaddr_ll */
const Frame = {
  next: 0,
  seconds: 4,
  nanoseconds: 8,
  captured: 12,
  wire: 16,
  status: 20,
  mac: 24,
  vlan: 32,
  protocol: 50,
  interface: 52,
  packetType: 58,
} as const;

/** The program `return 0`. */
const NOTHING = Buffer.from('0600000000000000', 'hex');

/** Of loopback, in every namespace. */
const LOOPBACK_INDEX = 1;

/** LINKTYPE_ numbers of what a socket gives. */
export const LINK_ETHERNET = 1;
export const LINK_RAW = 101;

export class PacketRing {
  readonly fd: number;
  readonly linkType: number;
  packets = 0;
  bytes = 0;
  private readonly libc: Libc;
  /** Bytes. */
  readonly length: number;
  readonly timeoutMs: number;
  /** Packets that were larger than a block. */
  cut = 0;
  private readonly blockBytes: number;
  private readonly name: string;
  private readonly systemIndex: number;
  private readonly place: number;
  private readonly loopback: boolean;
  private readonly cooked: boolean;
  private memory = 0n;
  private buffer: Buffer = Buffer.alloc(0);
  private words: Int32Array = new Int32Array(0);
  private block = 0;
  private lost = 0;
  /** Blocks taken one after another, without one that was not ready; the most since `fill` was asked. */
  private inRow = 0;
  private mostInRow = 0;
  private readonly request: Buffer;
  private isClosed = false;
  /** It can be started, or, with `problem`, it cannot. */
  prepared = false;
  problem: Error | null = null;
  readonly preparing: Promise<void> | null = null;

  /**
   * `of.systemIndex` 0: all interfaces; `onPacket` then gets the kernel's number of each packet's own instead of `place`.
   * `program`: array of struct sock_filter, null takes all. Made by a thread in the namespace of the interface.
   * `timeoutMs`: after which a block is handed over that is not full; a ring in the place of another has that one's, so that
   * more blocks are more patience. Takes nothing before it is `prepared` and started.
   */
  constructor(
    libc: Libc,
    of: SystemInterface,
    place: number,
    ringBytes: number,
    program: Buffer | null,
    timeoutMs?: number,
  ) {
    this.libc = libc;
    this.name = of.name;
    this.systemIndex = of.systemIndex;
    this.place = place;
    this.loopback = of.loopback;
    // Without Ethernet (tunnels, WireGuard, PPP) the kernel is asked for the packet without its link header.
    this.cooked = !of.ethernet;
    this.linkType = of.ethernet ? LINK_ETHERNET : LINK_RAW;
    this.length = ringLength(ringBytes);
    this.blockBytes = blockBytes(ringBytes);
    // Protocol 0: nothing is received before the filter is in place and the socket is bound.
    this.fd = libc.socket(AF_PACKET, (this.cooked ? SOCK_DGRAM : SOCK_RAW) | SOCK_CLOEXEC, 0);
    if (this.fd < 0) throw failure(libc, of.name, 'socket');
    const blocks = this.length / this.blockBytes;
    this.timeoutMs =
      timeoutMs ?? Math.min(LONGEST_TIMEOUT_MS, Math.max(BLOCK_TIMEOUT_MS, PATIENCE_MS / blocks));
    const frames = this.length / FRAME_BYTES;
    this.request = words(this.blockBytes, blocks, FRAME_BYTES, frames, this.timeoutMs, 0, 0);
    this.orClose(() => {
      if (program) this.attach(program);
      this.set(SOL_PACKET, PACKET_VERSION, words(TPACKET_V3), 'PACKET_VERSION');
      // Every packet of loopback passes twice. An old kernel (before 4.20) does not know this; `take` sorts out too.
      if (of.loopback) libc.setsockopt(this.fd, SOL_PACKET, PACKET_IGNORE_OUTGOING, words(1), 4);
    });
    this.preparing = this.prepare();
  }

  /** The kernel takes its time for a ring: meanwhile the thread takes packets of others. */
  private async prepare(): Promise<void> {
    const { libc, fd, request } = this;
    const done = await libc.setsockoptLater(fd, SOL_PACKET, PACKET_RX_RING, request);
    if (this.isClosed) {
      libc.closeLater(fd);
      return;
    }
    try {
      // Once more for the reason.
      if (done !== 0) this.set(SOL_PACKET, PACKET_RX_RING, request, `a ring of ${this.length} bytes`);
      this.map();
    } catch (error) {
      this.problem = error as Error;
    }
    this.prepared = true;
  }

  /** Takes packets from now on. Throws when the interface is gone; it is closed then. */
  start(): void {
    // struct sockaddr_ll
    const address = Buffer.alloc(20);
    address.writeUInt16LE(AF_PACKET, 0);
    address.writeUInt16BE(ETH_P_ALL, 2);
    address.writeInt32LE(this.systemIndex, 4);
    this.orClose(() => {
      if (this.libc.bind(this.fd, address, address.length) !== 0) throw failure(this.libc, this.name, 'bind');
    });
  }

  /** Takes no more packets; those that it holds can still be taken. */
  stop(): void {
    this.attach(NOTHING);
  }

  /** Goes on counting from where the ring before it was. */
  follow(before: PacketRing): void {
    this.packets += before.packets;
    this.bytes += before.bytes;
    this.cut += before.cut;
    this.lost += before.dropped();
  }

  private orClose(work: () => void): void {
    try {
      work();
    } catch (error) {
      this.close();
      throw error;
    }
  }

  /** In place of the program before it. */
  attach(program: Buffer): void {
    // struct sock_fprog: count, padding, pointer.
    const argument = Buffer.alloc(16);
    argument.writeUInt16LE(program.length / 8, 0);
    argument.writeBigUInt64LE(this.libc.address(program), 8);
    this.set(SOL_SOCKET, SO_ATTACH_FILTER, argument, 'attaching the filter');
  }

  private map(): void {
    const memory = BigInt(this.libc.mmap(null, this.length, PROT_READ_WRITE, MAP_SHARED, this.fd, 0));
    if (memory === -1n) throw failure(this.libc, this.name, 'mmap');
    this.memory = memory;
    const view = this.libc.view(memory, this.length);
    this.buffer = Buffer.from(view);
    this.words = new Int32Array(view);
  }

  private set(level: number, option: number, value: Buffer, what: string): void {
    if (this.libc.setsockopt(this.fd, level, option, value, value.length) !== 0)
      throw failure(this.libc, this.name, what);
  }

  get closed(): boolean {
    return this.isClosed;
  }

  /** A block is waiting. */
  ready(): boolean {
    const ready =
      this.memory !== 0n &&
      (Atomics.load(this.words, (this.block * this.blockBytes + Block.status) >> 2) & TP_STATUS_USER) !== 0;
    if (!ready) this.inRow = 0;
    return ready;
  }

  /** How much of it was waiting to be read at most since the last call: 1 is full, and more when it filled as it was read. */
  fill(): number {
    const most = this.mostInRow;
    this.mostInRow = this.inRow = 0;
    return (most * this.blockBytes) / this.length;
  }

  /** Hands over the packets of the next block and gives it back to the kernel; their number. Only when `ready`. */
  take(onPacket: OnPacket): number {
    const { words, buffer, linkType, place } = this;
    const start = this.block * this.blockBytes;
    const count = words[(start + Block.packets) >> 2]!;
    let frame = start + words[(start + Block.first) >> 2]!;
    let taken = 0;
    try {
      for (let i = 0; i < count; i++) {
        const at = frame >> 2;
        if (this.wanted(frame)) {
          const captured = words[at + (Frame.captured >> 2)]!;
          const wire = words[at + (Frame.wire >> 2)]!;
          const data = frame + (words[at + (Frame.mac >> 2)]! & 0xffff);
          const seconds = words[at + (Frame.seconds >> 2)]! >>> 0;
          // Nanoseconds are cut to µs, as those of files are: a time is a safe integer.
          const time = seconds * 1_000_000 + Math.trunc(words[at + (Frame.nanoseconds >> 2)]! / 1_000);
          const vlan =
            (words[at + (Frame.status >> 2)]! & TP_STATUS_VLAN_VALID) !== 0
              ? words[at + (Frame.vlan >> 2)]! & 0xffff
              : -1;
          taken++;
          this.bytes += wire;
          if (captured < wire) this.cut++;
          const from = this.systemIndex === 0 ? words[at + (Frame.interface >> 2)]! : place;
          onPacket(buffer, data, data + captured, wire, time, linkType, from, vlan);
          // Whoever got the packet closed the capture.
          if (this.memory === 0n) break;
        }
        frame += words[at]!;
      }
    } finally {
      this.packets += taken;
      this.mostInRow = Math.max(this.mostInRow, ++this.inRow);
      if (this.memory !== 0n) {
        Atomics.store(words, (start + Block.status) >> 2, 0);
        this.block = (this.block + 1) % (this.length / this.blockBytes);
      }
    }
    return taken;
  }

  private wanted(frame: number): boolean {
    const loopback =
      this.loopback ||
      (this.systemIndex === 0 && this.words[(frame + Frame.interface) >> 2] === LOOPBACK_INDEX);
    if (loopback && this.buffer[frame + Frame.packetType] === PACKET_OUTGOING) return false;
    if (!this.cooked) return true;
    const protocol = (this.buffer[frame + Frame.protocol]! << 8) | this.buffer[frame + Frame.protocol + 1]!;
    return protocol === ETH_P_IP || protocol === ETH_P_IPV6;
  }

  /** Packets the kernel had no room for, since the ring was opened. */
  dropped(): number {
    if (this.memory === 0n) return this.lost;
    // struct tpacket_stats_v3: packets, drops, freezes. Reading sets them to 0.
    const counters = Buffer.alloc(12);
    if (this.libc.getsockopt(this.fd, SOL_PACKET, PACKET_STATISTICS, counters, words(12)) === 0)
      this.lost += counters.readUInt32LE(4);
    return this.lost;
  }

  /** An interface that goes down leaves an error on its socket, with which every poll returns at once. */
  clearError(): void {
    this.libc.getsockopt(this.fd, SOL_SOCKET, SO_ERROR, Buffer.alloc(4), words(4));
  }

  /** `now`: also when that takes a while. */
  close(now = false): void {
    if (this.isClosed) return;
    if (this.memory !== 0n) {
      this.dropped();
      // Detached, a view that somebody kept is empty; else reading it would end the process.
      (this.buffer.buffer as ArrayBuffer).transfer(0);
      this.libc.munmap(this.memory, this.length);
      this.memory = 0n;
    }
    this.isClosed = true;
    if (this.preparing !== null && !this.prepared) return;
    if (now) this.libc.close(this.fd);
    else this.libc.closeLater(this.fd);
  }
}

function words(...values: number[]): Buffer {
  return Buffer.from(new Uint32Array(values).buffer);
}

function failure(libc: Libc, name: string, what: string): Error {
  const reason = libc.errorName(libc.errno());
  if (reason === 'EPERM' || reason === 'EACCES') return new CaptureRightsError(reason);
  if (reason === 'ENOMEM')
    return new CaptureInterfaceError(
      `cannot capture on ${name}: the kernel has no memory for it (${what}: ENOMEM)`,
    );
  return new CaptureInterfaceError(`cannot capture on ${name}: ${what}: ${reason}`);
}
