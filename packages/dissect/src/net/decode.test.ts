// From link header to transport: each wrapping of one conversation is the same conversation.
import { expect, test } from 'vitest';
import { LinkType } from '../dissector-types.ts';
import { ethernet, everything, extension, icmp, ip, ipv4, ipv6, Stage, segment, udp } from '../testing.ts';

const hex = (text: string) => Buffer.from(text.replaceAll(' ', ''), 'hex');
const join = (...parts: (string | Buffer)[]) =>
  Buffer.concat(parts.map((part) => (typeof part === 'string' ? hex(part) : part)));

const inner = ip('10.0.0.1', '10.0.0.2', 17, udp(5_000, 53, 'hello'));
const inner6 = ip('fd00::1', 'fd00::2', 17, udp(5_000, 53, 'hello'));
const frame = ethernet(inner);
const tunnel = (protocol: number, payload: Buffer) => ipv4('192.0.2.1', '192.0.2.2', protocol, payload);
const segments = join('00 02 04 01 00000000', Buffer.alloc(32));
segments[8 + 16 + 15] = 9;

test.each<[string, number, Buffer, string?]>([
  ['Ethernet', LinkType.ethernet, frame],
  ['Ethernet padding', LinkType.ethernet, ethernet(inner, 0x0800, 60)],
  ['VLAN', LinkType.ethernet, ethernet(join('0001 0800', inner), 0x8100)],
  [
    'VLAN in VLAN in VLAN',
    LinkType.ethernet,
    ethernet(join('0001 9100 0002 8100 0003 86dd', inner6), 0x88a8),
  ],
  ['MPLS, two labels', LinkType.ethernet, ethernet(join('00010040 00011140', inner), 0x8847)],
  ['MPLS pseudo-wire', LinkType.ethernet, ethernet(join('00011140 00000000', frame), 0x8847)],
  ['PPPoE', LinkType.ethernet, ethernet(join('1100 0001 0023 0021', inner), 0x8864)],
  ['LLC/SNAP', LinkType.ethernet, ethernet(join('aaaa03 000000 0800', inner), 41)],
  ['Linux cooked', LinkType.sll, join('0000 0001 0006 000000000000 0000 0800', inner)],
  ['Linux cooked 2', LinkType.sll2, join('86dd 0000 00000001 0001 00 06 0000000000000000', inner6)],
  ['raw', LinkType.raw, inner],
  ['raw IPv6', LinkType.ipv6, inner6],
  ['BSD loopback, little-endian', LinkType.null, join('02000000', inner)],
  ['BSD loopback, big-endian, IPv6 of macOS', LinkType.loop, join('0000001e', inner6)],
  ['PPP', LinkType.ppp, join('ff03 0021', inner)],
  ['PPP without address and control', LinkType.ppp, join('0057', inner6)],
  ['NFLOG', LinkType.nflog, join('02 00 0001 0800 0100 08000100 2500 0900', inner, '000000')],
  [
    'IPv4 options',
    LinkType.raw,
    ipv4('10.0.0.1', '10.0.0.2', 17, udp(5_000, 53, 'hello'), { options: hex('94040000') }),
  ],
  [
    'IPv4 of length 0 (offload)',
    LinkType.raw,
    ipv4('10.0.0.1', '10.0.0.2', 17, udp(5_000, 53, 'hello'), { length: 0 }),
  ],
  ['UDP of length 0 (offload)', LinkType.raw, ip('10.0.0.1', '10.0.0.2', 17, udp(5_000, 53, 'hello', 0))],
  ['IPv6 of length 0 (jumbo)', LinkType.raw, ipv6('fd00::1', 'fd00::2', 17, udp(5_000, 53, 'hello'), 0)],
  [
    'IPv6 extension headers',
    LinkType.raw,
    ipv6('fd00::1', 'fd00::2', 0, join(extension(60), extension(17), udp(5_000, 53, 'hello'))),
  ],
  [
    'IPv6 atomic fragment',
    LinkType.raw,
    ipv6('fd00::1', 'fd00::2', 44, join('11 00 0000 00000001', udp(5_000, 53, 'hello'))),
  ],
  [
    'AH',
    LinkType.raw,
    ipv6('fd00::1', 'fd00::2', 51, join('11 01 0000 00000001 00000001', udp(5_000, 53, 'hello'))),
  ],
  ['IP in IP', LinkType.raw, tunnel(4, inner)],
  ['IPv6 in IPv4', LinkType.raw, tunnel(41, inner6)],
  ['GRE', LinkType.raw, tunnel(47, join('0000 0800', inner))],
  ['GRE with checksum, key and number', LinkType.raw, tunnel(47, join('b000 6558', Buffer.alloc(12), frame))],
  ['ERSPAN I', LinkType.raw, tunnel(47, join('0000 88be', frame))],
  ['ERSPAN II', LinkType.raw, tunnel(47, join('1000 88be 00000001', Buffer.alloc(8), frame))],
  ['ERSPAN III', LinkType.raw, tunnel(47, join('1000 22eb 00000001', Buffer.alloc(12), frame))],
  ['VXLAN', LinkType.raw, tunnel(17, udp(40_000, 4_789, join('08000000 00000100', frame)))],
  [
    'Geneve with an option',
    LinkType.raw,
    tunnel(17, udp(40_000, 6_081, join('01 00 6558 00000100 00000000', frame))),
  ],
  ['Geneve with bare IP', LinkType.raw, tunnel(17, udp(40_000, 6_081, join('00 00 86dd 00000100', inner6)))],
])('%s', (_name, linkType, bytes) => {
  const protocol = everything();
  const stage = new Stage([protocol]);
  stage.linkType = linkType;
  stage.packet(bytes);
  stage.end();
  expect(protocol.flows.map((f) => f.events)).toEqual([['client: hello', 'close']]);
  const v6 = stage.closed()[0]!.from.startsWith('fd00');
  expect(stage.closed()).toMatchObject([
    {
      from: v6 ? 'fd00::1:5000' : '10.0.0.1:5000',
      to: v6 ? 'fd00::2:53' : '10.0.0.2:53',
      client: { bytes: bytes.length, payloadBytes: 5, gaps: 0 },
    },
  ]);
});

test('with segments left the last stop of a routing header is the destination', () => {
  const stage = new Stage([everything()]);
  const stops = Buffer.alloc(16);
  stops[15] = 9;
  stage.packet(ipv6('fd00::1', 'fd00::5', 43, join('11 02 00 01 00000000', stops, udp(5_000, 53, 'hello'))));
  expect(stage.end().closed()).toMatchObject([{ to: '::9:53' }]);
});

test.each<[string, string, number, Buffer]>([
  ['malformed_packet', 'a frame of 13 bytes', LinkType.ethernet, Buffer.alloc(13)],
  ['malformed_packet', 'an IPv4 header of 19 bytes', LinkType.raw, inner.subarray(0, 19)],
  ['malformed_packet', 'a header length of 16', LinkType.raw, join('44', inner.subarray(1))],
  [
    'malformed_packet',
    'a total length below the header',
    LinkType.raw,
    ipv4('10.0.0.1', '10.0.0.2', 17, Buffer.alloc(9), { length: 19 }),
  ],
  ['malformed_packet', 'a UDP length of 7', LinkType.raw, ip('10.0.0.1', '10.0.0.2', 17, udp(1, 2, 'x', 7))],
  [
    'malformed_packet',
    'a TCP header of 19 bytes',
    LinkType.raw,
    ip('10.0.0.1', '10.0.0.2', 6, Buffer.alloc(19)),
  ],
  [
    'malformed_packet',
    'a TCP header longer than the packet',
    LinkType.raw,
    ip(
      '10.0.0.1',
      '10.0.0.2',
      6,
      join(segment(1, 2, { seq: 1, flags: 'A' }).subarray(0, 12), 'f0100000 00000000'),
    ),
  ],
  [
    'cap_headerDepth',
    'IPv6 extension headers without an end',
    LinkType.raw,
    ipv6('fd00::1', 'fd00::2', 60, Buffer.concat(Array.from({ length: 40 }, () => extension(60)))),
  ],
  [
    'malformed_packet',
    'MPLS labels without a bottom',
    LinkType.ethernet,
    ethernet(Buffer.alloc(400), 0x8847),
  ],
  [
    'cap_headerDepth',
    'IP in IP without an end',
    LinkType.raw,
    Array.from({ length: 60 }).reduce<Buffer>((bytes) => tunnel(4, bytes), Buffer.alloc(4)),
  ],
  [
    'malformed_packet',
    'an NFLOG attribute of length 0',
    LinkType.nflog,
    join('02 00 0001 0000 0000 00000000 00000000'),
  ],
  ['not_ip', 'ARP', LinkType.ethernet, ethernet(Buffer.alloc(28), 0x0806)],
  ['not_ip', 'PPTP', LinkType.raw, tunnel(47, join('2001 880b 0000 0000 00000000'))],
  ['ip_other_protocol', 'OSPF', LinkType.raw, ip('10.0.0.1', '10.0.0.2', 89, Buffer.alloc(44))],
  ['unknown_link_type', 'Bluetooth', 187, Buffer.alloc(40)],
  ['cap_frameBytes', 'a frame larger than `frameBytes`', LinkType.raw, join(inner, Buffer.alloc(262_200))],
])('%s: %s is counted and nothing else', (name, _what, linkType, bytes) => {
  const stage = new Stage([everything()]);
  stage.linkType = linkType;
  stage.packet(bytes);
  expect([...stage.dissector.counters.named]).toEqual([[name, 1]]);
  expect([stage.dissector.counters.undecoded, stage.dissector.counters.flows]).toEqual([1, 0]);
});

test('a length beyond the layer around it is not believed: padding is no payload', () => {
  const protocol = everything();
  const stage = new Stage([protocol]);
  stage.linkType = LinkType.ethernet;
  const wrong = ipv4('10.0.0.1', '10.0.0.2', 6, segment(1, 2, { seq: 1, flags: 'A' }), { length: 46 });
  stage.packet(ethernet(join('1100 0001 002a 0021', wrong, Buffer.alloc(6)), 0x8864));
  expect(stage.end().closed()).toMatchObject([{ client: { payloadBytes: 0, gapBytes: 0 } }]);
});

test('what the snap length cut is a gap, for datagrams too', () => {
  const protocol = everything();
  const stage = new Stage([protocol]);
  stage.packet(inner, { snap: inner.length - 2 });
  stage.end();
  expect(protocol.flows[0]!.events).toEqual(['client: hel cut 2', 'close']);
  expect(stage.closed()).toMatchObject([
    { client: { gaps: 1, gapBytes: 2 }, record: { outcome: 'incomplete', flags: 4 } },
  ]);
});

test('an echo and its reply are one flow by identifier; without a reply it has no response', () => {
  const stage = new Stage([]);
  const ping = (from: string, to: string, type: number, id: number) =>
    stage.packet(ip(from, to, from.includes(':') ? 58 : 1, icmp(type, 0, id, 'abcdefgh')));
  ping('10.0.0.1', '10.0.0.2', 8, 7);
  ping('10.0.0.2', '10.0.0.1', 0, 7);
  ping('10.0.0.1', '10.0.0.2', 8, 8);
  ping('fd00::2', 'fd00::1', 129, 9);
  ping('fd00::1', 'fd00::2', 128, 9);
  ping('10.0.0.9', '10.0.0.1', 3, 0);
  stage.end();
  const rows = stage.closed().toSorted((a, b) => a.number - b.number);
  expect(
    rows.map((r) => [r.record.srcIp, r.icmpType, r.client.packets, r.server.packets, r.record.outcome]),
  ).toEqual([
    ['10.0.0.1', 8, 1, 1, 'ok'],
    ['10.0.0.1', 8, 1, 0, 'no_response'],
    ['fd00::1', 129, 1, 1, 'ok'],
    ['10.0.0.9', 3, 1, 0, 'ok'],
  ]);
});
