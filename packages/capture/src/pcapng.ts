/** pcapng (draft-ietf-opsawg-pcapng): sections of blocks, each section with its own byte order and interfaces. */

import type { FileFormat, FileHandlers } from './file-format.ts';
import { FileBytes, LARGEST_UNIT } from './file-format.ts';
import { CaptureFileError } from './source.ts';

const Block = { section: 0x0a0d0d0a, interface: 1, packet: 2, simple: 3, enhanced: 6 } as const;
const BYTE_ORDER = 0x1a2b3c4d;
const Option = { end: 0, name: 2, resolution: 9, offset: 14 } as const;

interface Interface {
  /** Number in the whole file: interfaces of a later section go on counting. */
  number: number;
  linkType: number;
  snapLength: number;
  /** Units of a time stamp in a second. */
  units: bigint;
  /** Seconds to be added. */
  offset: bigint;
}

/** null when it does not begin with a section header. */
export function pcapngFormat(first: Buffer, handlers: FileHandlers): FileFormat | null {
  return first.readUInt32BE(0) === Block.section ? new Pcapng(handlers) : null;
}

class Pcapng implements FileFormat {
  private readonly handlers: FileHandlers;
  private readonly file = new FileBytes();
  private interfaces: Interface[] = [];
  private count = 0;
  private lastTime = 0;
  /** Of the block being read: its place in the file, and where its body ends. */
  private offset = 0;
  private stop = 0;

  constructor(handlers: FileHandlers) {
    this.handlers = handlers;
  }

  /** Reads one block. */
  read(bytes: Buffer, start: number, end: number, offset: number): number {
    const { file } = this;
    file.of(bytes);
    this.offset = offset;
    if (end - start < 12) return -12;
    if (file.u32(start) === Block.section) this.beginSection(start);
    const length = file.u32(start + 4);
    if (length < 12 || length % 4 !== 0 || length > LARGEST_UNIT)
      throw this.damaged(`a block of ${length} bytes`);
    if (end - start < length) return -length;
    const body = start + 8;
    this.stop = start + length - 4;
    const size = this.stop - body;
    switch (file.u32(start)) {
      case Block.interface:
        if (size < 8) throw this.damaged('an interface without its fields');
        this.addInterface(body);
        break;
      case Block.enhanced:
        if (size >= 20) this.packet(file.u32(body), body);
        break;
      case Block.packet:
        if (size >= 20) this.packet(file.u16(body), body);
        break;
      case Block.simple:
        if (size >= 4) this.simple(body, size - 4);
        break;
      default:
    }
    return length;
  }

  /** The section header's type reads the same in both byte orders. */
  private beginSection(start: number): void {
    const { file } = this;
    if (file.u32(start + 8) !== BYTE_ORDER) {
      file.little = !file.little;
      if (file.u32(start + 8) !== BYTE_ORDER) throw this.damaged('a section without byte order');
    }
    this.interfaces = [];
  }

  private addInterface(body: number): void {
    const { file, stop } = this;
    const declared: Interface = {
      number: this.count++,
      linkType: file.u16(body),
      snapLength: file.u32(body + 4),
      units: 1_000_000n,
      offset: 0n,
    };
    let name = '';
    for (let at = body + 8; at + 4 <= stop; ) {
      const code = file.u16(at);
      const size = file.u16(at + 2);
      const value = at + 4;
      if (code === Option.end || value + size > stop) break;
      if (code === Option.name) name = file.bytes.toString('utf8', value, value + size);
      else if (code === Option.resolution && size >= 1) {
        const exponent = BigInt(file.bytes[value]! & 0x7f);
        declared.units = file.bytes[value]! & 0x80 ? 2n ** exponent : 10n ** exponent;
      } else if (code === Option.offset && size >= 8) declared.offset = file.i64(value);
      at = value + ((size + 3) & ~3);
    }
    this.interfaces.push(declared);
    this.handlers.onInterface({ name, linkType: declared.linkType, addresses: [] }, declared.number);
  }

  /** Of an enhanced or an old packet block, which differ in the width of their interface's number only. */
  private packet(index: number, body: number): void {
    const { file } = this;
    const from = this.interfaceAt(index);
    const time = this.time(body + 4, from);
    this.give(from, body + 20, file.u32(body + 12), file.u32(body + 16), time);
  }

  private simple(body: number, room: number): void {
    const from = this.interfaceAt(0);
    const wire = this.file.u32(body);
    const kept = from.snapLength === 0 ? wire : Math.min(wire, from.snapLength);
    // A simple packet has no time of its own: that of the packet before it.
    this.give(from, body + 4, Math.min(kept, room), wire, this.lastTime);
  }

  private give(from: Interface, data: number, captured: number, wire: number, time: number): void {
    if (data + captured > this.stop) throw this.damaged('a packet longer than its block');
    this.lastTime = time;
    this.handlers.onPacket(
      this.file.bytes,
      data,
      data + captured,
      wire,
      time,
      from.linkType,
      from.number,
      -1,
    );
  }

  private time(at: number, { units, offset }: Interface): number {
    const high = this.file.u32(at);
    const low = this.file.u32(at + 4);
    if (offset === 0n && units === 1_000_000n) return high * 4_294_967_296 + low;
    // 2^32 = 4,294,967 × 1000 + 296: nanoseconds by doubles without losing any.
    if (offset === 0n && units === 1_000_000_000n)
      return high * 4_294_967 + Math.floor((high * 296 + low) / 1000);
    const stamp = (BigInt(high) << 32n) | BigInt(low);
    return Number((stamp * 1_000_000n) / units + offset * 1_000_000n);
  }

  private interfaceAt(index: number): Interface {
    const found = this.interfaces[index];
    if (!found) throw this.damaged(`a packet of interface ${index}, which is not declared`);
    return found;
  }

  private damaged(what: string): CaptureFileError {
    return new CaptureFileError(`damaged at byte ${this.offset}: ${what}`, this.offset);
  }
}
