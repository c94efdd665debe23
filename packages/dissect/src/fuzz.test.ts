// Spoilt captures: nothing throws, nothing loops, no cap is passed, nothing is left behind, followers are told the truth.
// `bench/fuzz.ts` does the same for as long as one likes, with every protocol.
import { createReadStream, existsSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { readCapture } from '@kubeshark/capture';
import { describe, expect, test } from 'vitest';
import type { CapturedPacket } from './fuzzing.ts';
import { ordeal, spoil, strict } from './fuzzing.ts';
import { random } from './testing.ts';

const CAPTURES =
  process.env['KUBESHARK_CAPTURES'] ??
  fileURLToPath(new URL('../../../../shared/captures/', import.meta.url));

async function load(name: string): Promise<CapturedPacket[]> {
  const packets: CapturedPacket[] = [];
  await readCapture(createReadStream(join(CAPTURES, name)), {
    onPacket: (bytes, start, end, wireLength, time, linkType) => {
      if (packets.length < 400)
        packets.push({ bytes: Buffer.from(bytes.subarray(start, end)), wireLength, time, linkType });
    },
  });
  return packets;
}

describe.skipIf(!existsSync(CAPTURES))('spoilt captures', () => {
  test.each(['tcp', 'udp', 'ip', 'icmp', 'sctp', 'malformed', 'http', 'dns'])('%s', async (folder) => {
    for (const file of readdirSync(join(CAPTURES, folder)).filter((name) => /\.p?cap(ng)?$/.test(name))) {
      const packets = await load(`${folder}/${file}`);
      const until = performance.now() + 15;
      for (let seed = 1; seed <= 40 && (seed <= 4 || performance.now() < until); seed++) {
        const next = random(seed);
        const faults: string[] = [];
        const begun = performance.now();
        ordeal(spoil(packets, next), [strict(faults, next)], faults, seed % 2 === 0);
        expect({ file, seed, faults }).toEqual({ file, seed, faults: [] });
        expect(performance.now() - begun).toBeLessThan(2_000);
      }
    }
  });
});
