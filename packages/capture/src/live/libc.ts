/** The calls of the C library that a packet socket needs, loaded when the first capture is opened. */
import { CaptureUnsupportedError } from './errors.ts';

export interface Libc {
  socket(domain: number, type: number, protocol: number): number;
  setsockopt(fd: number, level: number, name: number, value: Buffer, length: number): number;
  getsockopt(fd: number, level: number, name: number, value: Buffer, length: Buffer): number;
  bind(fd: number, address: Buffer, length: number): number;
  ioctl(fd: number, request: number, argument: Buffer): number;
  /** −1 when it failed. */
  mmap(
    at: null,
    length: number,
    protection: number,
    flags: number,
    fd: number,
    offset: number,
  ): number | bigint;
  munmap(at: bigint, length: number): number;
  poll(fds: Buffer, count: number, timeoutMs: number): number;
  close(fd: number): number;
  if_nametoindex(name: string): number;
  errno(): number;
  /** Name of an errno value. */
  errorName(value: number): string;
  address(bytes: Buffer): bigint;
  /** Memory as a buffer; it must be detached before the memory goes. */
  view(at: bigint, length: number): ArrayBuffer;
}

let loaded: Libc | undefined;

/** Throws `CaptureUnsupportedError` where there is no Linux. koffi is loaded here and nowhere else: other commands never pay for it. */
export async function loadLibc(): Promise<Libc> {
  if (loaded) return loaded;
  if (process.platform !== 'linux') throw new CaptureUnsupportedError();
  const { default: koffi } = await import('koffi');
  // The running program is linked with its C library, whichever it is (glibc, musl).
  const library = koffi.load(null);
  const names = new Map(Object.entries(koffi.os.errno).map(([name, value]) => [value, name]));
  loaded = {
    socket: library.func('int socket(int, int, int)'),
    setsockopt: library.func('int setsockopt(int, int, int, void*, uint)'),
    getsockopt: library.func('int getsockopt(int, int, int, void*, void*)'),
    bind: library.func('int bind(int, void*, uint)'),
    ioctl: library.func('int ioctl(int, ulong, void*)'),
    mmap: library.func('intptr_t mmap(void*, size_t, int, int, int, long)'),
    munmap: library.func('int munmap(intptr_t, size_t)'),
    poll: library.func('int poll(void*, ulong, int)'),
    close: library.func('int close(int)'),
    if_nametoindex: library.func('uint if_nametoindex(const char*)'),
    errno: () => koffi.errno(),
    errorName: (value) => names.get(value) ?? `errno ${value}`,
    address: (bytes) => koffi.address(bytes),
    view: (at, length) => koffi.view(at, length),
  };
  return loaded;
}
