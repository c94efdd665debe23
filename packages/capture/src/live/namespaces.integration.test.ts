// Capture inside the network namespaces of pods: what is seen there, that the thread is home again, and that nothing is left of those that went. Needs root.
import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, readdirSync, readFileSync, readlinkSync, statSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, onTestFinished, test } from 'vitest';
import { NamespaceError } from './errors.ts';
import type { LiveCapture, LiveCaptureOptions } from './live-capture.ts';
import { openLiveCapture } from './live-capture.ts';
import { ip, TestNamespace } from './testing.ts';
import { openWake, wake } from './wake.ts';

const isRoot = process.platform === 'linux' && process.getuid?.() === 0;
const prefix = `ksn${process.pid % 10_000}n`;
const home = () => readlinkSync('/proc/thread-self/ns/net');

interface Seen {
  index: number;
  payload: string;
}

async function start(
  more: Partial<LiveCaptureOptions> = {},
): Promise<{ capture: LiveCapture; seen: Seen[] }> {
  const seen: Seen[] = [];
  const capture = await openLiveCapture({
    interfaces: [],
    filter: null,
    onPacket: (bytes, from, end, _wire, _time, _link, index) => {
      // UDP over IPv4 alone: neighbours talk over IPv6.
      if (bytes.readUInt16BE(from + 12) === 0x0800 && bytes[from + 23] === 17)
        seen.push({ index, payload: bytes.toString('latin1', from + 42, end) });
    },
    ...more,
  });
  onTestFinished(() => capture.close());
  return { capture, seen };
}

/** Sends UDP from inside. */
function send(space: TestNamespace, to: string, payload: string, times = 1): void {
  const script = `
    const socket = require('node:dgram').createSocket('udp4');
    let left = ${times};
    for (let i = left; i > 0; i--) socket.send('${payload}', 9, '${to}', () => --left || socket.close());`;
  const { status } = spawnSync('ip', ['netns', 'exec', space.name, process.execPath, '-e', script]);
  expect(status).toBe(0);
}

/** Until nothing comes any more: a block that is not full is handed over late on a busy machine. */
async function collect(capture: LiveCapture): Promise<void> {
  for (let quiet = 0; quiet < 400; ) {
    quiet = capture.poll(5) > 0 ? 0 : quiet + 5;
    await new Promise(setImmediate);
  }
}

/** Until its rings are there. */
async function add(capture: LiveCapture, space: TestNamespace, count = 2) {
  capture.add({ key: space.name, path: space.path, inode: space.inode, exclude: [] });
  return await opened(capture, space.name, count);
}

async function opened(capture: LiveCapture, key: string, count: number) {
  const interfaces = () => capture.interfaces.filter(({ namespace }) => namespace === key);
  await expect
    .poll(() => {
      capture.poll(0);
      if (capture.stale) capture.refresh();
      return interfaces();
    })
    .toHaveLength(count);
  return interfaces();
}

describe.skipIf(!isRoot)('network namespaces', () => {
  let a: TestNamespace;
  let b: TestNamespace;

  beforeAll(() => {
    a = new TestNamespace(prefix, 91);
    b = new TestNamespace(prefix, 92);
  });
  afterAll(() => {
    a.remove();
    b.remove();
  });

  test('each packet is seen at the interface of its namespace, loopback too, and the thread is home', async () => {
    const before = home();
    const { capture, seen } = await start();
    const interfaces = [...(await add(capture, a)), ...(await add(capture, b))];
    expect(home()).toBe(before);
    expect(interfaces.map(({ namespace, name }) => `${namespace} ${name}`).toSorted()).toEqual([
      `${a.name} eth0`,
      `${a.name} lo`,
      `${b.name} eth0`,
      `${b.name} lo`,
    ]);
    send(a, '198.18.91.1', 'from a');
    send(a, '127.0.0.1', 'inside a');
    send(b, '198.18.92.1', 'from b');
    await collect(capture);
    const where = new Map(interfaces.map(({ index, namespace, name }) => [index, `${namespace} ${name}`]));
    expect(seen.map(({ index, payload }) => `${where.get(index)}: ${payload}`).toSorted()).toEqual([
      `${a.name} eth0: from a`,
      `${a.name} lo: inside a`,
      `${b.name} eth0: from b`,
    ]);
    const eth0 = interfaces.find(({ namespace, name }) => namespace === a.name && name === 'eth0')!;
    await expect
      .poll(() => {
        capture.poll(0);
        if (capture.stale) capture.refresh();
        return eth0.addresses;
      })
      .toContain('198.18.91.2');
  });

  test('an interface that comes is told of at once, and captured', async () => {
    const { capture, seen } = await start();
    await add(capture, a);
    // Of its making there may still be word.
    for (capture.poll(20); capture.stale; capture.poll(20)) capture.refresh();
    ip('-n', a.name, 'link', 'add', 'later', 'type', 'veth', 'peer', 'name', 'other');
    onTestFinished(() => ip('-n', a.name, 'link', 'del', 'later'));
    // Neighbours of the network may say something meanwhile.
    for (let i = 0; i < 20 && !capture.stale; i++) capture.poll(100);
    expect(capture.stale).toBe(true);
    expect(capture.refresh().came).toEqual([]);
    for (const end of ['later', 'other']) ip('-n', a.name, 'link', 'set', end, 'up');
    const came: string[] = [];
    await expect
      .poll(() => {
        capture.poll(20);
        if (capture.stale) came.push(...capture.refresh().came.map(({ name }) => name));
        return came.toSorted();
      })
      .toEqual(['later', 'other']);
    ip('-n', a.name, 'addr', 'add', '198.18.93.2/24', 'dev', 'later');
    ip('-n', a.name, 'neigh', 'add', '198.18.93.9', 'lladdr', '02:00:00:00:00:09', 'dev', 'later');
    const arrived = () => {
      send(a, '198.18.93.9', 'through the new one');
      capture.poll(50);
      return seen.some(({ payload }) => payload === 'through the new one');
    };
    await expect.poll(arrived, { timeout: 5_000 }).toBe(true);
  });

  test('what is not there, or is another by now, is an error, and the thread is home', async () => {
    const before = home();
    const { capture } = await start();
    const missing = () => capture.add({ key: 'x', path: '/proc/4194304/ns/net', inode: 1, exclude: [] });
    expect(missing).toThrow(/its process is gone/);
    const other = () => capture.add({ key: 'x', path: a.path, inode: a.inode + 1, exclude: [] });
    expect(other).toThrow(NamespaceError);
    expect(other).toThrow(/another one has its number/);
    // A namespace, but of another kind: the kernel refuses.
    const uts = '/proc/self/ns/uts';
    const wrong = () => capture.add({ key: 'x', path: uts, inode: statSync(uts).ino, exclude: [] });
    expect(wrong).toThrow(/its network cannot be entered \(setns: EINVAL\)/);
    expect(home()).toBe(before);
    expect(capture.interfaces).toEqual([]);
  });

  test('the first answer of a pod, of 5 MB at full speed, is whole', async () => {
    let bytes = 0;
    const { capture } = await start({
      onPacket: (packet, from, end) => {
        const ip = from + 14;
        if (packet.readUInt16BE(from + 12) !== 0x0800 || packet[ip + 9] !== 6) return;
        const tcp = ip + (packet[ip]! & 15) * 4;
        if (packet.readUInt16BE(tcp) === 80) bytes += end - tcp - (packet[tcp + 12]! >> 4) * 4;
      },
    });
    await add(capture, a);
    const script = `require('node:net').createServer((socket) => socket.end(Buffer.alloc(5_000_000))).listen(80, () => console.log())`;
    const server = spawn('ip', ['netns', 'exec', a.name, process.execPath, '-e', script]);
    onTestFinished(() => void server.kill());
    await once(server.stdout, 'data');
    const client = spawn(process.execPath, [
      '-e',
      `require('node:net').connect(80, '${a.address}').resume()`,
    ]);
    let over = false;
    client.once('close', () => {
      over = true;
    });
    while (!over) {
      capture.poll(5);
      await new Promise(setImmediate);
    }
    await collect(capture);
    expect(capture.stats().map(({ dropped }) => dropped)).toEqual([0, 0]);
    expect(bytes).toBeGreaterThanOrEqual(5_000_000);
  });

  test('a ring that drops packets is replaced by a larger one, and goes on counting', async () => {
    const { capture, seen } = await start();
    const lo = (await add(capture, a)).find(({ name }) => name === 'lo')!;
    const counters = () => capture.stats().find(({ index }) => index === lo.index)!;
    const taken = () => seen.filter(({ payload }) => payload.startsWith('x')).length;
    const [burst, times] = ['x'.repeat(15_000), 36];
    send(a, '127.0.0.1', burst, times);
    const { dropped } = counters();
    expect(dropped).toBeGreaterThan(0);
    capture.refresh();
    // It is prepared, then gets the packets, then takes the place of the smaller one.
    for (const _ of ['gets', 'takes']) {
      await expect
        .poll(() => {
          capture.poll(10);
          return capture.stale;
        })
        .toBe(true);
      capture.refresh();
    }
    const kept = taken();
    expect(kept).toBeLessThan(times);
    send(a, '127.0.0.1', burst, times);
    await collect(capture);
    expect(counters().dropped).toBe(dropped);
    expect(taken()).toBe(kept + times);
    // Each packet of loopback is answered by another: nobody listens.
    expect(counters().packets + dropped).toBe(4 * times);
  });

  test('a ring that was nearly full is replaced by a larger one before it drops any', async () => {
    const { capture, seen } = await start();
    const lo = (await add(capture, a)).find(({ name }) => name === 'lo')!;
    const rings = () => capture.stats().find(({ index }) => index === lo.index)!;
    const used = () => readFileSync('/proc/self/smaps', 'utf8').match(/socket:[^]*?Size:\s+(\d+)/g) ?? [];
    const before = used().toSorted();
    const burst = 'x'.repeat(15_000);
    const grown = async (times: number) => {
      send(a, '127.0.0.1', burst, times);
      await collect(capture);
      for (let i = 0; i < 10; i++) {
        capture.refresh();
        capture.poll(10);
        await sleep(5);
      }
      return used().toSorted().join() !== before.join();
    };
    expect(await grown(4)).toBe(false);
    expect(await grown(26)).toBe(true);
    expect(rings().dropped).toBe(0);
    expect(seen.filter(({ payload }) => payload.startsWith('x'))).toHaveLength(30);
  });

  test('packets that came before a namespace is left are handed over, and it is free', async () => {
    const { capture, seen } = await start();
    const c = new TestNamespace(prefix, 94);
    onTestFinished(() => c.remove());
    await add(capture, c);
    send(c, '127.0.0.1', 'the last one');
    capture.remove(c.name);
    send(c, '127.0.0.1', 'too late');
    spawnSync('ip', ['netns', 'del', c.name]);
    await sleep(100);
    capture.poll(0);
    expect(existsSync(`/sys/class/net/${c.name}h`)).toBe(true);
    const { went } = capture.refresh();
    expect(went.map((one) => `${one.namespace} ${one.interface}`).toSorted()).toEqual([
      `${c.name} eth0`,
      `${c.name} lo`,
    ]);
    expect(seen.map(({ payload }) => payload)).toEqual(['the last one']);
    // The other end goes with the namespace.
    await expect.poll(() => existsSync(`/sys/class/net/${c.name}h`), { timeout: 10_000 }).toBe(false);
  });

  test('200 namespaces that come and go leave neither descriptors nor rings', async () => {
    const { capture } = await start();
    const open = () => ({
      namespaces: readdirSync('/proc/self/fd').filter((fd) => linkOf(fd).startsWith('net:')).length,
      rings: readFileSync('/proc/self/maps', 'utf8').match(/socket:/g)?.length ?? 0,
    });
    const before = open();
    for (let round = 0; round < 10; round++) {
      const pods = await Promise.all(Array.from({ length: 20 }, podProcess));
      for (const { pid } of pods) {
        const path = `/proc/${pid}/ns/net`;
        capture.add({ key: `${pid}`, path, inode: statSync(path).ino, exclude: [] });
      }
      // In the first rounds rings are there, in the others they are still being prepared.
      if (round < 3) for (const { pid } of pods) await opened(capture, `${pid}`, 1);
      if (round === 0) expect(open().namespaces).toBe(before.namespaces + 20);
      for (const pod of pods) {
        capture.remove(`${pod.pid}`);
        pod.kill('SIGKILL');
      }
      await sleep(100);
      capture.refresh();
    }
    expect(capture.interfaces).toEqual([]);
    expect(open().namespaces).toBe(before.namespaces);
    // Another test's capture may be open now.
    await expect.poll(() => open().rings).toBeLessThanOrEqual(before.rings);
  }, 60_000);

  test('whoever writes to the wake ends a poll', async () => {
    const fd = await openWake();
    const { capture } = await start({ wake: fd });
    wake(fd);
    const before = performance.now();
    expect(capture.poll(5_000)).toBe(0);
    expect(performance.now() - before).toBeLessThan(1_000);
    const again = performance.now();
    capture.poll(50);
    expect(performance.now() - again).toBeGreaterThan(40);
  });
});

function linkOf(fd: string): string {
  try {
    return readlinkSync(`/proc/self/fd/${fd}`);
  } catch {
    return '';
  }
}

/** A process with a network of its own, whose loopback is up. */
async function podProcess() {
  const child = spawn('unshare', ['-n', 'sh', '-c', 'ip link set lo up && echo up && exec sleep 600'], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  await once(child.stdout, 'data');
  return child;
}
