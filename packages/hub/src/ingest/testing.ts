/** Records, batches and an intake for tests: places speak, the intake is looked at. */
import type { Place } from '@kubeshark/model';
import { Head } from '@kubeshark/model';
import type { RecordParts } from '../../../dissect/src/expand/testing.ts';
import { buildRecord } from '../../../dissect/src/expand/testing.ts';
import type { HubLimits } from '../settings.ts';
import { HUB_LIMITS } from '../settings.ts';
import { T0 } from '../store/testing.ts';
import { DnsNames } from './dns-names.ts';
import type { Change } from './held-row.ts';
import type { IdentityLookup } from './identity.ts';
import { LocalIdentity } from './identity.ts';
import { Intake } from './intake.ts';
import { Sequence } from './sequence.ts';

export interface CallParts extends Partial<RecordParts> {
  revision?: number;
  /** TCP sequence numbers of the first bytes. */
  requestSeq?: number;
  responseSeq?: number;
  stream?: number;
  /** Of the request's first bytes; 0 is none. */
  hash?: number;
  /** Index into the batch's places. */
  place?: number;
}

/** An HTTP call from 10.0.0.1:40000 to 10.0.0.2:80, answered in 10 ms. */
export function call({
  revision = 0,
  requestSeq = 1_000,
  responseSeq = 9_000,
  ...parts
}: CallParts = {}): Buffer {
  const open = parts.state === 'open';
  const record = buildRecord({
    protocol: 'http',
    timestamp: T0,
    elapsed: open ? -1 : 10_000,
    ...parts,
    sections: {
      requestHead: 'GET /cart HTTP/1.1\r\nHost: shop\r\n\r\n',
      ...(open ? {} : { responseHead: 'HTTP/1.1 200 OK\r\n\r\n' }),
      ...parts.sections,
    },
  });
  record.writeUInt32LE(revision, Head.revision);
  record.writeUInt32LE(requestSeq, Head.requestSeq);
  record.writeUInt32LE(open ? 0 : responseSeq, Head.responseSeq);
  record.writeUInt32LE(parts.stream ?? 0, Head.stream);
  record.writeUInt32LE(parts.hash ?? 0xabcdef, Head.hashLow);
  record.writeUInt16LE(parts.place ?? 0, Head.place);
  return record;
}

/** The same call as it looks behind address translation, at the server: other addresses and ports. */
export function behindNat(parts: CallParts = {}): Buffer {
  return call({ src: '10.72.0.1', srcPort: 30_144, dst: '10.72.0.2', dstPort: 8_080, ...parts });
}

export const CLIENT_PLACE: Place = {
  worker: 'node-c',
  interface: 'eth0',
  source: 'af_packet',
  addresses: ['10.0.0.1', '10.71.0.2'],
};
export const SERVER_PLACE: Place = {
  worker: 'node-s',
  interface: 'eth0',
  source: 'af_packet',
  addresses: ['10.72.0.2'],
};

/** A worker as the intake sees it. */
export class Speaker {
  readonly boot: string;
  readonly place: Place;
  correction: number;
  private readonly intake: Intake;
  private readonly clock: { time: number };
  private number = 0;

  constructor(intake: Intake, clock: { time: number }, boot: string, place: Place, correction: number) {
    this.intake = intake;
    this.clock = clock;
    this.boot = boot;
    this.place = place;
    this.correction = correction;
  }

  says(...records: Buffer[]): void {
    this.sends(Buffer.concat(records), records.length);
  }

  /** `count` records back to back. */
  sends(records: Buffer, count: number): void {
    const told = { number: ++this.number, count, records, places: [this.place], losses: [] };
    const source = {
      boot: this.boot,
      worker: this.place.worker,
      bytes: records.length,
      correction: this.correction,
    };
    this.intake.accept(told, source, this.clock.time);
  }
}

/** An intake, two workers at the ends of a connection, and a store that is only a list of what was committed. */
export class TwoEnds {
  readonly intake: Intake;
  readonly sequence = new Sequence(0);
  readonly clock = { time: T0 };
  readonly changes: Change[] = [];
  readonly client: Speaker;
  readonly server: Speaker;
  /** What commits held, in order. */
  readonly storedSightings: { row: string; late: boolean | undefined; side: string; elapsed: number }[] = [];

  constructor(
    limits: Partial<HubLimits> = {},
    {
      serverAhead = 0,
      identities = new LocalIdentity(new DnsNames(100)),
      reserved = 1_000_000,
    }: { serverAhead?: number; identities?: IdentityLookup; reserved?: number } = {},
  ) {
    this.sequence.committed(reserved);
    const all = { ...HUB_LIMITS, ...limits };
    this.intake = new Intake(this.sequence, identities, all);
    this.intake.onChanges = (changes) => this.changes.push(...changes);
    this.client = this.worker('clientboot', CLIENT_PLACE);
    this.server = this.worker('serverboot', SERVER_PLACE, -serverAhead);
  }

  worker(boot: string, place: Place, correction = 0): Speaker {
    return new Speaker(this.intake, this.clock, boot, place, correction);
  }

  /** What has been held for `seconds` is stored: by default everything. */
  store(seconds = 0): this {
    const due = this.intake.held.filter(({ arrival }) => arrival <= this.clock.time - seconds * 1_000_000);
    const rows = new Set(due.flatMap(({ touched }) => touched.filter(({ dirty }) => dirty)));
    for (const row of rows) {
      row.dirty = false;
      row.final = !row.open;
    }
    for (const { sightings } of due)
      for (const { row, sighting } of sightings)
        this.storedSightings.push({
          row,
          late: sighting.late,
          side: sighting.side,
          elapsed: sighting.elapsed,
        });
    this.intake.committed([...rows], due.length);
    return this;
  }

  /** Seconds pass. */
  after(seconds: number): this {
    this.clock.time += seconds * 1_000_000;
    return this;
  }

  /** Rows as viewers have them by now, in the order of the list. */
  get rows() {
    const latest = new Map(this.changes.map(({ row }) => [row.id, row]));
    return [...latest.values()].toSorted((a, b) => a.seq - b.seq);
  }
}
