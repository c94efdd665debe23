/** Captures spoilt at random, and a follower that checks what it is told. For tests and `bench/fuzz.ts` only. */
import type { FlowContext, Protocol, Side, StreamEnd } from './protocol.ts';
import { checkRecords, Stage } from './testing.ts';

export interface CapturedPacket {
  bytes: Buffer;
  wireLength: number;
  time: number;
  linkType: number;
}

const EDGES = [0, 1, 0x7f, 0x80, 0xfe, 0xff, 4, 6, 17, 0x45, 0x60];

/** A copy of the packets with a few of them damaged, cut, lost, repeated, moved, or from another time. */
export function spoil(packets: readonly CapturedPacket[], random: () => number): CapturedPacket[] {
  const below = (n: number) => Math.floor(random() * n);
  const out: CapturedPacket[] = [];
  const rate = [0.02, 0.1, 0.5][below(3)]!;
  for (const packet of packets) {
    if (random() > rate) {
      out.push(packet);
      continue;
    }
    const bytes = Buffer.from(packet.bytes);
    const copy = { ...packet, bytes };
    switch (below(9)) {
      case 0:
        continue;
      case 1:
        out.push(packet);
        break;
      case 2:
        copy.bytes = bytes.subarray(0, below(bytes.length + 1));
        break;
      case 3:
        copy.time += (random() - 0.5) * 10 ** below(26);
        break;
      case 4:
        copy.linkType = [0, 1, 9, 101, 113, 276, 239, 147][below(8)]!;
        break;
      case 5: {
        // Moved to an earlier place.
        out.splice(below(out.length + 1), 0, copy);
        continue;
      }
      case 6:
        copy.wireLength = [0, bytes.length, 65_536, 300_000, 2 ** 31][below(5)]!;
        break;
      default:
        // The first bytes are headers: lengths, offsets, flags, sequence numbers.
        for (let n = 1 + below(8); n > 0 && bytes.length > 0; n--) {
          const at = random() < 0.7 ? below(Math.min(bytes.length, 80)) : below(bytes.length);
          bytes[at] = random() < 0.5 ? EDGES[below(EDGES.length)]! : bytes[at]! ^ (1 << below(8));
        }
    }
    out.push(copy);
  }
  return out;
}

/** Takes everything; throws into `faults` what breaks the contract of `StreamFollower` and `DatagramFollower`. */
export function strict(faults: string[], random: () => number): Protocol {
  const watch = (flow: FlowContext) => {
    let last = Number.NEGATIVE_INFINITY;
    let closed = false;
    const ended = [false, false];
    const check = (what: string, time: number, from?: Side, isEnd = false) => {
      if (closed) faults.push(`${what} after close`);
      if (time < last) faults.push(`${what}: time went back`);
      if (Number.isNaN(time)) faults.push(`${what}: time is no number`);
      last = time;
      if (from === undefined) return;
      // A reset may follow a FIN.
      if (ended[from] && what !== 'reset') faults.push(`${what} after end`);
      if (isEnd) ended[from] = true;
    };
    const range = (bytes: Buffer, start: number, end: number) => {
      if (!(start >= 0 && start <= end && end <= bytes.length))
        faults.push(`range ${start} ${end} ${bytes.length}`);
    };
    return {
      data(from: Side, bytes: Buffer, start: number, end: number, time: number) {
        check('data', time, from);
        range(bytes, start, end);
        if (start === end) faults.push('data of no bytes');
        flow.budget.take(end - start);
        const chance = random();
        if (chance < 0.001) {
          flow.handOver(chance < 0.0005 ? null : 4);
          return Math.floor(random() * (end - start + 1));
        }
        if (chance > 0.9995) throw new Error('a fault of a follower');
        return end - start;
      },
      gap(from: Side, size: number, time: number) {
        check('gap', time, from);
        if (!(size >= 0 && size < 2 ** 31)) faults.push(`gap of ${size}`);
      },
      end(from: Side, how: StreamEnd, time: number) {
        check(how === 'reset' ? 'reset' : 'end', time, from, true);
      },
      datagram(_from: Side, bytes: Buffer, start: number, end: number, cut: number, time: number) {
        check('datagram', time);
        range(bytes, start, end);
        if (cut < 0) faults.push(`cut of ${cut}`);
      },
      advance() {
        if (closed) faults.push('advance after close');
      },
      close(time: number) {
        check('close', time);
        closed = true;
      },
    };
  };
  const chance = () => {
    const value = random();
    return value < 0.4 ? 'request' : value < 0.6 ? 'response' : value < 0.8 ? 'more' : 'no';
  };
  return {
    number: 4,
    tcp: { ports: [80], probe: chance, follow: watch },
    udp: { ports: [53], probe: chance, follow: watch },
  };
}

/** Small caps, so that spoilt captures reach them. */
const TIGHT = {
  flows: 40,
  heldBytes: 60_000,
  heldBytesPerStream: 20_000,
  unfinishedBytes: 50_000,
  fragmentBytes: 4_000,
  detectBytes: 500,
};

/** Plays the packets; returns what was wrong: a throw, a broken contract, a cap passed, something left behind. */
export function ordeal(
  packets: readonly CapturedPacket[],
  protocols: Protocol[],
  faults: string[],
  tight: boolean,
): string[] {
  const stage = new Stage(protocols, tight ? TIGHT : {});
  const { dissector } = stage;
  try {
    for (const { bytes, wireLength, time, linkType } of packets) {
      dissector.packet(bytes, 0, bytes.length, wireLength, time, linkType, 0, -1);
      if (
        tight &&
        (dissector.heldBytes > TIGHT.heldBytes ||
          dissector.unfinishedBytes > TIGHT.unfinishedBytes ||
          dissector.table.size > TIGHT.flows)
      )
        faults.push('a cap was passed');
    }
    stage.end();
    for (const records of stage.records) checkRecords(records);
    const { heldBytes, unfinishedBytes, table, active } = dissector;
    if (heldBytes + unfinishedBytes + table.size + active.length !== 0)
      faults.push(
        `left: ${heldBytes} held, ${unfinishedBytes} unfinished, ${table.size} flows, ${active.length} active`,
      );
  } catch (error) {
    faults.push(error instanceof Error ? (error.stack ?? error.message) : String(error));
  }
  return faults;
}
