/**
 * What a record costs the hub before the store: check of the batch, intake, commit taken.
 *   node_modules/.bin/node bench/ingest.ts [records]
 * CPU time of the main thread, so that other work on the machine does not count.
 */

import { buildRecord } from '../packages/dissect/src/expand/testing.ts';
import { now } from '../packages/hub/src/clock.ts';
import { DnsNames } from '../packages/hub/src/ingest/dns-names.ts';
import { LocalIdentity } from '../packages/hub/src/ingest/identity.ts';
import { Intake } from '../packages/hub/src/ingest/intake.ts';
import { Sequence } from '../packages/hub/src/ingest/sequence.ts';
import { HUB_LIMITS } from '../packages/hub/src/settings.ts';
import { encodeBatch, Head } from '../packages/model/src/index.ts';
import { decodeBatch } from '../packages/model/src/schemas.ts';

const RECORDS = Number(process.argv[2] ?? 400_000);
const BATCH = 256;
/** Batches held at once, about 2 s of 16,000 records a second. */
const HELD = 128;

const place = (worker: string, address: string, inPod: boolean) => ({
  worker,
  interface: 'eth0',
  source: 'af_packet' as const,
  addresses: [address],
  ...(inPod ? { pod: { name: worker, namespace: 'shop', uid: worker } } : {}),
});
const record = buildRecord({
  protocol: 'http',
  elapsed: 10_000,
  sections: {
    requestHead: `GET /cart HTTP/1.1\r\nHost: shop\r\nX-Request-Id: 00000000\r\n${'x-header: value\r\n'.repeat(10)}\r\n`,
    responseHead: `HTTP/1.1 200 OK\r\n${'x-header: value\r\n'.repeat(10)}\r\n`,
    responseBody: 'b'.repeat(400),
  },
});

const REQUEST_ID = record.indexOf('00000000');

/** µs. */
function cpu(): number {
  const { user, system } = process.threadCpuUsage();
  return user + system;
}

/** The same calls of one worker, or of both ends. In pods the hub looks at their ids for legs of other calls. */
function batchOf(number: number, end: 0 | 1, pods: boolean): Buffer {
  const records = Buffer.concat(Array.from({ length: BATCH }, () => record));
  for (let i = 0; i < BATCH; i++) {
    const at = i * record.length;
    const n = number * BATCH + i;
    records.writeDoubleLE(1 + (n >> 4), at + Head.flow);
    records.writeUInt32LE(1 + (n & 15), at + Head.index);
    records.writeUInt32LE(n, at + Head.requestSeq);
    records.write(n.toString(16).padStart(8, '0'), at + REQUEST_ID);
    records.writeUInt32LE(n * 7, at + Head.responseSeq);
    records.writeUInt32LE(Math.imul(n, 2654435761) >>> 0, at + Head.hashLow);
    records.writeDoubleLE(1.7e15 + n * 100, at + Head.timestamp);
  }
  const places = [end === 0 ? place('client', '10.0.0.1', pods) : place('server', '10.0.0.2', pods)];
  return encodeBatch({ number, count: BATCH, records, places, losses: [] });
}

function run(what: string, ends: readonly (0 | 1)[], pods = false): void {
  const sequence = new Sequence(0);
  sequence.committed(RECORDS * 4);
  const intake = new Intake(sequence, new LocalIdentity(new DnsNames(100)), HUB_LIMITS);
  const spent = { check: 0, intake: 0, commit: 0 };
  let records = 0;
  for (let number = 1; records < RECORDS; number++)
    for (const end of ends) {
      const frame = batchOf(number, end, pods);
      const start = cpu();
      const batch = decodeBatch(frame);
      const checked = cpu();
      const source = { boot: `workerboot${end}`, worker: `w${end}`, bytes: frame.length, correction: 0 };
      if (intake.unknownRevisions(batch, source).length > 0) throw new Error('nothing is unknown');
      intake.accept(batch, source, now());
      const accepted = cpu();
      if (intake.held.length >= HELD) {
        const touched = intake.held.slice(0, 8).flatMap((held) => held.touched.filter((row) => row.dirty));
        const rows = new Set(touched);
        for (const row of rows) {
          row.dirty = false;
          row.final = true;
        }
        intake.committed([...rows], 8);
      }
      spent.check += checked - start;
      spent.intake += accepted - checked;
      spent.commit += cpu() - accepted;
      records += BATCH;
    }
  const each = (micros: number) => (micros / records).toFixed(2).padStart(6);
  console.log(
    `${what.padEnd(17)}  check${each(spent.check)}  intake${each(spent.intake)}  commit${each(spent.commit)}  µs a record`,
  );
}

run('one end', [0]);
run('one end', [0]);
run('both ends', [0, 1]);
run('both ends in pods', [0, 1], true);
