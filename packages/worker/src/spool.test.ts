import { decodeBatch, Flag, Head, RecordView, RecordWriter, recordOffsets, Section } from '@kubeshark/model';
import { expect, test } from 'vitest';
import { Spool } from './spool.ts';

const places = [{ worker: 'w', interface: 'lo', source: 'af_packet' as const, addresses: [] }];

/** Records of the given flows, each with a body of 1,000 bytes. */
function records(...flows: number[]) {
  const writer = new RecordWriter(256);
  for (const flow of flows) {
    writer.begin(new Uint8Array(Head.size));
    writer.f64(Head.flow, flow);
    writer.f64(Head.timestamp, flow * 10);
    writer.append(Section.requestHead, Buffer.from(`head ${flow}`));
    writer.append(Section.requestBody, Buffer.alloc(1000, 'b'));
    writer.append(Section.responseHead, Buffer.from('answer'));
    writer.commit();
  }
  return writer.take();
}

function add(spool: Spool, ...flows: number[]) {
  const { records: bytes, count } = records(...flows);
  spool.add(bytes, count);
}

function flowsOf(bytes: Buffer) {
  const batch = decodeBatch(bytes);
  return [...recordOffsets(batch.records)].map((at) => new RecordView().at(batch.records, at).flow);
}

test('batches are numbered from 1 without holes and are the same bytes when sent again', () => {
  const spool = new Spool('w');
  add(spool, 1);
  add(spool, 2);
  const first = spool.next(places, 1e6, false)!;
  const second = spool.next(places, 1e6, false)!;
  expect([first.number, second.number, spool.next(places, 1e6, false)]).toEqual([1, 2, null]);
  expect(flowsOf(first.bytes)).toEqual([1]);
  spool.acknowledge(1);
  expect(spool.unacknowledged()).toEqual([second]);
  spool.acknowledge(2);
  expect([spool.empty, spool.bytes]).toEqual([true, 0]);
});

test('a batch larger than the credit waits, unless nothing is in flight', () => {
  const spool = new Spool('w');
  add(spool, 1, 2, 3, 4, 5, 6);
  expect(spool.next(places, 5000, false)).toBeNull();
  expect(flowsOf(spool.next(places, 5000, true)!.bytes)).toEqual([1, 2, 3, 4, 5, 6]);
});

test('as it fills it leaves out bodies, then samples whole flows, then drops the oldest that were never sent; all are told as losses', () => {
  const spool = new Spool('w', 12_500);
  for (let flow = 1; flow <= 40; flow++) add(spool, flow);
  expect(spool.bytes).toBeLessThanOrEqual(12_500);
  const { recordsWithoutBodies, recordsSampledOut, recordsDropped } = spool.counters;
  expect(recordsWithoutBodies).toBeGreaterThan(0);
  expect(recordsSampledOut).toBeGreaterThan(0);
  for (let flow = 400; flow <= 600; flow += 4) add(spool, flow);
  expect(spool.counters.recordsDropped).toBeGreaterThan(recordsDropped);

  const sent = [];
  for (let batch = spool.next(places, 1e6, false); batch; batch = spool.next(places, 1e6, false))
    sent.push(batch);
  const kept = sent.flatMap((batch) => flowsOf(batch.bytes));
  const losses = sent.flatMap((batch) => decodeBatch(batch.bytes).losses);
  const count = (cause: string) =>
    losses.filter((loss) => loss.cause === cause).reduce((sum, loss) => sum + loss.count, 0);
  expect(kept.length + count('sampled') + count('spool_full')).toBe(40 + 51);
  expect(count('bodies_left_out')).toBe(spool.counters.recordsWithoutBodies);
  expect(sent.map((batch) => batch.number)).toEqual(sent.map((_, i) => i + 1));
});

test('a record without bodies keeps its heads and says so', () => {
  const spool = new Spool('w', 2_000);
  add(spool, 1);
  add(spool, 4);
  spool.next(places, 1e6, false);
  const batch = decodeBatch(spool.next(places, 1e6, false)!.bytes);
  const view = new RecordView().at(batch.records, 0);
  expect([
    view.flow,
    view.sectionBytes(Section.requestHead).toString(),
    view.sectionLength(Section.requestBody),
    view.sectionBytes(Section.responseHead).toString(),
  ]).toEqual([4, 'head 4', 0, 'answer']);
  expect(view.flags & Flag.bodiesLeftOut).toBe(Flag.bodiesLeftOut);
});
