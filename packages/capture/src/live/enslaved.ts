/** Which interfaces of the calling thread's network are ports of another one (a bridge, a bond, a VRF): what passes them passes that one too. */
import type { Libc } from './libc.ts';

const AF_NETLINK = 16;
const SOCK_RAW_CLOEXEC = 3 | 0o2000000;
const NLM_F_REQUEST_DUMP = 0x1 | 0x300;
const RTM_NEWLINK = 16;
const RTM_GETLINK = 18;
const IFLA_MASTER = 10;
const IFLA_LINKINFO = 18;
const IFLA_INFO_SLAVE_KIND = 4;
/** Without the flags for nested attributes and for byte order. */
const ATTRIBUTE_TYPE = 0x3fff;
/** struct nlmsghdr, struct ifinfomsg */
const [HEADER, INFO] = [16, 16];
/** The kernel puts at most so much into one read of a dump. */
const READ_BYTES = 65_536;

export interface Master {
  /** The kernel's number of it. */
  systemIndex: number;
  /** `bridge`, `bond`, `vrf`, …; '' from kernels that do not say. */
  kind: string;
}

/** By the kernel's numbers of the ports (rtnetlink(7)). */
export function enslavedInterfaces(libc: Libc): Map<number, Master> {
  const fd = libc.socket(AF_NETLINK, SOCK_RAW_CLOEXEC, 0);
  if (fd < 0) throw new Error(`cannot look at the interfaces: netlink: ${libc.errorName(libc.errno())}`);
  try {
    const request = Buffer.alloc(HEADER + INFO);
    request.writeUInt32LE(request.length, 0);
    request.writeUInt16LE(RTM_GETLINK, 4);
    request.writeUInt16LE(NLM_F_REQUEST_DUMP, 6);
    if (libc.write(fd, request, request.length) < 0)
      throw new Error(`cannot look at the interfaces: netlink: ${libc.errorName(libc.errno())}`);
    const found = new Map<number, Master>();
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
function collect(bytes: Buffer, found: Map<number, Master>): boolean {
  for (let at = 0; at + HEADER <= bytes.length; ) {
    const length = bytes.readUInt32LE(at);
    if (bytes.readUInt16LE(at + 4) !== RTM_NEWLINK || length < HEADER) return false;
    let [master, kind] = [0, ''];
    for (const [type, value] of attributes(bytes.subarray(at + HEADER + INFO, at + length))) {
      if (type === IFLA_MASTER) master = value.readInt32LE();
      if (type !== IFLA_LINKINFO) continue;
      for (const [inner, text] of attributes(value))
        if (inner === IFLA_INFO_SLAVE_KIND) kind = text.toString('latin1').replace(/\0.*$/s, '');
    }
    if (master !== 0) found.set(bytes.readInt32LE(at + HEADER + 4), { systemIndex: master, kind });
    at += (length + 3) & ~3;
  }
  return true;
}

function* attributes(bytes: Buffer): Generator<[type: number, value: Buffer]> {
  for (let at = 0; at + 4 <= bytes.length; ) {
    const size = bytes.readUInt16LE(at);
    if (size < 4) return;
    yield [bytes.readUInt16LE(at + 2) & ATTRIBUTE_TYPE, bytes.subarray(at + 4, at + size)];
    at += (size + 3) & ~3;
  }
}
