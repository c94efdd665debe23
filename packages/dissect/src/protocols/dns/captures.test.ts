// Every DNS capture of the collection, message by message, against tshark: ids, and what each message says.
import { createReadStream, existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { RecordView, RecordWriter, recordOffsets, Section } from '@kubeshark/model';
import { describe, expect, test } from 'vitest';
import { readCapture } from '../../../../capture/src/read-capture.ts';
import { Dissector } from '../../dissector.ts';
import { dnsExpander } from './expand.ts';
import type { MessageFields } from './fields-of.ts';
import { dns } from './index.ts';
import { countOf, opcodeOf } from './message.ts';
import { Opcode } from './numbers.ts';

const CAPTURES =
  process.env['KUBESHARK_CAPTURES'] ??
  fileURLToPath(new URL('../../../../../../shared/captures/', import.meta.url));
const names = existsSync(CAPTURES) ? readdirSync(join(CAPTURES, 'dns')) : [];

interface OracleMessage {
  kind: 'request' | 'response';
  id: string;
  opcode: number;
  queries: [name: string, type: string][];
  rcode?: number;
  /** Questions, answers, authorities, additionals. */
  counts: [number, number, number, number];
  answers?: { name: string; type: string; data: string | null; ttl: number }[];
}

interface Oracle {
  protocols: { dns: { messages: OracleMessage[] } };
}

function oracleOf(name: string): OracleMessage[] {
  const oracle = JSON.parse(readFileSync(join(CAPTURES, 'oracle/dns', `${name}.json`), 'utf8')) as Oracle;
  return oracle.protocols.dns.messages;
}

async function recordsOf(name: string): Promise<{ views: RecordView[]; failed: number | undefined }> {
  const out = new RecordWriter();
  const chunks: Buffer[] = [];
  const onRecords = () => {
    chunks.push(Buffer.from(out.records));
    out.clear();
  };
  const dissector = new Dissector({ out, onRecords }, [dns]);
  const types: number[] = [];
  await readCapture(createReadStream(join(CAPTURES, 'dns', name)), {
    onInterface: (capture, index) => {
      types[index] = capture.linkType;
    },
    onPacket: (bytes, start, end, wire, time) =>
      dissector.packet(bytes, start, end, wire, time, types[0]!, 0, -1),
  });
  dissector.end();
  const views = chunks
    .flatMap((records) => [...recordOffsets(records)].map((at) => new RecordView().at(records, at)))
    .filter((view) => view.kind !== 'flow');
  return { views, failed: dissector.counters.named.get('follower_failed') };
}

/** The part of a record's data that the oracle has. */
function told(type: string, data: string): string | null {
  switch (type) {
    case 'A':
    case 'AAAA':
    case 'CNAME':
    case 'PTR':
      return data;
    case 'MX':
      return data.split(' ')[1]!;
    case 'SOA':
      return data.split(' ')[0]!;
    case 'TXT':
      return data
        .slice(1, -1)
        .replaceAll('" "', '|')
        .replaceAll(/\\(["\\])/g, '$1');
    default:
      return null;
  }
}

const says = (kind: string, message: Omit<OracleMessage, 'kind'>) => JSON.stringify([kind, message]);

/** A message as the oracle tells it. */
function ours(kind: string, view: RecordView, fields: MessageFields): string {
  const { bytes, start } = view.section(kind === 'request' ? Section.requestHead : Section.responseHead);
  const span = { bytes, start, end: start };
  return says(kind, {
    id: `0x${fields.id.toString(16).padStart(4, '0')}`,
    opcode: opcodeOf(span),
    queries: fields.questions.map(({ name, type }) => [name, type]),
    ...(kind === 'response' ? { rcode: bytes[start + 3]! & 15 } : {}),
    counts: [0, 1, 2, 3].map((index) => countOf(span, index)) as OracleMessage['counts'],
    // Of an UPDATE tshark does not list the prerequisites, which stand in the place of answers.
    answers: (opcodeOf(span) === Opcode.UPDATE ? [] : fields.answers).map(({ name, type, data, ttl }) => ({
      name,
      type,
      data: told(type, data),
      ttl,
    })),
  });
}

function theirs({ kind, id, opcode, queries, rcode, counts, answers = [] }: OracleMessage): string {
  return says(kind, {
    id,
    opcode,
    queries: queries.map(([name, type]) => [name, type === '*' ? 'ANY' : type]),
    ...(kind === 'response' ? { rcode } : {}),
    counts,
    answers: answers.map(({ name, type, data, ttl }) => ({
      name,
      // tshark 4.0 puts the types of a bit map in the place of the type of NSEC and NSEC3.
      type: type.startsWith('RR type in bit map') ? 'NSEC' : type,
      data: type in TOLD ? data : null,
      ttl,
    })),
  });
}

const TOLD = { A: 1, AAAA: 1, CNAME: 1, PTR: 1, MX: 1, SOA: 1, TXT: 1 };

describe.skipIf(names.length === 0)('every DNS capture of the collection', () => {
  test.each(names)('%s: the ids of queries and answers are those that tshark finds', async (name) => {
    const { views, failed } = await recordsOf(name);
    const seen = new Set<string>();
    for (const view of views) {
      const id = `0x${view.stream.toString(16).padStart(4, '0')}`;
      if (view.sectionLength(Section.requestHead) > 0) seen.add(`request ${id}`);
      if (view.sectionLength(Section.responseHead) > 0) seen.add(`response ${id}`);
    }
    const truth = new Set(oracleOf(name).map((m) => `${m.kind} ${m.id}`));
    expect([...seen].toSorted()).toEqual([...truth].toSorted());
    expect(failed).toBeUndefined();
  });

  test.each(
    names,
  )('%s: questions, codes, counts, and name, type, TTL and data of each answer', async (name) => {
    const { views } = await recordsOf(name);
    const seen = new Set<string>();
    for (const view of views)
      for (const [kind, side] of [
        ['request', dnsExpander.request(view)],
        ['response', dnsExpander.response(view)],
      ] as const)
        if (side !== null) seen.add(ours(kind, view, side.fields as unknown as MessageFields));
    expect([...seen].toSorted()).toEqual([...new Set(oracleOf(name).map(theirs))].toSorted());
  });
});
