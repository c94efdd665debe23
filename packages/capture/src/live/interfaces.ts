/** The interfaces of the network namespace of the calling thread. */
import { readFileSync } from 'node:fs';
import { networkInterfaces } from 'node:os';
import type { Libc } from './libc.ts';

export interface SystemInterface {
  name: string;
  /** The kernel's number; a new one when an interface of the same name is made again. */
  systemIndex: number;
  up: boolean;
  loopback: boolean;
  /** Frames begin with an Ethernet header. */
  ethernet: boolean;
  addresses: string[];
}

const AF_INET = 2;
const SOCK_DGRAM_CLOEXEC = 2 | 0o2000000;
const SIOCGIFFLAGS = 0x8913;
const SIOCGIFHWADDR = 0x8927;
const IFF_UP = 1;
const ARPHRD_ETHER = 1;
const ARPHRD_LOOPBACK = 772;

export function listInterfaces(libc: Libc): SystemInterface[] {
  // thread-self: a thread may be in another network namespace than its process.
  const names = readFileSync('/proc/thread-self/net/dev', 'utf8')
    .split('\n')
    .flatMap((line) => /^\s*([^\s:]+(?::[^\s:]+)*):/.exec(line)?.[1] ?? []);
  const addresses = networkInterfaces();
  const fd = libc.socket(AF_INET, SOCK_DGRAM_CLOEXEC, 0);
  if (fd < 0) throw new Error(`cannot look at the interfaces: socket: ${libc.errorName(libc.errno())}`);
  try {
    // struct ifreq: a name of 16 bytes, then what was asked for.
    const request = Buffer.alloc(40);
    const ask = (name: string, what: number): number => {
      request.fill(0).write(name, 0, 15, 'latin1');
      return libc.ioctl(fd, what, request) === 0 ? request.readUInt16LE(16) : -1;
    };
    return names.flatMap((name) => {
      const systemIndex = libc.if_nametoindex(name);
      const flags = ask(name, SIOCGIFFLAGS);
      const type = ask(name, SIOCGIFHWADDR);
      // It went away meanwhile.
      if (systemIndex === 0 || flags < 0 || type < 0) return [];
      return [
        {
          name,
          systemIndex,
          up: (flags & IFF_UP) !== 0,
          loopback: type === ARPHRD_LOOPBACK,
          ethernet: type === ARPHRD_ETHER || type === ARPHRD_LOOPBACK,
          addresses: (addresses[name] ?? []).map(({ address }) => address),
        },
      ];
    });
  } finally {
    libc.close(fd);
  }
}
