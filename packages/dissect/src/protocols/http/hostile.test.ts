// Spoilt HTTP captures: whatever the follower makes of them, each record expands to an entry of the schema, and no secret range leaves its section.
import { createReadStream, existsSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { readCapture } from '@kubeshark/capture';
import type { RecordView } from '@kubeshark/model';
import { recordOffsets } from '@kubeshark/model';
import { Entry } from '@kubeshark/model/schemas';
import { describe, expect, test } from 'vitest';
import { toEntry } from '../../expand/entry.ts';
import { RecordRow } from '../../expand/row.ts';
import type { CapturedPacket } from '../../fuzzing.ts';
import { ordeal, spoil } from '../../fuzzing.ts';
import { random, Stage } from '../../testing.ts';
import { httpExpander } from './expand.ts';
import { http } from './index.ts';

const FOLDER = join(
  process.env['KUBESHARK_CAPTURES'] ??
    fileURLToPath(new URL('../../../../../../shared/captures/', import.meta.url)),
  'http',
);
const RULES = {
  headers: new Set(['host', 'content-type', 'set-cookie']),
  queryParameters: new Set(['a', 'q']),
  jsonFields: new Set(['url', 'origin']),
};

async function load(name: string): Promise<CapturedPacket[]> {
  const packets: CapturedPacket[] = [];
  await readCapture(createReadStream(join(FOLDER, name)), {
    onPacket: (bytes, start, end, wireLength, time, linkType) => {
      if (packets.length < 200)
        packets.push({ bytes: Buffer.from(bytes.subarray(start, end)), wireLength, time, linkType });
    },
  });
  return packets;
}

function recordsOf(packets: readonly CapturedPacket[]): Buffer[] {
  const stage = new Stage([http]);
  for (const { bytes, wireLength, time, linkType } of packets)
    stage.dissector.packet(bytes, 0, bytes.length, wireLength, time, linkType, 0, -1);
  stage.end();
  expect(stage.named('follower_failed')).toBe(0);
  return stage.records;
}

/** Ranges outside of their sections. */
function strayRanges(view: RecordView): number {
  let stray = 0;
  httpExpander.secrets!(view, RULES, (section, start, length) => {
    if (start < 0 || length <= 0 || start + length > view.sectionLength(section as 0)) stray++;
  });
  return stray;
}

const names = existsSync(FOLDER) ? readdirSync(FOLDER) : [];

describe.skipIf(names.length === 0)('spoilt', () => {
  test.each(names)('%s', async (name) => {
    const packets = await load(name);
    for (let seed = 1; seed <= 3; seed++) {
      const spoilt = spoil(packets, random(seed));
      expect(ordeal(spoilt, [http], [], seed === 1)).toEqual([]);
      for (const records of recordsOf(spoilt))
        for (const at of recordOffsets(records)) {
          const row = new RecordRow().at(records, at, 'boot');
          const entry = toEntry(row, { source: 'file', seenBy: [] });
          expect(Entry.safeParse(entry).error).toBeUndefined();
          if (row.record.protocol === 'http') expect(strayRanges(row.record)).toBe(0);
        }
    }
  });
});
