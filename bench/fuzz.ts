/**
 * Spoilt captures for as long as you like: `node bench/fuzz.ts [minutes] [first seed]`. Prints each fault with the capture and
 * seed that show it, and ends with 1 if there was any.
 */
import { createReadStream, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { readCapture } from '@kubeshark/capture';
import type { Protocol } from '@kubeshark/dissect';
import { http } from '@kubeshark/dissect';
import type { CapturedPacket } from '../packages/dissect/src/fuzzing.ts';
import { ordeal, spoil, strict } from '../packages/dissect/src/fuzzing.ts';
import { random, Stage } from '../packages/dissect/src/testing.ts';

const CAPTURES =
  process.env['KUBESHARK_CAPTURES'] ?? fileURLToPath(new URL('../../shared/captures/', import.meta.url));
/** Packets of a capture that are used. */
const PACKETS = 5_000;
/** One reading longer than this is a fault. */
const SLOW_MS = 5_000;
const PROTOCOLS: Protocol[] = [http];

const minutes = Number(process.argv[2] ?? 1);
let seed = Number(process.argv[3] ?? 1);

async function load(path: string): Promise<CapturedPacket[]> {
  const packets: CapturedPacket[] = [];
  await readCapture(createReadStream(path), {
    onPacket: (bytes, start, end, wireLength, time, linkType) => {
      if (packets.length < PACKETS)
        packets.push({ bytes: Buffer.from(bytes.subarray(start, end)), wireLength, time, linkType });
    },
  }).catch(() => {});
  return packets;
}

/** A follower that fails is caught by the core; here it is a fault of ours. */
function failures(packets: readonly CapturedPacket[]): string[] {
  const stage = new Stage(PROTOCOLS);
  for (const { bytes, wireLength, time, linkType } of packets)
    stage.dissector.packet(bytes, 0, bytes.length, wireLength, time, linkType, 0, -1);
  stage.end();
  const failed = stage.named('follower_failed');
  return failed > 0 ? [`${failed} times a follower failed`] : [];
}

const captures: { name: string; packets: CapturedPacket[] }[] = [];
for (const folder of readdirSync(CAPTURES, { withFileTypes: true }).filter((f) => f.isDirectory()))
  for (const file of readdirSync(join(CAPTURES, folder.name)))
    if (/\.p?cap(ng)?$/.test(file)) {
      const name = `${folder.name}/${file}`;
      captures.push({ name, packets: await load(join(CAPTURES, name)) });
    }

const end = performance.now() + minutes * 60_000;
let runs = 0;
let packets = 0;
let faulty = 0;
let slowest = 0;
for (; performance.now() < end; seed++) {
  for (const capture of captures) {
    if (performance.now() >= end) break;
    const next = random(seed);
    const spoilt = spoil(capture.packets, next);
    const begun = performance.now();
    const faults: string[] = [];
    ordeal(spoilt, [strict(faults, next)], faults, seed % 2 === 0);
    ordeal(spoilt, PROTOCOLS, faults, seed % 2 === 0);
    faults.push(...failures(spoilt));
    const took = performance.now() - begun;
    slowest = Math.max(slowest, took);
    if (took > SLOW_MS) faults.push(`took ${Math.round(took)} ms`);
    runs++;
    packets += 3 * spoilt.length;
    if (faults.length > 0) {
      faulty++;
      console.log(`${capture.name} seed ${seed}: ${[...new Set(faults)].slice(0, 5).join('; ')}`);
    }
  }
}
console.log(
  `${runs} spoilt captures, ${packets.toLocaleString('en')} packets, slowest ${Math.round(slowest)} ms, next seed ${seed}: ${faulty === 0 ? 'no fault' : `${faulty} with faults`}`,
);
process.exitCode = faulty === 0 ? 0 : 1;
