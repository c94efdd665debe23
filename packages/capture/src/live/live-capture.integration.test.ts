/** Live capture on real interfaces: loopback, and veth pairs into network namespaces of our own. Needs root. */
import { spawnSync } from 'node:child_process';
import { createSocket } from 'node:dgram';
import { readdirSync, writeSync } from 'node:fs';
import { createServer, Socket } from 'node:net';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { compileCaptureFilter } from '../filter/compile.ts';
import type { LiveInterface } from './captured-namespace.ts';
import { CaptureInterfaceError } from './errors.ts';
import { loadLibc } from './libc.ts';
import type { LiveCapture, LiveCaptureOptions } from './live-capture.ts';
import { openLiveCapture } from './live-capture.ts';

const isRoot = process.platform === 'linux' && process.getuid?.() === 0;

interface Seen {
  place: number;
  linkType: number;
  vlan: number;
  time: number;
  payload: string;
}

interface Running {
  capture: LiveCapture;
  seen: Seen[];
  /** Of UDP packets: their payload; takes what is there until `ms` pass without a packet. */
  collect: (ms?: number) => Promise<Seen[]>;
}

const open: LiveCapture[] = [];

async function start(options: Partial<LiveCaptureOptions> & { interfaces: string[] }): Promise<Running> {
  const seen: Seen[] = [];
  const capture = await openLiveCapture({
    filter: null,
    ...options,
    onPacket: (bytes, from, end, _wire, time, linkType, place, vlan) => {
      const network = linkType === 1 ? from + 14 : from;
      const payload = network + (bytes[network]! >> 4 === 6 ? 40 : 20) + 8;
      seen.push({ place, linkType, vlan, time, payload: bytes.toString('latin1', payload, end) });
    },
  });
  open.push(capture);
  const collect = async (ms = 60) => {
    for (let quiet = 0; quiet < ms; ) {
      quiet = capture.poll(5) > 0 ? 0 : quiet + 5;
      await new Promise(setImmediate);
    }
    return seen;
  };
  return { capture, seen, collect };
}

async function udp(address: string, port: number, ...texts: string[]): Promise<void> {
  const socket = createSocket(address.includes(':') ? 'udp6' : 'udp4');
  for (const text of texts)
    await new Promise<void>((resolve, reject) => {
      socket.send(text, port, address, (error) => (error ? reject(error) : resolve()));
    });
  socket.close();
}

/** Ethernet header on; through a packet socket of its own. */
async function sendFrame(name: string, head: string, payload: string): Promise<void> {
  const libc = await loadLibc();
  const fd = libc.socket(17, 3, 0);
  const address = Buffer.alloc(20);
  address.writeUInt16LE(17, 0);
  address.writeInt32LE(libc.if_nametoindex(name), 4);
  expect(libc.bind(fd, address, 20)).toBe(0);
  writeSync(fd, Buffer.concat([Buffer.from(head, 'hex'), Buffer.from(payload)]));
  libc.close(fd);
}

function ip(...args: string[]): void {
  const { status, stderr } = spawnSync('ip', args, { encoding: 'utf8' });
  if (status !== 0) throw new Error(`ip ${args.join(' ')}: ${stderr}`);
}

describe.skipIf(!isRoot)('live capture', () => {
  const id = process.pid % 10_000;
  const [space, outside, inside] = [`ksc${id}`, `ksc${id}h`, `ksc${id}p`];

  beforeAll(() => {
    ip('netns', 'add', space);
    ip('link', 'add', outside, 'type', 'veth', 'peer', 'name', inside, 'netns', space);
    ip('addr', 'add', '198.18.77.1/24', 'dev', outside);
    ip('link', 'set', outside, 'up');
    ip('-n', space, 'addr', 'add', '198.18.77.2/24', 'dev', inside);
    ip('-n', space, 'link', 'set', inside, 'up');
    const there = spawnSync('ip', ['-n', space, '-j', 'link', 'show', inside], { encoding: 'utf8' }).stdout;
    const mac = /"address":"([0-9a-f:]+)"/.exec(there)![1]!;
    ip('neigh', 'add', '198.18.77.2', 'lladdr', mac, 'dev', outside);
    ip('link', 'add', `${outside}a`, 'type', 'veth', 'peer', 'name', `${outside}b`);
    for (const end of ['a', 'b']) ip('link', 'set', outside + end, 'up');
  });

  afterAll(() => {
    for (const capture of open) capture.close();
    spawnSync('ip', ['link', 'del', outside]);
    for (const end of ['a', 'x']) spawnSync('ip', ['link', 'del', outside + end]);
    spawnSync('ip', ['netns', 'del', space]);
  });

  test('every packet on loopback is seen once, at its time, and the filter runs in the kernel', async () => {
    const filter = compileCaptureFilter('udp dst port 39001');
    const { capture, collect } = await start({ interfaces: ['lo'], filter });
    const before = Date.now() * 1_000;
    const texts = Array.from({ length: 200 }, (_, i) => `packet ${i}`);
    await udp('127.0.0.1', 39_002, 'not this one');
    await udp('127.0.0.1', 39_001, ...texts);
    await udp('::1', 39_001, 'over IPv6');
    const seen = await collect();
    expect(seen.map(({ payload }) => payload)).toEqual([...texts, 'over IPv6']);
    expect(seen[0]).toMatchObject({ place: 0, linkType: 1, vlan: -1 });
    expect(seen[0]!.time).toBeGreaterThan(before - 1_000);
    expect(seen.at(-1)!.time).toBeLessThan(Date.now() * 1_000 + 1_000);
    expect(capture.interfaces).toMatchObject([{ name: 'lo', index: 0, linkType: 1 }]);
    expect(capture.interfaces[0]!.addresses).toContain('127.0.0.1');
    expect(capture.stats()).toMatchObject([{ interface: 'lo', packets: 201, dropped: 0 }]);
  });

  test('any is a socket for each interface, and each packet has the number of its own', async () => {
    const filter = compileCaptureFilter('udp port 39003');
    const { capture, collect } = await start({ interfaces: ['any'], filter, ringBytes: 1 << 20 });
    await udp('198.18.77.2', 39_003, 'to the namespace');
    await udp('127.0.0.1', 39_003, 'at home');
    const seen = await collect();
    const nameOf = new Map(capture.interfaces.map((i) => [i.index, i.name]));
    const where = Object.fromEntries(seen.map(({ place, payload }) => [payload, nameOf.get(place)]));
    expect(where).toEqual({ 'to the namespace': outside, 'at home': 'lo' });
    expect(seen).toHaveLength(2);
    expect(capture.interfaces.find((i) => i.name === outside)!.addresses).toContain('198.18.77.1');
  });

  test('a VLAN tag that the kernel keeps beside the frame is handed over', async () => {
    const filter = compileCaptureFilter('udp port 39004 and vlan 7');
    const { collect } = await start({ interfaces: [`${outside}b`], filter });
    await sendFrame(
      `${outside}a`,
      `02000000000202000000000108004500${'0'.repeat(14)}11${'0'.repeat(20)}985c985c00100000`,
      'untagged',
    );
    for (const vlan of ['e007', 'e008'])
      await sendFrame(
        `${outside}a`,
        `0200000000020200000000018100${vlan}08004500${'0'.repeat(14)}11${'0'.repeat(20)}985c985c00100000`,
        'tagged!!',
      );
    expect(await collect()).toMatchObject([{ payload: expect.stringMatching(/^tagged!!/), vlan: 0xe007 }]);
  });

  test('packets are counted as dropped when nobody polls, and capturing goes on afterwards', async () => {
    const filter = compileCaptureFilter('udp port 39005');
    const { capture, collect } = await start({ interfaces: ['lo'], filter, ringBytes: 1 << 20 });
    const sent = 1_500;
    await udp('127.0.0.1', 39_005, ...Array.from({ length: sent }, () => 'x'.repeat(2_000)));
    const kept = (await collect()).length;
    const [stats] = capture.stats();
    expect(stats!.dropped).toBeGreaterThan(0);
    expect(stats!.packets + stats!.dropped).toBe(sent);
    await udp('127.0.0.1', 39_005, 'again');
    expect((await collect()).slice(kept)).toMatchObject([{ payload: 'again' }]);
    expect(capture.stats()[0]!.dropped).toBe(stats!.dropped);
  });

  test('our own connection with the hub is left out', async () => {
    const server = createServer((socket) => socket.end('hello'));
    await new Promise<void>((resolve) => {
      server.listen(0, '127.0.0.1', resolve);
    });
    const { port } = server.address() as { port: number };
    const visit = () =>
      new Promise<void>((resolve) => {
        new Socket()
          .connect(port, '127.0.0.1')
          .on('close', () => resolve())
          .resume();
      });
    const filter = compileCaptureFilter(`port ${port} or udp port 39006`);
    const all = await start({ interfaces: ['lo'], filter });
    const rest = await start({
      interfaces: ['lo'],
      filter,
      exclude: [
        { address: '127.0.0.1', port },
        { address: '2001:db8::1', port: 1 },
      ],
    });
    await visit();
    await udp('127.0.0.1', 39_006, 'another');
    server.close();
    expect((await all.collect()).length).toBeGreaterThan(6);
    expect((await rest.collect()).map(({ payload }) => payload)).toEqual(['another']);
  });

  test('an interface that comes is captured after a refresh, and one that goes is reported', async () => {
    const filter = compileCaptureFilter('udp port 39007');
    const { capture, collect } = await start({ interfaces: ['any'], filter, ringBytes: 1 << 20 });
    const name = `${outside}x`;
    ip('link', 'add', name, 'type', 'veth', 'peer', 'name', `${outside}y`);
    ip('link', 'set', `${outside}y`, 'up');
    ip('addr', 'add', '198.18.79.1/24', 'dev', name);
    ip('link', 'set', name, 'up');
    const came: LiveInterface[] = [];
    await expect
      .poll(() => {
        came.push(...capture.refresh().came);
        return came.map((i) => i.name).toSorted();
      })
      .toEqual([name, `${outside}y`]);
    const mine = came.find((i) => i.name === name)!;
    const addresses = () => {
      capture.refresh();
      return mine.addresses;
    };
    // Known, and packets pass, once the kernel has seen that the other end is up.
    await expect.poll(addresses, { timeout: 5_000 }).toContain('198.18.79.1');
    ip('neigh', 'add', '198.18.79.2', 'lladdr', '02:00:00:00:00:09', 'dev', name);
    await udp('198.18.79.2', 39_007, 'to the new one');
    const seen = await collect();
    expect(seen.map(({ payload }) => payload)).toEqual(['to the new one', 'to the new one']);
    expect(seen.filter(({ place }) => place === mine.index)).toHaveLength(1);
    ip('link', 'del', name);
    capture.refresh();
    // Its ring is emptied first.
    await collect(100);
    const { went } = capture.refresh();
    expect(went).toHaveLength(2);
    expect(went).toContainEqual(expect.objectContaining({ index: mine.index, interface: name, packets: 1 }));
    expect(capture.stats().map((one) => one.interface)).not.toContain(name);
  });

  test('a tunnel without link header gives bare IP packets', async () => {
    const name = `${outside}t`;
    ip('tuntap', 'add', 'dev', name, 'mode', 'tun');
    ip('addr', 'add', '198.18.80.1/24', 'dev', name);
    ip('link', 'set', name, 'up');
    const filter = compileCaptureFilter('udp port 39008 or arp');
    const { capture } = await start({ interfaces: [name], filter });
    expect(capture.interfaces).toMatchObject([{ name, linkType: 101 }]);
    capture.close();
    ip('link', 'del', name);
  });

  test('a super-packet of segmentation offload arrives whole', async () => {
    const server = createServer((socket) => socket.resume());
    await new Promise<void>((resolve) => {
      server.listen(0, '127.0.0.1', resolve);
    });
    const { port } = server.address() as { port: number };
    let largest = 0;
    let cut = 0;
    const capture = await openLiveCapture({
      interfaces: ['lo'],
      filter: compileCaptureFilter(`tcp dst port ${port}`),
      onPacket: (_bytes, from, end, wire) => {
        largest = Math.max(largest, end - from);
        if (end - from !== wire) cut++;
      },
    });
    open.push(capture);
    await new Promise<void>((resolve) => {
      const socket = new Socket().connect(port, '127.0.0.1');
      socket.end(Buffer.alloc(4_000_000)).on('close', () => resolve());
    });
    server.close();
    while (capture.poll(50) > 0);
    expect(largest).toBeGreaterThan(60_000);
    expect(cut).toBe(0);
  });

  test('an unknown interface names those there are', async () => {
    await expect(start({ interfaces: ['nosuch0'] })).rejects.toThrow(
      /there is no interface nosuch0; there are .*\blo\b/,
    );
    await expect(start({ interfaces: ['nosuch0'] })).rejects.toBeInstanceOf(CaptureInterfaceError);
  });

  test('close gives back sockets and memory, however often', async () => {
    const fds = () => readdirSync('/proc/self/fd').length;
    const once = async () => {
      const { capture } = await start({ interfaces: ['lo', outside], ringBytes: 4 << 20 });
      capture.poll(0);
      capture.close();
      capture.close();
    };
    await once();
    const before = fds();
    for (let i = 0; i < 50; i++) await once();
    expect(fds()).toBeLessThanOrEqual(before);
  });
});
