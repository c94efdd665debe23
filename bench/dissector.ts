/**
 * What one packet costs in the core: `node bench/dissector.ts [packets]`. Prints CPU ns a packet (best of several rounds) for
 * flows only, streams delivered to a follower that ignores them, and what is rarer: datagrams, segments out of order,
 * new connections, IPv6.
 *
 * 500,000 packets on one core of the machine it was written on (target: below 600): flows only 160 to 180, delivered 175 to
 * 190, IPv6 215 to 235, out of order 500 to 530, a connection with its row every 8 packets 310, UDP 100 to 120. The profile has
 * no peak: reading the headers, the table's lookup and the counters take a third each, and nothing is allocated for a segment in
 * order. What costs is a copy: out of order is three times in order.
 */

import type { Protocol } from '@kubeshark/dissect';
import { Dissector, LinkType } from '@kubeshark/dissect';
import { RecordWriter } from '@kubeshark/model';
import { ethernet, ip, random, segment, T0, udp } from '../packages/dissect/src/testing.ts';

const PACKETS = Number(process.argv[2] ?? 1_000_000);
const ROUNDS = 5;
const CONNECTIONS = 64;

interface Traffic {
  block: Buffer;
  starts: Uint32Array;
  ends: Uint32Array;
}

/** Frames behind one another, as in a ring's block. */
function traffic(frames: Buffer[]): Traffic {
  const starts = new Uint32Array(frames.length);
  const ends = new Uint32Array(frames.length);
  let at = 0;
  for (const [i, frame] of frames.entries()) {
    starts[i] = at;
    at += frame.length;
    ends[i] = at;
  }
  return { block: Buffer.concat(frames), starts, ends };
}

/** Calls over keep-alive connections: request of 200 bytes, acknowledgement, two full segments of answer, acknowledgement. */
function calls(packets: number, { reorder = false, v6 = false } = {}): Traffic {
  const frames: Buffer[] = [];
  const next = random(1);
  const request = Buffer.alloc(200, 'q');
  const answer = Buffer.alloc(1_400, 'a');
  const seq = Array.from({ length: CONNECTIONS }, () => [1, 1]);
  const at = (host: number) => (v6 ? `fd00::${host}` : `10.0.0.${host}`);
  const type = v6 ? 0x86dd : 0x0800;
  const client = (c: number, data: Buffer | string) =>
    ethernet(
      ip(at(1), at(2), 6, segment(40_000 + c, 80, { seq: seq[c]![0]!, ack: seq[c]![1]!, flags: 'PA' }, data)),
      type,
    );
  const server = (c: number, data: Buffer | string, ahead = 0) =>
    ethernet(
      ip(
        at(2),
        at(1),
        6,
        segment(80, 40_000 + c, { seq: seq[c]![1]! + ahead, ack: seq[c]![0]!, flags: 'A' }, data),
      ),
      type,
    );
  while (frames.length < packets) {
    const c = Math.floor(next() * CONNECTIONS);
    frames.push(client(c, request));
    seq[c]![0]! += request.length;
    frames.push(server(c, ''));
    const first = server(c, answer);
    const second = server(c, answer, answer.length);
    if (reorder) frames.push(second, first);
    else frames.push(first, second);
    seq[c]![1]! += 2 * answer.length;
    frames.push(client(c, ''));
  }
  return traffic(frames.slice(0, packets));
}

/** SYN to the last ACK around one call, each on ports of its own. */
function connections(packets: number): Traffic {
  const frames: Buffer[] = [];
  for (let n = 0; frames.length < packets; n++) {
    const port = 1_024 + (n % 60_000);
    const from = `10.1.${(n >> 16) & 255}.${n & 255}`;
    const isn = n * 1_000;
    const c = (seq: number, ack: number, flags: string, data = '') =>
      frames.push(ethernet(ip(from, '10.0.0.2', 6, segment(port, 80, { seq: isn + seq, ack, flags }, data))));
    const s = (seq: number, ack: number, flags: string, data = '') =>
      frames.push(ethernet(ip('10.0.0.2', from, 6, segment(80, port, { seq, ack: isn + ack, flags }, data))));
    c(0, 0, 'S');
    s(0, 1, 'SA');
    c(1, 1, 'A');
    c(1, 1, 'PA', 'GET');
    s(1, 4, 'PA', 'OK');
    c(4, 3, 'FA');
    s(3, 5, 'FA');
    c(5, 4, 'A');
  }
  return traffic(frames.slice(0, packets));
}

function datagrams(packets: number): Traffic {
  const frames: Buffer[] = [];
  for (let n = 0; frames.length < packets; n++) {
    const port = 20_000 + (n % 5_000);
    frames.push(ethernet(ip('10.0.0.1', '10.0.0.2', 17, udp(port, 53, 'a question of some length'))));
    frames.push(ethernet(ip('10.0.0.2', '10.0.0.1', 17, udp(53, port, 'an answer'))));
  }
  return traffic(frames.slice(0, packets));
}

/** Takes all and looks at nothing. */
const ignore: Protocol = {
  number: 4,
  tcp: {
    ports: [80],
    probe: () => 'request',
    follow: () => ({
      idle: true,
      data: (_from, _bytes, start, end) => end - start,
      gap() {},
      end() {},
      advance() {},
      close() {},
    }),
  },
};

function measure(name: string, { block, starts, ends }: Traffic, protocols: Protocol[]): void {
  let best = Number.POSITIVE_INFINITY;
  let flows = 0;
  for (let round = 0; round < ROUNDS; round++) {
    const out = new RecordWriter(1 << 20);
    const dissector = new Dissector(
      {
        out,
        onRecords: () => {
          if (out.count >= 256) out.clear();
        },
      },
      protocols,
    );
    const before = process.cpuUsage();
    // 25,000 packets a second.
    for (let i = 0; i < starts.length; i++)
      dissector.packet(
        block,
        starts[i]!,
        ends[i]!,
        ends[i]! - starts[i]!,
        T0 + i * 40,
        LinkType.ethernet,
        0,
        -1,
      );
    const { user, system } = process.cpuUsage(before);
    best = Math.min(best, ((user + system) * 1_000) / starts.length);
    ({ flows } = dissector.counters);
  }
  console.log(
    `${name.padEnd(44)} ${best.toFixed(0).padStart(5)} ns a packet, ${flows.toLocaleString('en')} flows`,
  );
}

const inOrder = calls(PACKETS);
measure('TCP in order, flows only', inOrder, []);
measure('TCP in order, stream delivered', inOrder, [ignore]);
measure('TCP over IPv6, stream delivered', calls(PACKETS, { v6: true }), [ignore]);
measure('TCP, every answer out of order', calls(PACKETS, { reorder: true }), [ignore]);
measure('a connection every 8 packets', connections(PACKETS / 4), [ignore]);
measure('UDP', datagrams(PACKETS), []);
