// The spool: numbers without holes, the same bytes when sent again, what is given up as it fills and that all of it is told.
import type { Loss } from '@kubeshark/model';
import {
  BATCH_ROOM,
  Flag,
  Head,
  joinRecords,
  LIMITS,
  RecordView,
  RecordWriter,
  recordOffsets,
  Section,
  StateNumber,
} from '@kubeshark/model';
import { decodeBatch } from '@kubeshark/model/schemas';
import { expect, test } from 'vitest';
import type { Sent } from './spool.ts';
import { Spool } from './spool.ts';

const places = [{ worker: 'w', interface: 'lo', source: 'af_packet' as const, addresses: [] }];
const FULL = 1e6;

interface Parts {
  flow: number;
  place?: number;
  state?: 'open' | 'closed';
  revision?: number;
  body?: number;
}

function records(...all: Parts[]): Buffer {
  const writer = new RecordWriter(256);
  for (const { flow, place = 0, state = 'closed', revision = 0, body = 1000 } of all) {
    writer.begin(new Uint8Array(Head.size));
    writer.u8(Head.state, StateNumber[state]);
    writer.u32(Head.revision, revision);
    writer.u16(Head.place, place);
    writer.f64(Head.flow, flow);
    writer.f64(Head.timestamp, flow * 10);
    writer.append(Section.requestHead, Buffer.from(`head ${flow}`));
    writer.append(Section.requestBody, Buffer.alloc(body, 'b'));
    writer.append(Section.responseHead, Buffer.from('answer'));
    writer.commit();
  }
  return writer.records;
}

const add = (spool: Spool, ...flows: number[]) =>
  spool.add(records(...flows.map((flow) => ({ flow }))), places);

function drain(spool: Spool): Sent[] {
  const sent: Sent[] = [];
  for (let batch = spool.next(FULL, false); batch; batch = spool.next(FULL, false)) sent.push(batch);
  return sent;
}

function viewsOf(bytes: Buffer): RecordView[] {
  const batch = decodeBatch(bytes);
  return [...recordOffsets(batch.records)].map((at) => new RecordView().at(batch.records, at));
}
const flowsOf = (bytes: Buffer) => viewsOf(bytes).map((view) => view.flow);
const lossesOf = (sent: readonly Sent[]) => sent.flatMap((batch) => decodeBatch(batch.bytes).losses);
const counted = (losses: readonly Loss[], cause: string) =>
  losses.filter((loss) => loss.cause === cause).reduce((sum, loss) => sum + loss.count, 0);

test('batches are numbered from 1 without holes and are the same bytes when sent again', () => {
  const spool = new Spool('w');
  add(spool, 1);
  const first = spool.next(FULL, false)!;
  add(spool, 2);
  const second = spool.next(FULL, false)!;
  expect([first.number, second.number, spool.next(FULL, false)]).toEqual([1, 2, null]);
  const copy = Buffer.from(first.bytes);
  expect([spool.sentAfter(0), spool.sentAfter(1), spool.sentAfter(2)]).toEqual([first, second, undefined]);
  expect(spool.sentAfter(0)!.bytes.equals(copy)).toBe(true);
  spool.acknowledge(1);
  expect(spool.sentAfter(0)).toBe(second);
  spool.acknowledge(1);
  spool.acknowledge(2);
  expect([spool.empty, spool.bytes, spool.sentAfter(2)]).toEqual([true, 0, undefined]);
});

test('what has waited in small pieces goes in batches of full size', () => {
  const spool = new Spool('w');
  for (let flow = 1; flow <= 600; flow++) spool.add(records({ flow, body: 10 }), places);
  const sent = drain(spool);
  expect(sent.map((batch) => decodeBatch(batch.bytes).count)).toEqual([256, 256, 88]);
  expect(sent.flatMap((batch) => flowsOf(batch.bytes))).toEqual(Array.from({ length: 600 }, (_, i) => i + 1));
});

test('what is written at once is cut at the limits of a batch; a larger record goes alone', () => {
  const spool = new Spool('w');
  const large = { flow: 7, body: LIMITS.batchBytes * 2 };
  const many = records({ flow: 1, body: 700_000 }, { flow: 2, body: 700_000 }, large, { flow: 3 });
  // Each piece becomes a batch where it lies, as far as that does not touch the one before it.
  spool.add(joinRecords([many]), places, BATCH_ROOM);
  spool.add(records(...Array.from({ length: 300 }, (_, i) => ({ flow: 100 + i, body: 1 }))), places);
  const sent: Sent[] = [];
  for (let batch = spool.next(1e8, false); batch; batch = spool.next(1e8, false)) sent.push(batch);
  expect(sent.slice(0, 3).map((batch) => flowsOf(batch.bytes))).toEqual([[1], [2], [7]]);
  expect(sent.slice(3).map((batch) => decodeBatch(batch.bytes).count)).toEqual([1, 256, 44]);
});

test('a batch larger than the credit waits, unless nothing is in flight', () => {
  const spool = new Spool('w');
  add(spool, 1, 2, 3, 4, 5, 6);
  expect(spool.next(5000, false)).toBeNull();
  expect(flowsOf(spool.next(5000, true)!.bytes)).toEqual([1, 2, 3, 4, 5, 6]);
});

test('as it fills it leaves out bodies, then samples whole flows, then drops the oldest that were never sent; all are told as losses', () => {
  const spool = new Spool('w', 12_500);
  for (let flow = 1; flow <= 40; flow++) add(spool, flow);
  expect(spool.bytes).toBeLessThanOrEqual(12_500);
  const { spool_bodies_left_out, spool_sampled_out, spool_dropped } = spool.counters;
  expect([spool_bodies_left_out, spool_sampled_out > 0]).toEqual([40 - 6 - spool_sampled_out, true]);
  for (let flow = 400; flow <= 600; flow += 4) add(spool, flow);
  expect(spool.counters.spool_dropped).toBeGreaterThan(spool_dropped);

  const sent = drain(spool);
  const kept = sent.flatMap((batch) => flowsOf(batch.bytes));
  const losses = lossesOf(sent);
  expect(kept.length + counted(losses, 'sampled') + counted(losses, 'spool_full')).toBe(40 + 51);
  expect(counted(losses, 'sampled')).toBe(spool.counters.spool_sampled_out);
  expect(counted(losses, 'spool_full')).toBe(spool.counters.spool_dropped);
  expect(counted(losses, 'bodies_left_out')).toBe(spool.counters.spool_bodies_left_out);
  expect(losses.find((loss) => loss.cause === 'spool_full')).toMatchObject({
    from: 10,
    worker: 'w',
    place: '',
  });
  expect(sent.map((batch) => batch.number)).toEqual(sent.map((_, i) => i + 1));
  expect(lossesOf(drain(spool))).toEqual([]);
});

test('what was sent is never given up', () => {
  const spool = new Spool('w', 5_000);
  add(spool, 4, 8, 12, 16);
  const sent = spool.next(FULL, false)!;
  for (let flow = 20; flow < 100; flow += 4) add(spool, flow);
  expect(flowsOf(spool.sentAfter(0)!.bytes)).toEqual([4, 8, 12, 16]);
  expect(spool.bytes - sent.bytes.length).toBeLessThan(1_000);
});

test('the end of an entry that the hub may have as open is kept through sampling and dropping, its announcements are not', () => {
  const spool = new Spool('w', 60_000);
  spool.add(
    records({ flow: 1, state: 'closed', revision: 2 }, { flow: 4, state: 'open', revision: 1 }),
    places,
  );
  for (let flow = 8; flow < 1200; flow += 4) add(spool, flow);
  spool.add(
    records({ flow: 5, state: 'closed', revision: 1 }, { flow: 6, state: 'open' }, { flow: 7 }),
    places,
  );
  expect(spool.bytes).toBeLessThanOrEqual(60_000);
  const sent = drain(spool);
  const views = sent.flatMap((batch) => viewsOf(batch.bytes));
  expect(views[0]).toMatchObject({ flow: 1, revision: 2, state: 'closed', flags: Flag.bodiesLeftOut });
  expect(views.filter((view) => view.flow < 8).map((view) => view.flow)).toEqual([1, 5]);
  // 298 and flow 7 are whole entries; announcements are none.
  expect(views.length - 2 + counted(lossesOf(sent), 'spool_full') + counted(lossesOf(sent), 'sampled')).toBe(
    299,
  );
});

test('ends that are kept have their own bound', () => {
  const spool = new Spool('w', 20_000);
  for (let flow = 1; flow <= 400; flow++)
    spool.add(records({ flow, state: 'closed', revision: 1, body: 0 }), places);
  expect(spool.bytes).toBeLessThanOrEqual(20_000);
  const sent = drain(spool);
  const kept = sent.flatMap((batch) => flowsOf(batch.bytes));
  expect(kept.length + counted(lossesOf(sent), 'spool_full')).toBe(400);
  expect(kept.slice(0, 5)).toEqual([1, 2, 3, 4, 5]);
  expect(kept.at(-1)).toBe(400);
});

test('losses are told by cause and place, so many in one batch', () => {
  const spool = new Spool('w');
  spool.noteLoss('ring_full', 30, 2, 'eth0');
  spool.noteLoss('ring_full', 10, 3, 'eth0');
  spool.noteLoss('ring_full', 20, 1, 'eth1');
  for (let i = 0; i < 1_500; i++) spool.noteLoss('ring_full', 1, 1, `pod-${i}`);
  const sent = drain(spool);
  expect(sent.map((batch) => decodeBatch(batch.bytes).losses.length)).toEqual([1_000, 502]);
  expect(lossesOf(sent).slice(0, 2)).toEqual([
    { from: 10, to: 30, worker: 'w', place: 'eth0', cause: 'ring_full', count: 5 },
    { from: 20, to: 20, worker: 'w', place: 'eth1', cause: 'ring_full', count: 1 },
  ]);
  expect(spool.empty).toBe(false);
  spool.acknowledge(2);
  expect(spool.empty).toBe(true);
});

test('a record without bodies keeps its heads and says so', () => {
  const spool = new Spool('w', 2_000);
  add(spool, 1);
  add(spool, 4);
  const batch = decodeBatch(spool.next(FULL, false)!.bytes);
  const view = new RecordView().at(batch.records, [...recordOffsets(batch.records)][1]!);
  expect([
    view.flow,
    view.sectionBytes(Section.requestHead).toString(),
    view.sectionLength(Section.requestBody),
    view.sectionBytes(Section.responseHead).toString(),
  ]).toEqual([4, 'head 4', 0, 'answer']);
  expect(view.flags & Flag.bodiesLeftOut).toBe(Flag.bodiesLeftOut);
});

test('a batch names the places of its records alone, also of a number that stands for another one since', () => {
  const at = (name: string) => ({ ...places[0]!, interface: name });
  const spool = new Spool('w');
  const before = [at('a'), at('b'), at('c'), at('d')];
  const after = before.with(3, at('e'));
  spool.add(records({ flow: 1, place: 3 }, { flow: 2, place: 1 }, { flow: 3, place: 3 }), before);
  spool.add(records({ flow: 4, place: 3 }, { flow: 5, place: 1 }), after);
  const { bytes } = spool.next(FULL, false)!;
  const batch = decodeBatch(bytes);
  expect(batch.places.map((place) => place.interface)).toEqual(['d', 'b', 'e']);
  expect(viewsOf(bytes).map((view) => [view.flow, batch.places[view.place]!.interface])).toEqual([
    [1, 'd'],
    [2, 'b'],
    [3, 'd'],
    [4, 'e'],
    [5, 'b'],
  ]);
});
