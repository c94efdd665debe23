// Real traffic captured before and behind a router that translates addresses: one row a call, seen at both ends, clocks 50 ms apart.
import { createReadStream } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { FieldNumber, RecordView } from '@kubeshark/model';
import { expect, test } from 'vitest';
import { readCapture } from '../../../capture/src/index.ts';
import { RecordRow } from '../../../dissect/src/index.ts';
import { Pipeline } from '../../../worker/src/pipeline.ts';
import { ClockOffset } from './clock-offset.ts';
import { CLIENT_PLACE, SERVER_PLACE, TwoEnds } from './testing.ts';

const MS = 1_000;
const SECOND = 1_000_000;
/** By how much the second worker's clock is ahead. */
const AHEAD = 50 * MS;
const HOLD_SECONDS = 2;

interface Told {
  records: Buffer;
  count: number;
  /** True time at which the worker has it ready, µs. */
  time: number;
}

/** What a worker with a clock that is `ahead` makes of its capture, in the batches of a live one. */
async function tell(end: 'client' | 'server', ahead: number): Promise<Told[]> {
  const told: Told[] = [];
  let time = 0;
  const pipeline = new Pipeline({
    onBatch: (records, count) => told.push({ records: Buffer.from(records), count, time }),
  });
  const file = fileURLToPath(new URL(`captures/nat-${end}.pcap.gz`, import.meta.url));
  await readCapture(createReadStream(file), {
    onPacket: (bytes, start, stop, wireLength, stamp, linkType, place, vlan) => {
      // A live worker looks at the time between packets too, and sends what it has every 50 ms.
      for (time ||= stamp; time + 50 * MS <= stamp; time += 50 * MS) {
        pipeline.dissector.advance(time + ahead);
        pipeline.flush();
      }
      pipeline.dissector.packet(bytes, start, stop, wireLength, stamp + ahead, linkType, place, vlan);
    },
  });
  pipeline.end();
  return told;
}

/** The correction that pings find, with ways of 0.2 to 3 ms. */
function corrected(ahead: number, start: number): number {
  const clock = new ClockOffset();
  for (let i = 0; i < 5; i++) {
    const sent = start + i * 100 * MS;
    clock.pong(clock.ping(sent), sent + (200 + 700 * i) + ahead, sent + 400 + 1_000 * i);
  }
  return clock.correction;
}

/** Both captures as two live workers of one hub; the second's batches come `late` µs later. */
async function replay(late: number): Promise<TwoEnds> {
  const [client, server] = [await tell('client', 0), await tell('server', AHEAD)];
  const ends = new TwoEnds();
  ends.server.correction = corrected(AHEAD, client[0]!.time);
  const arrivals = [
    ...client.map((told) => ({ ...told, from: ends.client, arrival: told.time })),
    ...server.map((told) => ({ ...told, from: ends.server, arrival: told.time + late })),
  ].toSorted((a, b) => a.arrival - b.arrival);
  for (const { from, records, count, arrival } of arrivals) {
    ends.clock.time = arrival;
    ends.store(HOLD_SECONDS);
    from.sends(records, count);
  }
  ends.after(HOLD_SECONDS).store(HOLD_SECONDS);
  return ends;
}

const view = new RecordRow();
const calls = (ends: TwoEnds) =>
  ends.rows.filter(({ record }) => new RecordView().at(record, 0).kind === 'call');
const ASKED = [
  ...Array.from({ length: 6 }, () => 'GET /cart 200 ok'),
  ...Array.from({ length: 2 }, () => 'GET /missing 404 client_error'),
  ...Array.from({ length: 3 }, () => 'POST /orders 200 ok'),
  ...Array.from({ length: 2 }, () => 'GET /slow 200 ok'),
  'GET /reset  reset',
  // Pipelined, then on a port used twice.
  ...Array.from({ length: 6 }, () => 'GET /cart 200 ok'),
  'A cart.shop NOERROR ok',
  'A cart.shop NOERROR ok',
  'A nowhere.shop NXDOMAIN client_error',
  'A orders.shop NOERROR ok',
].toSorted();
/** TCP; beside them there are questions of DNS. */
const CONNECTIONS = 6;

test('one row a connection too, with what both ends say of it; datagrams between two ports are a row at each end', async () => {
  const ends = await replay(0);
  const flows = ends.rows.filter(({ record }) => new RecordView().at(record, 0).kind === 'flow');
  const of = (transport: number) =>
    flows.filter(({ record }) => new RecordView().at(record, 0).transport === transport);
  expect(of(6)).toHaveLength(CONNECTIONS);
  for (const { record, context } of of(6)) {
    const told = new RecordView().at(record, 0);
    expect([told.state, told.srcIp, told.dstIp]).toEqual(['closed', '10.71.0.2', '10.72.0.2']);
    expect(context.seenBy.map(({ side }) => side).toSorted()).toEqual(['client', 'server']);
    expect(context.seenBy.every(({ elapsed }) => elapsed > 0)).toBe(true);
  }
  expect(new Set(of(17).map(({ context }) => context.seenBy.length))).toEqual(new Set([1]));
  expect(new Set(of(17).map(({ context }) => context.worker))).toEqual(new Set(['node-c', 'node-s']));
});

test('one row a call with both sightings, times corrected to a millisecond or two', async () => {
  const ends = await replay(0);
  const rows = calls(ends);
  const told = rows.map(({ record, boot, context }) => {
    const row = view.at(record, 0, boot, context);
    return [FieldNumber.operation, FieldNumber.target, FieldNumber.status, FieldNumber.outcome]
      .map((field) => row.text(field))
      .join(' ');
  });
  expect(told.toSorted()).toEqual(ASKED);
  for (const { record, context } of rows) {
    // Each end as seen at that end.
    const { srcIp, dstIp, dstPort } = new RecordView().at(record, 0);
    expect(`${srcIp} ${dstIp}:${dstPort}`).toMatch(/^10\.71\.0\.2 10\.72\.0\.2:(8080|53)$/);
    const client = context.seenBy.find(({ side }) => side === 'client')!;
    const server = context.seenBy.find(({ side }) => side === 'server')!;
    expect(context.seenBy).toHaveLength(2);
    expect([client.worker, server.worker]).toEqual([CLIENT_PLACE.worker, SERVER_PLACE.worker]);
    expect(`${client.src} ${client.dst}`).toMatch(/^10\.71\.0\.2:\d+ 10\.71\.0\.1:(80|53)$/);
    expect(`${server.src} ${server.dst}`).toMatch(/^10\.72\.0\.1:30\d\d\d 10\.72\.0\.2:(8080|53)$/);
    expect(Math.abs(server.timestamp - client.timestamp)).toBeLessThan(2 * MS);
    // Network and queues: never below nothing, both from the same first byte to the same last.
    if (client.elapsed >= 0) expect(client.elapsed - server.elapsed).toBeGreaterThanOrEqual(0);
  }
  expect(ends.intake.counters).toMatchObject({ merged: ASKED.length + CONNECTIONS, late_sightings: 0 });
  // The slow ones were shown while they were open.
  expect(
    ends.changes.filter(
      ({ row, before }) => before === null && new RecordView().at(row.record, 0).state === 'open',
    ).length,
  ).toBeGreaterThanOrEqual(2);
});

test('the same with the second worker’s batches 10 s late: its sightings are kept by the row, not counted', async () => {
  const ends = await replay(10 * SECOND);
  const rows = calls(ends);
  expect(rows).toHaveLength(ASKED.length);
  expect(rows.every(({ context }) => context.seenBy.length === 1)).toBe(true);
  // Flows are entry 0 of their stream.
  const late = ends.storedSightings.filter(({ row }) => !row.endsWith('.0'));
  expect(late.map(({ row }) => row).toSorted()).toEqual(rows.map(({ id }) => id).toSorted());
  expect(new Set(ends.storedSightings.map(({ side, late }) => `${side} ${late}`))).toEqual(
    new Set(['server true']),
  );
  expect(ends.intake.counters).toMatchObject({ merged: 0, late_sightings: ASKED.length + CONNECTIONS });
});
