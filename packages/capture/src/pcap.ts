/** Classic capture files (draft-ietf-opsawg-pcap): a header, then records. */

import type { FileFormat, FileHandlers } from './file-format.ts';
import { LARGEST_UNIT } from './file-format.ts';
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
  const perMicrosecond = magic === NANOSECONDS ? 1000 : 1;
  const recordHeader = magic === MODIFIED ? 24 : 16;
  let linkType = -1;

  return {
    read(bytes, start, end, offset) {
      const u32 = (at: number) => (little ? bytes.readUInt32LE(at) : bytes.readUInt32BE(at));
      if (linkType < 0) {
        if (end - start < HEADER) return -HEADER;
        // The upper bits hold the FCS length.
        linkType = u32(start + 20) & 0xffff;
        handlers.onInterface({ name: '', linkType, addresses: [] }, 0);
        return HEADER;
      }
      if (end - start < recordHeader) return -recordHeader;
      const captured = u32(start + 8);
      if (captured > LARGEST_UNIT)
        throw new CaptureFileError(`damaged at byte ${offset}: a packet of ${captured} bytes`, offset);
      if (end - start < recordHeader + captured) return -(recordHeader + captured);
      const time = u32(start) * 1_000_000 + Math.trunc(u32(start + 4) / perMicrosecond);
      const data = start + recordHeader;
      handlers.onPacket(bytes, data, data + captured, u32(start + 12), time, linkType, 0, -1);
      return recordHeader + captured;
    },
  };
}
