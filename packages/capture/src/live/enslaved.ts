/** Which interfaces of the calling thread's network are ports of another one (a bridge, a bond, a VRF): what passes them passes that one too. */
import type { Libc } from './libc.ts';

const AF_NETLINK = 16;
const SOCK_RAW_CLOEXEC = 3 | 0o2000000;
const NLM_F_REQUEST_DUMP = 0x1 | 0x300;
const RTM_NEWLINK = 16;
const RTM_GETLINK = 18;
const IFLA_MASTER = 10;
/** struct nlmsghdr, struct ifinfomsg */
const [HEADER, INFO] = [16, 16];
/** The kernel puts at most so much into one read of a dump. */
const READ_BYTES = 65_536;

/** The kernel's numbers (rtnetlink(7)). */
export function enslavedInterfaces(libc: Libc): Set<number> {
  const fd = libc.socket(AF_NETLINK, SOCK_RAW_CLOEXEC, 0);
  if (fd < 0) throw new Error(`cannot look at the interfaces: netlink: ${libc.errorName(libc.errno())}`);
  try {
    const request = Buffer.alloc(HEADER + INFO);
    request.writeUInt32LE(request.length, 0);
    request.writeUInt16LE(RTM_GETLINK, 4);
    request.writeUInt16LE(NLM_F_REQUEST_DUMP, 6);
    if (libc.write(fd, request, request.length) < 0)
      throw new Error(`cannot look at the interfaces: netlink: ${libc.errorName(libc.errno())}`);
    const found = new Set<number>();
    const bytes = Buffer.alloc(READ_BYTES);
    for (;;) {
      const length = libc.read(fd, bytes, bytes.length);
      if (length <= 0 || !collect(bytes.subarray(0, length), found)) return found;
    }
  } finally {
    libc.close(fd);
  }
}

/** False when the dump is over. */
function collect(bytes: Buffer, found: Set<number>): boolean {
  for (let at = 0; at + HEADER <= bytes.length; ) {
    const length = bytes.readUInt32LE(at);
    if (bytes.readUInt16LE(at + 4) !== RTM_NEWLINK || length < HEADER) return false;
    const end = Math.min(at + length, bytes.length);
    for (let attribute = at + HEADER + INFO; attribute + 4 <= end; ) {
      const size = bytes.readUInt16LE(attribute);
      if (size < 4) break;
      if (bytes.readUInt16LE(attribute + 2) === IFLA_MASTER) found.add(bytes.readInt32LE(at + HEADER + 4));
      attribute += (size + 3) & ~3;
    }
    at += (length + 3) & ~3;
  }
  return true;
}
