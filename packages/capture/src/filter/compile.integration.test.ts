/** Compiled filters, run by a small BPF machine over real packets, choose the packets that tcpdump chooses. */
import { spawnSync } from 'node:child_process';
import { createReadStream, existsSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, test } from 'vitest';
import { readCapture } from '../read-capture.ts';
import { CaptureFilterError } from './capture-filter-error.ts';
import { captureProgram, compileCaptureFilter } from './compile.ts';

const CAPTURES =
  process.env['KUBESHARK_CAPTURES'] ??
  fileURLToPath(new URL('../../../../../shared/captures/', import.meta.url));
const able = existsSync(CAPTURES) && spawnSync('tcpdump', ['--version']).status === 0;

interface Packet {
  bytes: Buffer;
  wire: number;
}

/** Bytes taken of the packet; a load beyond its end takes none, as in the kernel. No tag was taken out of it. */
function run(program: Buffer, { bytes, wire }: Packet): number {
  let [a, x] = [0, 0];
  for (let pc = 0; pc < program.length / 8; pc++) {
    const at = pc * 8;
    const [code, jt, jf, k] = [
      program.readUInt16LE(at),
      program[at + 2]!,
      program[at + 3]!,
      program.readUInt32LE(at + 4),
    ];
    const size = { 0x30: 1, 0xb1: 1, 0x28: 2, 0x48: 2, 0x20: 4 }[code] ?? 0;
    const from = code === 0x48 ? x + k : k;
    if (k >= 0xfffff000 && size > 0) {
      a = 0;
      continue;
    }
    if (size > 0 && from + size > bytes.length) return 0;
    const branch = (yes: boolean) => (pc += yes ? jt : jf);
    switch (code) {
      case 0x30:
      case 0x28:
      case 0x48:
      case 0x20:
        a = bytes.readUIntBE(from, size);
        break;
      case 0x80:
        a = wire;
        break;
      case 0xb1:
        x = 4 * (bytes[from]! & 15);
        break;
      case 0x54:
        a = (a & k) >>> 0;
        break;
      case 0x05:
        pc += k;
        break;
      case 0x15:
        branch(a === k);
        break;
      case 0x25:
        branch(a > k);
        break;
      case 0x35:
        branch(a >= k);
        break;
      case 0x45:
        branch((a & k) !== 0);
        break;
      case 0x06:
        return k;
      default:
        throw new Error(`instruction ${code}`);
    }
  }
  throw new Error('ran over the end');
}

async function load(name: string): Promise<{ packets: Packet[]; linkType: number }> {
  const packets: Packet[] = [];
  let linkType = -1;
  await readCapture(createReadStream(join(CAPTURES, name)), {
    onPacket: (bytes, start, end, wire, _time, link) => {
      linkType = link;
      packets.push({ bytes: Buffer.from(bytes.subarray(start, end)), wire });
    },
  });
  return { packets, linkType };
}

function chosen(text: string, { packets, linkType }: Awaited<ReturnType<typeof load>>): number {
  const program = captureProgram(compileCaptureFilter(text), [], linkType);
  return packets.filter((packet) => !program || run(program, packet) > 0).length;
}

function byTcpdump(text: string, name: string): number {
  const { status, stdout, stderr } = spawnSync(
    'tcpdump',
    ['-n', '-r', join(CAPTURES, name), '-w', '-', text],
    { maxBuffer: 1 << 28 },
  );
  // It says so of what can never match: `udp and tcp`, `vlan` without Ethernet.
  if (/rejects all packets|no VLAN support/.test(String(stderr))) return 0;
  if (status !== 0) throw new Error(`tcpdump ${text}: ${String(stderr)}`);
  let count = 0;
  const little = [0xa1b2c3d4, 0xa1b23c4d].includes(stdout.readUInt32LE(0));
  for (let at = 24; at < stdout.length; count++)
    at += 16 + (little ? stdout.readUInt32LE(at + 8) : stdout.readUInt32BE(at + 8));
  return count;
}

const FILES = [
  'dns/wireshark-dns-mdns.pcap',
  'dns/zeek-ipv6-fragmented-dns.pcap',
  'ip/deepflow-ip-fragment.pcap',
  'ip/zeek-raw_packets.pcap',
  'icmp/zeek-icmp_dot1q.pcap',
  'sctp/arkime-sctp-www.pcap',
  'http/arkime-v6-http.pcap',
  'sctp/tcpdump-forces1.pcap',
  'ip/zeek-linux_dlt_sll2.pcap',
  'tcp/zeek-payload-syn.pcap',
];

const EXPRESSIONS = `
ip
ip6
arp
tcp
udp
icmp
icmp6
sctp
not ip
! arp
port 53
port 80
udp port 5353
udp src port 53
dst port 53
tcp port 80 or 443
port (53 or 80)
portrange 1-1024
portrange 1024-1
udp dst portrange 5000-6000
src and dst port 5353
src or dst port 80
host 192.168.1.1
net 192.168.0.0/16
net 192.168
net 10
src net 10.0.0.0 mask 255.0.0.0
dst net 224.0.0.0/4
net 0.0.0.0/0
ip6 host ff02::fb
net fe80::/10
src net fe80::/10 and dst net ff00::/8
net 2000::/3
arp host 192.168.1.1
ip net 192.168.0.0/16
proto 17
ip proto 1
ip6 proto 17
ip6 proto 58
proto \\tcp
proto 6 or 17
less 100
greater 200
greater 100 and less 200
udp and not port 5353
tcp or udp and port 53
(tcp or udp) && !(port 53 || net 224.0.0.0/4)
not (not (not udp))
vlan
vlan 123
ip proto 132 or sctp port 80
`
  .trim()
  .split('\n');

/** The same numbers each time. */
function generator(seed: number): (below: number) => number {
  let state = seed;
  return (below) => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    return Math.floor((state / 2 ** 32) * below);
  };
}

const SIMPLE = EXPRESSIONS.filter((text) => !/vlan|\b(?:or|and)\b|[(&|]/.test(text));

function expression(random: (below: number) => number, depth: number): string {
  if (depth === 0 || random(4) === 0) return SIMPLE[random(SIMPLE.length)]!;
  const inner = () => expression(random, depth - 1);
  if (random(5) === 0) return `not (${inner()})`;
  const joined = Array.from({ length: 2 + random(3) }, inner).join(random(2) ? ' and ' : ' or ');
  return random(2) ? `(${joined})` : joined;
}

describe.skipIf(!able)('agrees with tcpdump', () => {
  test.each(FILES)('on each expression over %s', async (file) => {
    const all = await load(file);
    const mine = EXPRESSIONS.map((text) => `${text}: ${chosen(text, all)}`);
    expect(mine).toEqual(EXPRESSIONS.map((text) => `${text}: ${byTcpdump(text, file)}`));
  });

  test('on generated expressions', async () => {
    const random = generator(7);
    for (const file of FILES.slice(0, 4)) {
      const all = await load(file);
      for (let i = 0; i < 40; i++) {
        const text = expression(random, 4);
        expect(`${text}: ${chosen(text, all)}`).toBe(`${text}: ${byTcpdump(text, file)}`);
      }
    }
  });
});

test.each([
  ['port http', 'expected a port number after `port`, found `http`', 5, 9],
  ['tcp port', 'expected a port number after `port`, found the end', 8, 8],
  ['port 65536', 'expected a port number after `port` of at most 65535, found `65536`', 5, 10],
  [
    'host example.com',
    'expected an IP address after `host` (names are not looked up), found `example.com`',
    5,
    16,
  ],
  ['net 10.1.2.3/8', 'expected a network whose host bits are zero, found `10.1.2.3/8`', 4, 14],
  ['tcp udp', 'expected `and` or `or`, found `udp`', 4, 7],
  ['(tcp or udp', 'expected `)`, found the end', 11, 11],
  ['tcp and', 'expected `host`, `net`, `port`, a protocol or an address, found the end', 7, 7],
  ['80', 'expected `host`, `net` or `port` before the value, found `80`', 0, 2],
  ['ip host ::1', 'expected an IPv4 address after `ip`', 8, 11],
  ['tcp = 3', '`=` has no meaning in a capture filter', 4, 5],
])('%s: %s', (text, message, start, end) => {
  let error: unknown;
  try {
    compileCaptureFilter(text);
  } catch (thrown) {
    error = thrown;
  }
  expect(error).toBeInstanceOf(CaptureFilterError);
  expect(error).toMatchObject({ message: expect.stringContaining(message), start, end });
});

test('no filter is no program, and far jumps still reach', () => {
  expect(captureProgram(compileCaptureFilter('  '), [], 1)).toBeNull();
  const ports = Array.from({ length: 100 }, (_, i) => `portrange ${i * 10 + 1}-${i * 10 + 2}`);
  const text = `not (${ports.join(' or ')})`;
  const packet = (port: number) => {
    const bytes = Buffer.alloc(60);
    bytes.writeUInt16BE(0x0800, 12);
    bytes[14] = 0x45;
    bytes[23] = 6;
    bytes.writeUInt16BE(port, 36);
    return { packets: [{ bytes, wire: 60 }], linkType: 1 };
  };
  expect([1, 2, 3, 991, 992, 993].map((port) => chosen(text, packet(port)))).toEqual([0, 0, 1, 0, 0, 1]);
});

test('what is too large for the kernel, too long or too deep is refused', () => {
  const hosts = Array.from({ length: 600 }, (_, i) => `host 10.0.${i >> 8}.${i & 255}`).join(' or ');
  expect(() => compileCaptureFilter(hosts)).toThrow(/needs \d+ instructions, the kernel takes 4096/);
  expect(() => compileCaptureFilter('('.repeat(5_000))).toThrow('nested deeper than 200');
  expect(() => compileCaptureFilter('not '.repeat(4_000))).toThrow('nested deeper than 200');
  expect(() => compileCaptureFilter(`tcp${' '.repeat(20_000)}`)).toThrow('longer than 16384 bytes');
  expect(() => compileCaptureFilter(`${'tcp or udp and '.repeat(1_000)}arp`)).toThrow('instructions');
});
