/** Capture files as bytes come in: tells pcap from pcapng, keeps what is cut at a chunk's end. */

import type { FileFormat, FileHandlers } from './file-format.ts';
import { LARGEST_UNIT } from './file-format.ts';
import { pcapFormat } from './pcap.ts';
import { pcapngFormat } from './pcapng.ts';
import { CaptureFileError } from './source.ts';

export class CaptureFileParser {
  packets = 0;
  bytes = 0;
  private format: FileFormat | null = null;
  private carry: Buffer = Buffer.alloc(0);
  private readonly handlers: FileHandlers;

  constructor(handlers: FileHandlers) {
    this.handlers = {
      onInterface: handlers.onInterface,
      onPacket: (...packet) => {
        this.packets++;
        handlers.onPacket(...packet);
      },
    };
  }

  /** Throws `CaptureFileError` for what is no capture. */
  push(chunk: Buffer): void {
    const bytes = this.carry.length > 0 ? Buffer.concat([this.carry, chunk]) : chunk;
    // Bytes before this call's first one.
    const base = this.bytes - this.carry.length;
    this.bytes += chunk.length;
    let at = 0;
    if (this.format === null) {
      if (bytes.length < 4) {
        this.carry = Buffer.from(bytes);
        return;
      }
      this.format = formatOf(bytes, this.handlers);
    }
    for (;;) {
      const read = this.format.read(bytes, at, bytes.length, base + at);
      if (read > 0) at += read;
      if (read > 0 && at < bytes.length) continue;
      if (read < -LARGEST_UNIT)
        throw new CaptureFileError(`damaged at byte ${base + at}: a block of ${-read} bytes`, base + at);
      break;
    }
    this.carry = at === bytes.length ? Buffer.alloc(0) : Buffer.from(bytes.subarray(at));
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
