/** Tells that interfaces or addresses of a network namespace changed, as the kernel says it (rtnetlink(7)). */
import { CaptureInterfaceError } from './errors.ts';
import type { Libc } from './libc.ts';

const AF_NETLINK = 16;
const SOCK_RAW = 3;
const SOCK_NONBLOCK_CLOEXEC = 0o2004000;
const NETLINK_ROUTE = 0;
/** RTMGRP_LINK, RTMGRP_IPV4_IFADDR, RTMGRP_IPV6_IFADDR */
const GROUPS = 0x1 | 0x10 | 0x100;
/** What is said does not matter, that something is said does: the interfaces are listed anew. */
const heard = Buffer.alloc(16_384);
/** Messages taken at once; what is left wakes the next poll. */
const MOST = 1_000;

export class LinkChanges {
  readonly fd: number;
  private readonly libc: Libc;

  /** Of the namespace in which the calling thread is now. */
  constructor(libc: Libc) {
    this.libc = libc;
    this.fd = libc.socket(AF_NETLINK, SOCK_RAW | SOCK_NONBLOCK_CLOEXEC, NETLINK_ROUTE);
    // struct sockaddr_nl: family, padding, port (0: any), groups.
    const address = Buffer.alloc(12);
    address.writeUInt16LE(AF_NETLINK, 0);
    address.writeUInt32LE(GROUPS, 8);
    if (this.fd < 0 || libc.bind(this.fd, address, address.length) !== 0) {
      const reason = libc.errorName(libc.errno());
      if (this.fd >= 0) this.close();
      throw new CaptureInterfaceError(`cannot watch the interfaces: netlink: ${reason}`);
    }
  }

  /** Forgets what was said so far. That some was lost (ENOBUFS) is no matter either. */
  drain(): void {
    for (let i = 0; i < MOST; i++)
      if (
        this.libc.read(this.fd, heard, heard.length) < 0 &&
        this.libc.errorName(this.libc.errno()) !== 'ENOBUFS'
      )
        return;
  }

  close(): void {
    this.libc.close(this.fd);
  }
}
