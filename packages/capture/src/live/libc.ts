/** The calls of the C library that capturing needs, loaded when the first capture is opened. */
import type { KoffiFunc } from 'koffi';
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
  /** In another thread, for calls that wait for the kernel (a grace period takes 15 ms and more). −1 when it failed, without `errno`. */
  setsockoptLater(fd: number, level: number, name: number, value: Buffer): Promise<number>;
  closeLater(fd: number): void;
  write(fd: number, from: Buffer, length: number): number;
  read(fd: number, into: Buffer, length: number): number;
  setns(fd: number, kind: number): number;
  eventfd(value: number, flags: number): number;
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
  const setsockopt = library.func('int setsockopt(int, int, int, void*, uint)');
  const close = library.func('int close(int)');
  const later = (call: KoffiFunc<(...args: unknown[]) => number>, ...args: unknown[]) =>
    new Promise<number>((resolve) => {
      call.async(...args, (error: Error | null, result: number) => resolve(error ? -1 : result));
    });
  // Of the four threads that Node has for such work, one is left for everything else.
  const opening = [Promise.resolve(0), Promise.resolve(0)];
  let turn = 0;
  let closing = Promise.resolve(0);
  loaded = {
    socket: library.func('int socket(int, int, int)'),
    setsockopt,
    getsockopt: library.func('int getsockopt(int, int, int, void*, void*)'),
    bind: library.func('int bind(int, void*, uint)'),
    ioctl: library.func('int ioctl(int, ulong, void*)'),
    mmap: library.func('intptr_t mmap(void*, size_t, int, int, int, long)'),
    munmap: library.func('int munmap(intptr_t, size_t)'),
    poll: library.func('int poll(void*, ulong, int)'),
    close,
    setsockoptLater: (fd, level, name, value) => {
      const lane = turn++ % opening.length;
      return (opening[lane] = opening[lane]!.then(() =>
        later(setsockopt, fd, level, name, value, value.length),
      ));
    },
    closeLater: (fd) => {
      closing = closing.then(() => later(close, fd));
    },
    read: library.func('intptr_t read(int, void*, size_t)'),
    write: library.func('intptr_t write(int, void*, size_t)'),
    setns: library.func('int setns(int, int)'),
    eventfd: library.func('int eventfd(uint, int)'),
    if_nametoindex: library.func('uint if_nametoindex(const char*)'),
    errno: () => koffi.errno(),
    errorName: (value) => names.get(value) ?? `errno ${value}`,
    address: (bytes) => koffi.address(bytes),
    view: (at, length) => koffi.view(at, length),
  };
  return loaded;
}
