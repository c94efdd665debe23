// Packets to batches, with a filter, redaction and decode rules on the way.
import { fileURLToPath } from 'node:url';
import { fileChunks, readCapture } from '@kubeshark/capture';
import { RecordRow, toEntry } from '@kubeshark/dissect';
import { compile } from '@kubeshark/kfl';
import type { Entry } from '@kubeshark/model';
import { LIMITS, ProtocolNumber, recordOffsets } from '@kubeshark/model';
import { expect, test } from 'vitest';
import type { PipelineOptions } from './pipeline.ts';
import { Pipeline, parseDecodeAs } from './pipeline.ts';
import { DEFAULT_RULES } from './redaction.ts';

/** Calls of a small shop: sessions in cookies, some left without an answer. */
const SAMPLE = fileURLToPath(new URL('../../cli/sample/shop.pcap.gz', import.meta.url));

async function entriesOf(options: Omit<PipelineOptions, 'onBatch'>): Promise<Entry[]> {
  const entries: Entry[] = [];
  const row = new RecordRow();
  const pipeline = new Pipeline({
    ...options,
    onBatch: (records, count) => {
      expect(count).toBeLessThanOrEqual(LIMITS.batchRecords);
      const offsets = [...recordOffsets(records)];
      expect(offsets).toHaveLength(count);
      for (const at of offsets)
        entries.push(toEntry(row.at(records, at, 'boot'), { source: 'file', seenBy: [] }));
    },
  });
  await readCapture(fileChunks(SAMPLE), {
    onPacket: (...packet) => pipeline.dissector.packet(...packet),
  });
  pipeline.end();
  expect(pipeline.pending).toBe(0);
  return entries;
}

function filterOf(text: string) {
  const result = compile(text, { now: 0 });
  if ('error' in result) throw new Error(result.error.message);
  return result.filter;
}

test('with a filter, what matches and has ended is shipped, and nothing else', async () => {
  const all = await entriesOf({});
  const failed = await entriesOf({ filter: filterOf('status_code >= 500') });
  expect(all.some((entry) => entry.state === 'open')).toBe(true);
  expect(failed.length).toBeGreaterThan(10);
  expect(failed).toEqual(all.filter((entry) => entry.state === 'closed' && Number(entry.status) >= 500));
});

test.each([
  ['without redaction', undefined],
  ['with redaction, as in a cluster', DEFAULT_RULES],
])('an empty filter lets everything through, also what is open: %s', async (_how, redaction) => {
  const all = await entriesOf({ redaction });
  expect(all.some((entry) => entry.state === 'open')).toBe(true);
  expect(await entriesOf({ filter: filterOf(''), redaction })).toEqual(all);
});

test('redaction overwrites secrets with as many stars and leaves the rest as it was', async () => {
  const [plain, redacted] = await Promise.all([entriesOf({}), entriesOf({ redaction: DEFAULT_RULES })]);
  const cookies = (entries: Entry[]) =>
    entries.flatMap(
      (entry) => entry.request?.headers.filter(([name]) => name.toLowerCase() === 'cookie') ?? [],
    );
  const secrets = cookies(plain);
  expect(secrets.length).toBeGreaterThan(50);
  expect(cookies(redacted)).toEqual(secrets.map(([name, value]) => [name, '*'.repeat(value.length)]));
  const withCookie = redacted.filter((entry) => cookies([entry]).length > 0);
  for (const entry of withCookie)
    expect(entry.capture.redacted).toContainEqual([
      'requestHead',
      expect.any(Number),
      cookies([entry])[0]![1].length,
    ]);
  const others = (entries: Entry[]) =>
    entries
      .filter((entry) => cookies([entry]).length === 0)
      .map(({ id, target, status }) => [id, target, status]);
  expect(others(redacted)).toEqual(others(plain));
});

test('decode rules', () => {
  expect(parseDecodeAs(['tcp:9999=http', 'udp:5300=dns'])).toEqual(
    new Map([
      ['tcp:9999', ProtocolNumber.http],
      ['udp:5300', ProtocolNumber.dns],
    ]),
  );
});

test.each([
  '9999=http',
  'tcp:9999',
  'tcp:99999=http',
  'tcp:80=smtp',
  'sctp:80=http',
  '',
])('"%s" is no decode rule, and the message shows one', (rule) => {
  expect(() => parseDecodeAs([rule])).toThrow(`"${rule}" is no decode rule. Write TRANSPORT:PORT=PROTOCOL`);
});
