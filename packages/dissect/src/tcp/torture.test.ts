// Thousands of connections over a network that reorders, repeats, overlaps and loses: what the streams give is compared
// with what was said. The reference knows nothing of TCP: a text, with `?` for each byte that was never captured.
import { expect, test } from 'vitest';
import type { Seen } from '../testing.ts';
import { everything, ip, random, recorder, Stage, segment } from '../testing.ts';

interface Weather {
  isn: number;
  length: number;
  maxSegment: number;
  /** Packets that a packet may be overtaken by. */
  reorder: number;
  /** Shares of segments sent twice, sent again with other boundaries, never captured. */
  repeat: number;
  overlap: number;
  lose: number;
  syn: boolean;
}

interface Piece {
  side: 0 | 1;
  start: number;
  end: number;
  lost: boolean;
}

const text = (random: () => number, length: number) =>
  String.fromCharCode(...Array.from({ length }, () => 97 + Math.floor(random() * 26)));

function converse(seed: number, weather: Weather) {
  const next = random(seed);
  const below = (n: number) => Math.floor(next() * n);
  const said = [text(next, 2 + below(weather.length)), text(next, 2 + below(weather.length))] as const;
  const isn = [weather.isn, (weather.isn * 7 + 12_345) >>> 0] as const;

  // Each side's segments, interleaved; then what the network adds; then its order.
  const pieces: Piece[] = [];
  const at: [number, number] = [0, 0];
  while (at[0] < said[0].length || at[1] < said[1].length) {
    const side = at[0] < said[0].length && (at[1] >= said[1].length || next() < 0.5) ? 0 : 1;
    const start = at[side];
    let end = Math.min(
      said[side].length,
      start + Math.min(2, weather.maxSegment) + below(weather.maxSegment),
    );
    // A byte sent twice is taken for a keep-alive: none of one byte, then.
    if (end === said[side].length - 1) end++;
    at[side] = end;
    // A stream joined in the middle begins with its first segment.
    const lost = next() < weather.lose && (weather.syn || start > 0);
    pieces.push({ side, start, end, lost });
    if (next() < weather.repeat && !lost) pieces.push({ side, start, end, lost: false });
    if (next() < weather.overlap) {
      const from = weather.syn ? Math.max(0, start - below(2 * weather.maxSegment)) : start;
      if (!lost) pieces.push({ side, start: from, end, lost: false });
    }
  }
  const seen = [new Uint8Array(said[0].length), new Uint8Array(said[1].length)] as const;
  for (const { side, start, end, lost } of pieces) if (!lost) seen[side].fill(1, start, end);
  const order = pieces
    .map((piece, i) => ({
      piece,
      place: !weather.syn && piece.start === 0 ? -1 : i + next() * weather.reorder,
    }))
    .toSorted((a, b) => a.place - b.place)
    .map(({ piece }) => piece);

  const a = everything(4);
  const b = recorder(5, () => 'response');
  const stage = new Stage([a, b]);
  const sent: [number, number] = [0, 0];
  /** Bytes that have left, captured or not: what the receiver may acknowledge is the run from 0. */
  const left = [new Uint8Array(said[0].length + 1), new Uint8Array(said[1].length + 1)] as const;
  const send = (side: 0 | 1, offset: number, flags: string, data = '') => {
    const other = side === 0 ? 1 : 0;
    while (left[other][sent[other]] === 1) sent[other]++;
    const bytes = segment(
      side === 0 ? 40_000 : 80,
      side === 0 ? 80 : 40_000,
      { seq: (isn[side] + 1 + offset) >>> 0, ack: (isn[other] + 1 + sent[other]) >>> 0, flags },
      data,
    );
    stage.packet(ip(side === 0 ? '10.0.0.1' : '10.0.0.2', side === 0 ? '10.0.0.2' : '10.0.0.1', 6, bytes), {
      after: 100,
    });
  };
  if (weather.syn) {
    send(0, -1, 'S');
    send(1, -1, 'SA');
  }
  for (const { side, start, end, lost } of order) {
    // Lost bytes that are captured later, as part of another segment, count when they are.
    for (let i = start; i < end; i++) if (!lost || seen[side][i] === 0) left[side][i] = 1;
    if (!lost) send(side, start, 'PA', said[side].slice(start, end));
    if (next() < 0.3) send(side === 0 ? 1 : 0, sent[side === 0 ? 1 : 0], 'A');
  }
  send(0, said[0].length, 'FA');
  send(1, said[1].length, 'FA');
  stage.end();

  const heard: Seen | undefined = [...a.flows, ...b.flows][0];
  const expected = said.map((whole, side) =>
    whole.replaceAll(/./g, (letter, i: number) => (seen[side]![i] === 1 ? letter : '?')),
  );
  return { stage, heard, expected };
}

/** What the follower was told, in the reference's form. */
function written(heard: Seen | undefined, side: 'client' | 'server'): string {
  let all = '';
  for (const event of heard?.events ?? []) {
    if (event.startsWith(`${side}: `)) all += event.slice(side.length + 2);
    else if (event.startsWith(`gap ${side} `)) all += '?'.repeat(Number(event.slice(side.length + 5)));
  }
  return all;
}

const calm: Weather = {
  isn: 1_000,
  length: 3_000,
  maxSegment: 120,
  reorder: 0,
  repeat: 0,
  overlap: 0,
  lose: 0,
  syn: true,
};
const storm = { reorder: 30, repeat: 0.1, overlap: 0.1 };
/** The sequence passes 2^32 and 2^31 within the stream. */
const WRAP = 0xffff_ffff - 700;
const SIGN = 0x7fff_ffff - 700;

test.each<[string, Partial<Weather>]>([
  ['in order', {}],
  ['one byte at a time', { length: 300, maxSegment: 1, reorder: 12 }],
  ['out of order', { reorder: 40 }],
  ['repeated', { repeat: 0.5 }],
  ['overlapping, with other boundaries', { overlap: 0.5, reorder: 10 }],
  ['everything at once', storm],
  ['across 2^32', { ...storm, isn: WRAP }],
  ['across 2^31', { ...storm, isn: SIGN }],
  ['with losses', { lose: 0.1 }],
  ['with losses and everything else', { ...storm, lose: 0.1 }],
  ['with losses across 2^32', { ...storm, lose: 0.2, isn: WRAP }],
  ['mostly lost', { lose: 0.8, reorder: 10 }],
  ['joined in the middle', { ...storm, syn: false }],
  ['joined in the middle, across 2^32, with losses', { ...storm, syn: false, isn: WRAP, lose: 0.1 }],
])('%s: both streams come out as said, each hole a gap of its size in its place', (_name, weather) => {
  for (let seed = 1; seed <= 60; seed++) {
    const { stage, heard, expected } = converse(seed * 7_919, { ...calm, ...weather });
    const rows = stage.closed();
    // Whoever speaks first in a stream joined in the middle is its client here.
    const sides =
      rows[0]!.from === '10.0.0.1:40000' ? (['client', 'server'] as const) : (['server', 'client'] as const);
    // A hole before the first byte is counted, but there is no follower yet that could be told.
    const told = (stream: string) => stream.replace(/^\?+/, '');
    const sideOf = (side: 'client' | 'server') => {
      const { gaps, gapBytes, payloadBytes, retransmittedBytes } = rows[0]![side];
      return { stream: told(written(heard, side)), gaps, gapBytes, bytes: payloadBytes - retransmittedBytes };
    };
    const { heldBytes, unfinishedBytes } = stage.dissector;
    expect({
      seed,
      sides: sides.map(sideOf),
      flows: rows.length,
      left: heldBytes + unfinishedBytes,
      last: heard?.events.at(-1),
    }).toEqual({
      seed,
      sides: expected.map((stream) => ({
        stream: told(stream),
        gaps: stream.match(/\?+/g)?.length ?? 0,
        gapBytes: stream.replaceAll(/[a-z]/g, '').length,
        bytes: stream.replaceAll('?', '').length,
      })),
      flows: 1,
      left: 0,
      last: heard && 'close',
    });
  }
});
