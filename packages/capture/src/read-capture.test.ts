import { createReadStream, existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { setImmediate } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { gzipSync, zstdCompressSync } from 'node:zlib';
import { describe, expect, test } from 'vitest';
import { readCapture } from './read-capture.ts';

const CAPTURES =
  process.env['KUBESHARK_CAPTURES'] ??
  fileURLToPath(new URL('../../../../shared/captures/', import.meta.url));

interface Oracle {
  capture: string;
  packets: number;
  packets_cut_by_snaplen: number;
  first_time?: string;
  last_time?: string;
  file: {
    linktype?: number;
    interface_count?: number;
    blocks?: Partial<Record<'EPB' | 'SPB' | 'PB', number>>;
  };
}

/** Seconds with nanoseconds, as µs. */
const micros = (text: string) => Number(BigInt(text.replace('.', '')) / 1000n);

async function readAll(input: AsyncIterable<Uint8Array>) {
  const times: number[] = [];
  let cut = 0;
  const summary = await readCapture(input, {
    onPacket: (_bytes, start, end, wireLength, time) => {
      times.push(time);
      if (end - start < wireLength) cut++;
    },
  });
  return { ...summary, times, cut };
}

async function* pieces(bytes: Buffer, size: number) {
  for (let at = 0; at < bytes.length; at += size) yield bytes.subarray(at, at + size);
}

/** A pcap of two packets, written by hand. */
function small(): Buffer {
  const file = Buffer.alloc(24 + 2 * (16 + 60));
  file.writeUInt32LE(0xa1b2c3d4, 0);
  file.writeUInt32LE(1, 20);
  for (const [i, at] of [24, 100].entries()) {
    file.writeUInt32LE(1_700_000_000 + i, at);
    file.writeUInt32LE(250_000, at + 4);
    file.writeUInt32LE(60, at + 8);
    file.writeUInt32LE(61 + i, at + 12);
  }
  return file;
}

const manifest = existsSync(CAPTURES)
  ? (JSON.parse(readFileSync(join(CAPTURES, 'manifest.json'), 'utf8')) as unknown)
  : [];
const names = [...JSON.stringify(manifest).matchAll(/"(?:file|path|capture)":"([^"]+\.p?cap(?:ng)?)"/g)].map(
  (match) => match[1]!,
);

describe.skipIf(names.length === 0)('every capture of the collection', () => {
  test.each(names)('%s has the packets, times and interfaces that tshark finds', async (name) => {
    const oracle = JSON.parse(readFileSync(join(CAPTURES, 'oracle', `${name}.json`), 'utf8')) as Oracle;
    const { packets, times, interfaces, cut } = await readAll(createReadStream(join(CAPTURES, name)));
    // tshark shows custom blocks as packets too, and stops at the second section of test901: the blocks are the truth.
    const { blocks } = oracle.file;
    expect(packets).toBe(blocks ? (blocks.EPB ?? 0) + (blocks.SPB ?? 0) + (blocks.PB ?? 0) : oracle.packets);
    if (packets !== oracle.packets) return;
    expect(cut).toBe(oracle.packets_cut_by_snaplen);
    // A simple packet block has no time; tshark's first is that of the first packet that has one.
    const timed = blocks?.SPB ? times.filter((time) => time > 0) : times;
    if (timed.length > 0)
      expect([timed[0], times.at(-1)]).toEqual([micros(oracle.first_time!), micros(oracle.last_time!)]);
    if (oracle.file.interface_count !== undefined)
      expect(interfaces.length).toBe(oracle.file.interface_count);
    else expect(interfaces.map((i) => i.linkType)).toEqual([oracle.file.linktype]);
  });
});

test('the pieces in which a file arrives do not matter, nor does gzip or zstd', async () => {
  const file = small();
  const truth = { packets: 2, cut: 2, times: [1_700_000_000_250_000, 1_700_000_001_250_000] };
  for (const size of [1, 3, 17, 1000]) expect(await readAll(pieces(file, size))).toMatchObject(truth);
  expect(await readAll(pieces(gzipSync(file), 5))).toMatchObject(truth);
  expect(await readAll(pieces(zstdCompressSync(file), 5))).toMatchObject(truth);
});

test('a file cut short gives the packets before the cut and says where', async () => {
  const { packets, problem } = await readAll(pieces(small().subarray(0, 150), 64));
  expect([packets, problem]).toEqual([1, 'cut short at byte 150, in the middle of packet 2']);
  const compressed = gzipSync(
    Buffer.concat([small(), Buffer.from(Array.from({ length: 50_000 }, (_, i) => (i * 7919) & 255))]),
    { level: 0 },
  );
  expect((await readAll(pieces(compressed.subarray(0, 200), 64))).problem).toMatch(/cut short|damaged/);
});

test('damage after the first packet keeps what was read', async () => {
  const file = small();
  file.writeUInt32LE(0x7fffffff, 108);
  const { packets, problem } = await readAll(pieces(file, 1000));
  expect([packets, problem]).toEqual([1, 'damaged at byte 100: a packet of 2147483647 bytes']);
});

test.each([
  ['', 'the file is empty'],
  ['abc', 'the file is too short to be a capture'],
  ['<!DOCTYPE html><html>', 'it looks like an HTML page'],
  ['{"a": 1}', 'it looks like JSON'],
  ['just some words', 'it looks like text'],
  ['\u0001\u0002\u0003\u0004\u0005', 'it begins with 01020304'],
])('%j is no capture, and the error says what it is', async (text, message) => {
  await expect(readAll(pieces(Buffer.from(text), 64))).rejects.toThrow(message);
});

test('what is no capture is closed at once, with the rest unread', async () => {
  let closed = false;
  const input = async function* () {
    try {
      yield* pieces(Buffer.from('just some words, and more of them'), 8);
    } finally {
      closed = true;
    }
  };
  await expect(readAll(input())).rejects.toThrow('it looks like text');
  await setImmediate();
  expect(closed).toBe(true);
});
