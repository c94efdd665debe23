import { expect, test } from 'vitest';
import {
  BATCH_ROOM,
  encodeBatch,
  formatIp,
  Head,
  joinRecords,
  parseIp,
  RecordView,
  RecordWriter,
  recordOffsets,
  Section,
} from './index.ts';
import { decodeBatch } from './schemas.ts';

const place = { worker: 'w', interface: 'lo', source: 'af_packet' as const, addresses: ['127.0.0.1'] };

function twoRecords() {
  const writer = new RecordWriter(256);
  for (const text of ['GET / HTTP/1.1', '']) {
    writer.begin(new Uint8Array(Head.size));
    writer.f64(Head.timestamp, 1_700_000_000_123_456);
    writer.f64(Head.flow, 37);
    writer.u32(Head.index, text.length + 1);
    writer.append(Section.requestHead, Buffer.from(text.slice(0, 4)));
    writer.append(Section.requestHead, Buffer.from(`xx${text.slice(4)}`), 2);
    writer.append(Section.responseBody, Buffer.alloc(text.length * 100, 'b'));
    writer.commit();
  }
  return { count: writer.count, records: writer.records };
}

test('a batch comes back with the same numbers, places, sections', () => {
  const { count, records } = twoRecords();
  const bytes = encodeBatch({ number: 7, count, records, places: [place], losses: [] });
  const batch = decodeBatch(bytes);
  expect(batch).toMatchObject({ number: 7, count: 2, places: [place], losses: [] });
  const view = new RecordView();
  const seen = [...recordOffsets(batch.records)].map((at) => {
    view.at(batch.records, at);
    return [
      view.id('boot'),
      view.timestamp,
      view.sectionBytes(Section.requestHead).toString(),
      view.sectionLength(Section.responseBody),
    ];
  });
  expect(seen).toEqual([
    ['boot.11.f', 1_700_000_000_123_456, 'GET / HTTP/1.1', 1400],
    ['boot.11.1', 1_700_000_000_123_456, '', 0],
  ]);
});

test.each([
  ['of few places becomes a batch where it lies', 1, true],
  ['of more places than its room holds is copied', 60, false],
])('what a writer has %s, with the same bytes', (_, places, inPlace) => {
  const { count, records } = twoRecords();
  const batch = { number: 7, count, places: Array.from({ length: places }, () => place), losses: [] };
  const lent = joinRecords([records]);
  const bytes = encodeBatch({ ...batch, records: lent }, BATCH_ROOM);
  expect(bytes.buffer === lent.buffer).toBe(inPlace);
  expect(bytes.equals(encodeBatch({ ...batch, records }))).toBe(true);
});

test('a batch damaged at any byte is refused or still adds up, and never reads outside itself', () => {
  const { count, records } = twoRecords();
  const good = encodeBatch({ number: 1, count, records, places: [place], losses: [] });
  let refused = 0;
  for (let at = 0; at < good.length; at++) {
    const bad = Buffer.from(good);
    bad[at] = bad[at]! ^ 0xff;
    try {
      const batch = decodeBatch(bad);
      for (const offset of recordOffsets(batch.records))
        new RecordView().at(batch.records, offset).sectionBytes(Section.redactions);
    } catch (error) {
      expect((error as Error).name).toBe('BatchError');
      refused++;
    }
  }
  expect(refused).toBeGreaterThan(20);
  for (let cut = 0; cut < good.length; cut += 7) expect(() => decodeBatch(good.subarray(0, cut))).toThrow();
});

test.each([
  ['10.1.2.3', '10.1.2.3'],
  ['::', '::'],
  ['::1', '::1'],
  ['2001:db8:0:0:1:0:0:1', '2001:db8::1:0:0:1'],
  ['fe80::1', 'fe80::1'],
  ['1:2:3:4:5:6:7:8', '1:2:3:4:5:6:7:8'],
  ['64:ff9b::192.0.2.33', '64:ff9b::c000:221'],
  ['::ffff:192.0.2.1', '192.0.2.1'],
])('address %s is written %s (RFC 5952)', (text, canonical) => {
  expect(formatIp(parseIp(text)!, 0)).toBe(canonical);
});

test.each([
  '',
  '1.2.3',
  '1.2.3.256',
  ':',
  '1::2::3',
  '1:2:3:4:5:6:7',
  'g::',
  '1:2:3:4:5:6:7:8:9',
  '1:2:3:4:5:6:7::8',
])('%j is no address', (text) => {
  expect(parseIp(text)).toBeNull();
});
