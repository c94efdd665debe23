/** pcapng (draft-ietf-opsawg-pcapng): sections of blocks, each section with its own byte order and interfaces. */

import type { FileFormat, FileHandlers } from './file-format.ts';
import { LARGEST_UNIT } from './file-format.ts';
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
  if (first.readUInt32BE(0) !== Block.section) return null;
  let little = true;
  let interfaces: Interface[] = [];
  let count = 0;
  let lastTime = 0;

  return {
    read(bytes, start, end, offset) {
      if (end - start < 12) return -12;
      const isSection = bytes.readUInt32BE(start) === Block.section;
      if (isSection) {
        const order = bytes.readUInt32LE(start + 8);
        if (order !== BYTE_ORDER && bytes.readUInt32BE(start + 8) !== BYTE_ORDER)
          throw new CaptureFileError(`damaged at byte ${offset}: a section without byte order`, offset);
        little = order === BYTE_ORDER;
        interfaces = [];
      }
      const u16 = (at: number) => (little ? bytes.readUInt16LE(at) : bytes.readUInt16BE(at));
      const u32 = (at: number) => (little ? bytes.readUInt32LE(at) : bytes.readUInt32BE(at));
      const length = u32(start + 4);
      if (length < 12 || length % 4 !== 0 || length > LARGEST_UNIT)
        throw new CaptureFileError(`damaged at byte ${offset}: a block of ${length} bytes`, offset);
      if (end - start < length) return -length;
      const body = start + 8;
      const stop = start + length - 4;

      const time = (at: number, { units, offset: seconds }: Interface) => {
        const high = u32(at);
        const low = u32(at + 4);
        if (seconds === 0n && units === 1_000_000n) return high * 4_294_967_296 + low;
        // 2^32 = 4,294,967 × 1000 + 296: nanoseconds by doubles without losing any.
        if (seconds === 0n && units === 1_000_000_000n)
          return high * 4_294_967 + Math.floor((high * 296 + low) / 1000);
        const stamp = (BigInt(high) << 32n) | BigInt(low);
        return Number((stamp * 1_000_000n) / units + seconds * 1_000_000n);
      };
      const packet = (from: Interface, data: number, captured: number, wire: number, at: number) => {
        if (data + captured > stop)
          throw new CaptureFileError(`damaged at byte ${offset}: a packet longer than its block`, offset);
        lastTime = at;
        handlers.onPacket(bytes, data, data + captured, wire, at, from.linkType, from.number, -1);
      };
      const interfaceAt = (index: number): Interface => {
        const found = interfaces[index];
        if (!found)
          throw new CaptureFileError(
            `damaged at byte ${offset}: a packet of interface ${index}, which is not declared`,
            offset,
          );
        return found;
      };

      switch (u32(start)) {
        case Block.interface: {
          if (stop - body < 8)
            throw new CaptureFileError(`damaged at byte ${offset}: an interface without its fields`, offset);
          const declared: Interface = {
            number: count++,
            linkType: u16(body),
            snapLength: u32(body + 4),
            units: 1_000_000n,
            offset: 0n,
          };
          let name = '';
          for (let at = body + 8; at + 4 <= stop; ) {
            const code = u16(at);
            const size = u16(at + 2);
            const value = at + 4;
            if (code === Option.end || value + size > stop) break;
            if (code === Option.name) name = bytes.toString('utf8', value, value + size);
            else if (code === Option.resolution && size >= 1) {
              const exponent = BigInt(bytes[value]! & 0x7f);
              declared.units = bytes[value]! & 0x80 ? 2n ** exponent : 10n ** exponent;
            } else if (code === Option.offset && size >= 8)
              declared.offset = little ? bytes.readBigInt64LE(value) : bytes.readBigInt64BE(value);
            at = value + ((size + 3) & ~3);
          }
          interfaces.push(declared);
          handlers.onInterface({ name, linkType: declared.linkType, addresses: [] }, declared.number);
          break;
        }
        case Block.enhanced: {
          if (stop - body < 20) break;
          const from = interfaceAt(u32(body));
          packet(from, body + 20, u32(body + 12), u32(body + 16), time(body + 4, from));
          break;
        }
        case Block.packet: {
          if (stop - body < 20) break;
          const from = interfaceAt(u16(body));
          packet(from, body + 20, u32(body + 12), u32(body + 16), time(body + 4, from));
          break;
        }
        case Block.simple: {
          if (stop - body < 4) break;
          const from = interfaceAt(0);
          const wire = u32(body);
          const kept = from.snapLength === 0 ? wire : Math.min(wire, from.snapLength);
          // A simple packet has no time of its own: that of the packet before it.
          packet(from, body + 4, Math.min(kept, stop - body - 4), wire, lastTime);
          break;
        }
        default:
      }
      return length;
    },
  };
}
