/** The packets of one HTTP call on a connection of its own, and packets as a capture file. */
import { ethernet, ipv4, segment } from '../../packages/dissect/src/testing.ts';

const TCP = 6;
const CLIENT = '10.1.0.1';
const SERVER = '10.1.0.2';

/** What fits into one packet. */
const SEGMENT = 1_460;

/** Heads without the empty line at their end, bytes as Latin-1. `response` null: none comes, the server resets. */
export function callPackets(
  port: number,
  request: string,
  response: string | null = 'HTTP/1.1 200 OK\r\nContent-Length: 0',
  body = '',
  requestBody = '',
): Buffer[] {
  const client = (flags: string, seq: number, ack: number, data = '') =>
    ethernet(ipv4(CLIENT, SERVER, TCP, segment(port, 80, { flags, seq, ack }, data)));
  const server = (flags: string, seq: number, ack: number, data = '') =>
    ethernet(ipv4(SERVER, CLIENT, TCP, segment(80, port, { flags, seq, ack }, data)));
  const asked = `${request}\r\nHost: shop\r\n\r\n${requestBody}`;
  const heard = 101 + asked.length;
  const begun = [
    client('S', 100, 0),
    server('SA', 500, 101),
    ...pieces(asked).map(([at, data]) => client('PA', 101 + at, 501, data)),
  ];
  if (response === null) return [...begun, server('R', 501, heard)];
  const answered = `${response}\r\n\r\n${body}`;
  return [
    ...begun,
    ...pieces(answered).map(([at, data]) => server('PA', 501 + at, heard, data)),
    client('FA', heard, 501 + answered.length),
    server('FA', 501 + answered.length, heard + 1),
  ];
}

function pieces(data: string): [number, string][] {
  const count = Math.ceil(data.length / SEGMENT);
  return Array.from({ length: count }, (_, i) => [i * SEGMENT, data.slice(i * SEGMENT, (i + 1) * SEGMENT)]);
}

/** A pcap file of Ethernet frames; times in µs since the epoch. */
export function pcapFile(packets: readonly { time: number; frame: Buffer }[]): Buffer {
  const header = Buffer.alloc(24);
  header.writeUInt32LE(0xa1b2c3d4, 0);
  header.writeUInt16LE(2, 4);
  header.writeUInt16LE(4, 6);
  header.writeUInt32LE(262_144, 16);
  header.writeUInt32LE(1, 20);
  const parts = packets.flatMap(({ time, frame }) => {
    const head = Buffer.alloc(16);
    head.writeUInt32LE(Math.floor(time / 1_000_000), 0);
    head.writeUInt32LE(time % 1_000_000, 4);
    head.writeUInt32LE(frame.length, 8);
    head.writeUInt32LE(frame.length, 12);
    return [head, frame];
  });
  return Buffer.concat([header, ...parts]);
}
