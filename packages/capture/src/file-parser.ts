/** Capture files as bytes come in: tells pcap from pcapng, keeps what is cut at a chunk's end. */

import type { FileFormat, FileHandlers } from './file-format.ts';
import { LARGEST_UNIT } from './file-format.ts';
import { pcapFormat } from './pcap.ts';
import { pcapngFormat } from './pcapng.ts';
import { CaptureFileError } from './source.ts';

const EMPTY = Buffer.alloc(0);

export class CaptureFileParser {
  packets = 0;
  bytes = 0;
  private format: FileFormat | null = null;
  /** The beginning of a unit, and how long it is at least. */
  private carry: Buffer = EMPTY;
  private needed = 0;
  private readonly handlers: FileHandlers;

  constructor(handlers: FileHandlers) {
    this.handlers = {
      onInterface: handlers.onInterface,
      onPacket: (bytes, start, end, wireLength, time, linkType, index, vlan) => {
        this.packets++;
        handlers.onPacket(bytes, start, end, wireLength, time, linkType, index, vlan);
      },
    };
  }

  /** Throws `CaptureFileError` for what is no capture. */
  push(chunk: Buffer): void {
    const base = this.bytes;
    this.bytes += chunk.length;
    let at = 0;
    // Only the unit that the chunks' border cuts is put together: copying whole chunks cost a tenth of reading a file.
    while (this.carry.length > 0) {
      const more = Math.min(Math.max(this.needed - this.carry.length, 1), chunk.length - at);
      const start = base + at - this.carry.length;
      const joined = Buffer.concat([this.carry, chunk.subarray(at, at + more)]);
      at += more;
      const read = this.read(joined, 0, start);
      if (read === joined.length) this.carry = EMPTY;
      else if (read > 0) this.carry = joined.subarray(read);
      else this.carry = joined;
      if (at >= chunk.length) return;
    }
    while (at < chunk.length) {
      const read = this.read(chunk, at, base + at);
      if (read <= 0) {
        this.carry = Buffer.from(chunk.subarray(at));
        return;
      }
      at += read;
    }
  }

  /** Reads one unit; 0 when it is not whole. */
  private read(bytes: Buffer, start: number, offset: number): number {
    if (this.format === null) {
      this.needed = 4;
      if (bytes.length - start < this.needed) return 0;
      this.format = formatOf(bytes.subarray(start), this.handlers);
    }
    const read = this.format.read(bytes, start, bytes.length, offset);
    if (read > 0) return read;
    this.needed = -read;
    if (this.needed > LARGEST_UNIT)
      throw new CaptureFileError(`damaged at byte ${offset}: a block of ${this.needed} bytes`, offset);
    return 0;
  }

  /** The file is over; a text when it was cut short. Throws for what is no capture. */
  end(): string | undefined {
    if (this.bytes === 0) throw new CaptureFileError('the file is empty', 0);
    if (this.format === null) throw new CaptureFileError('the file is too short to be a capture', 0);
    if (this.carry.length === 0) return undefined;
    return `cut short at byte ${this.bytes}, in the middle of packet ${this.packets + 1}`;
  }
}

function formatOf(bytes: Buffer, handlers: FileHandlers): FileFormat {
  const format = pcapFormat(bytes, handlers) ?? pcapngFormat(bytes, handlers);
  if (format) return format;
  const head = bytes.toString('latin1', 0, Math.min(64, bytes.length));
  const looks = /^\s*(<!doctype|<html)/i.test(head)
    ? 'an HTML page'
    : /^\s*[[{]/.test(head)
      ? 'JSON'
      : head.startsWith('snoop\0')
        ? 'a snoop capture (convert it with editcap)'
        : head.startsWith('PK')
          ? 'a zip archive (unpack it first)'
          : /^[\s\x20-\x7e]+$/.test(head)
            ? 'text'
            : '';
  throw new CaptureFileError(
    `this is no pcap or pcapng file${looks ? `: it looks like ${looks}` : ` (it begins with ${bytes.toString('hex', 0, 4)})`}`,
    0,
  );
}
