/** Classic capture files (draft-ietf-opsawg-pcap): a header, then records. */

import type { FileFormat, FileHandlers } from './file-format.ts';
import { FileBytes, LARGEST_UNIT } from './file-format.ts';
import { CaptureFileError } from './source.ts';

const MICROSECONDS = 0xa1b2c3d4;
const NANOSECONDS = 0xa1b23c4d;
/** A patched libpcap of 1998: 8 bytes more in each record. */
const MODIFIED = 0xa1b2cd34;
const HEADER = 24;

/** null when the magic number is another. */
export function pcapFormat(first: Buffer, handlers: FileHandlers): FileFormat | null {
  const known = (magic: number) => magic === MICROSECONDS || magic === NANOSECONDS || magic === MODIFIED;
  const little = known(first.readUInt32LE(0));
  if (!little && !known(first.readUInt32BE(0))) return null;
  const magic = little ? first.readUInt32LE(0) : first.readUInt32BE(0);
  return new Pcap(handlers, little, magic);
}

class Pcap implements FileFormat {
  private readonly handlers: FileHandlers;
  private readonly file = new FileBytes();
  private readonly perMicrosecond: number;
  private readonly recordHeader: number;
  private linkType = -1;

  constructor(handlers: FileHandlers, little: boolean, magic: number) {
    this.handlers = handlers;
    this.file.little = little;
    this.perMicrosecond = magic === NANOSECONDS ? 1000 : 1;
    this.recordHeader = magic === MODIFIED ? 24 : 16;
  }

  read(bytes: Buffer, start: number, end: number, offset: number): number {
    const { file, handlers, recordHeader, perMicrosecond } = this;
    file.of(bytes);
    if (this.linkType < 0) {
      if (end - start < HEADER) return -HEADER;
      // The upper bits hold the FCS length.
      this.linkType = file.u32(start + 20) & 0xffff;
      handlers.onInterface({ name: '', linkType: this.linkType, addresses: [] }, 0);
      return HEADER;
    }
    for (let at = start; ; ) {
      const data = at + recordHeader;
      const captured = data <= end ? file.u32(at + 8) : 0;
      if (captured > LARGEST_UNIT) {
        const where = offset + at - start;
        throw new CaptureFileError(`damaged at byte ${where}: a packet of ${captured} bytes`, where);
      }
      const next = data + captured;
      if (next > end) return at > start ? at - start : start - next;
      const time = file.u32(at) * 1_000_000 + Math.trunc(file.u32(at + 4) / perMicrosecond);
      handlers.onPacket(bytes, data, next, file.u32(at + 12), time, this.linkType, 0, -1);
      at = next;
    }
  }
}
