/** Plays a connection to the follower alone, in any cuts, and reads back what it wrote. For tests only. */
import type { Limits } from '@kubeshark/model';
import { Head, LIMITS, RecordView, RecordWriter, recordOffsets, Section } from '@kubeshark/model';
import type { FlowContext, Side, StreamEnd } from '../../protocol.ts';
import { CLIENT, SERVER } from '../../protocol.ts';
import { HttpFollower } from './follow.ts';

export const T0 = 1_700_000_000_000_000;

/** `c` and `s`: bytes of client and server. `at`: µs since T0; without it one millisecond after the one before. */
export type Step =
  | { c: string; at?: number }
  | { s: string; at?: number }
  | { lost: 'c' | 's'; size: number; at?: number }
  | { end: 'c' | 's'; how: StreamEnd; at?: number }
  | { wait: number };

export interface Seen {
  index: number;
  revision: number;
  state: string;
  outcome: string;
  request: string | null;
  response: string | null;
  requestBody: string;
  responseBody: string;
  requestTail: string;
  responseTail: string;
  timestamp: number;
  elapsed: number;
  requestEnd: number;
  responseStart: number;
  requestSeq: number;
  responseSeq: number;
  requestSize: number;
  responseSize: number;
  requestBodySize: number;
  responseBodySize: number;
  missing: number;
  flags: number;
  extra: string;
}

export interface Played {
  calls: Seen[];
  anomalies: Record<string, number>;
  /** Bytes left to another protocol, by direction. */
  left: [string, string];
  handedOver: boolean;
  /** Bytes still taken from the budget at the end: a leak when not 0. */
  held: number;
}

/** What pieces are read from; overwritten behind each. */
const block = Buffer.alloc(1_100_000, 0xdd);

/** `cut`: lengths into which each piece is cut, over and over; none leaves it whole. */
export function play(
  steps: readonly Step[],
  cut: readonly number[] = [],
  limits: Partial<Limits> = {},
): Played {
  const out = new RecordWriter(4_096);
  const anomalies: Record<string, number> = {};
  let held = 0;
  let index = 0;
  let handedOver = false;
  let sequence = 0;
  const seqs = [1_000, 4_294_967_290];
  const template = new Uint8Array(Head.size);
  const view = new DataView(template.buffer);
  for (const field of [Head.elapsed, Head.requestEnd, Head.responseStart]) view.setFloat64(field, -1, true);
  const all: Limits = { ...LIMITS, ...limits };
  const flow: FlowContext = {
    template,
    out,
    limits: all,
    budget: {
      take(n) {
        if (held + n > all.unfinishedBytes) return false;
        held += n;
        return true;
      },
      give(n) {
        held -= n;
      },
    },
    clientGuessed: false,
    midstream: false,
    snapped: false,
    retransmissions: 0,
    nextIndex: () => ++index,
    sequence: () => sequence,
    anomaly(name) {
      anomalies[name] = (anomalies[name] ?? 0) + 1;
    },
    handOver() {
      handedOver = true;
    },
  };
  const follower = new HttpFollower(flow);
  const left: [string, string] = ['', ''];
  let now = 0;
  const give = (from: Side, text: string) => {
    let rest = text;
    for (let n = 0; rest.length > 0; n++) {
      const size = cut.length === 0 ? rest.length : Math.max(1, cut[n % cut.length]!);
      const piece = rest.slice(0, size);
      rest = rest.slice(size);
      if (handedOver) {
        left[from] += piece;
        continue;
      }
      const start = 5 + (n % 7);
      block.write(piece, start, 'latin1');
      sequence = seqs[from]! | 0;
      const taken = follower.data(from, block, start, start + piece.length, T0 + now);
      block.fill(0xdd, start, start + piece.length);
      left[from] += piece.slice(taken);
      seqs[from]! += piece.length;
    }
  };
  for (const step of steps) {
    if ('wait' in step) {
      now += step.wait;
      follower.advance(T0 + now);
      continue;
    }
    now = step.at ?? now + 1_000;
    if ('c' in step) give(CLIENT, step.c);
    else if ('s' in step) give(SERVER, step.s);
    else if ('lost' in step) {
      const side = step.lost === 'c' ? CLIENT : SERVER;
      seqs[side]! += step.size;
      follower.gap(side, step.size, T0 + now);
    } else follower.end(step.end === 'c' ? CLIENT : SERVER, step.how, T0 + now);
  }
  follower.close();
  return { calls: read(out), anomalies, left, handedOver, held };
}

function read(out: RecordWriter): Seen[] {
  const { records } = out;
  return [...recordOffsets(records)].map((at) => {
    const r = new RecordView().at(records, at);
    const text = (section: number) => {
      const { bytes, start, end } = r.section(section as 0);
      return bytes.toString('latin1', start, end);
    };
    const seq = (field: number) => records.readUInt32LE(at + field);
    return {
      index: r.index,
      revision: r.revision,
      state: r.state,
      outcome: r.outcome,
      request: text(Section.requestHead) || null,
      response: text(Section.responseHead) || null,
      requestBody: text(Section.requestBody),
      responseBody: text(Section.responseBody),
      requestTail: text(Section.requestTail),
      responseTail: text(Section.responseTail),
      timestamp: r.timestamp - T0,
      elapsed: r.elapsed,
      requestEnd: r.requestEnd,
      responseStart: r.responseStart,
      requestSeq: seq(Head.requestSeq),
      responseSeq: seq(Head.responseSeq),
      requestSize: r.requestSize,
      responseSize: r.responseSize,
      requestBodySize: r.requestBodySize,
      responseBodySize: r.responseBodySize,
      missing: r.missing,
      flags: r.flags,
      extra: text(Section.extra),
    };
  });
}
