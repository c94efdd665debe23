import { createReadStream, existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { RecordView, RecordWriter, recordOffsets, Section } from '@kubeshark/model';
import { describe, expect, test } from 'vitest';
import { readCapture } from '../../../../capture/src/read-capture.ts';
import { Dissector } from '../../dissector.ts';
import { dns } from './index.ts';

const CAPTURES =
  process.env['KUBESHARK_CAPTURES'] ??
  fileURLToPath(new URL('../../../../../../shared/captures/', import.meta.url));
const names = existsSync(CAPTURES) ? readdirSync(join(CAPTURES, 'dns')) : [];

interface Oracle {
  protocols: { dns: { messages: { kind: string; id: string }[] } };
}

describe.skipIf(names.length === 0)('every DNS capture of the collection', () => {
  test.each(names)('%s: the ids of queries and answers are those that tshark finds', async (name) => {
    const oracle = JSON.parse(readFileSync(join(CAPTURES, 'oracle/dns', `${name}.json`), 'utf8')) as Oracle;
    const out = new RecordWriter();
    const chunks: Buffer[] = [];
    const dissector = new Dissector({ out, onRecords: () => chunks.push(out.take().records) }, [dns]);
    const types: number[] = [];
    await readCapture(createReadStream(join(CAPTURES, 'dns', name)), {
      onInterface: (capture, index) => {
        types[index] = capture.linkType;
      },
      onPacket: (bytes, start, end, wire, time) =>
        dissector.packet(bytes, start, end, wire, time, types[0]!, 0, -1),
    });
    dissector.end();
    const seen = new Set<string>();
    for (const records of chunks)
      for (const at of recordOffsets(records)) {
        const view = new RecordView().at(records, at);
        if (view.kind === 'flow') continue;
        const id = `0x${view.stream.toString(16).padStart(4, '0')}`;
        if (view.sectionLength(Section.requestHead) > 0) seen.add(`request ${id}`);
        if (view.sectionLength(Section.responseHead) > 0) seen.add(`response ${id}`);
      }
    const truth = new Set(oracle.protocols.dns.messages.map((m) => `${m.kind} ${m.id}`));
    expect([...seen].toSorted()).toEqual([...truth].toSorted());
    expect(dissector.counters.named.get('follower_failed')).toBeUndefined();
  });
});
