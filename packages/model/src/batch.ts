/** A batch as it travels: a head, JSON about places and losses, then records. */
import { z } from 'zod';
import { BATCH_HEAD, BATCH_MAGIC } from './encode-batch.ts';
import { LIMITS } from './limits.ts';
import { CODEC_VERSION, Head } from './record.ts';

/** Where packets were seen: one interface in one network namespace of one worker. */
export const Place = z
  .object({
    worker: z.string().max(253).meta({ description: 'Name of the worker: the node, or the host.' }),
    interface: z.string().max(64).meta({ description: 'Interface name, `any`, or the capture file.' }),
    source: z.enum(['af_packet', 'file', 'ebpf_tls']),
    addresses: z
      .array(z.string().max(45))
      .max(256)
      .meta({ description: 'Addresses that are this end: they tell the client side from the server side.' }),
    pod: z.object({ name: z.string(), namespace: z.string(), uid: z.string() }).optional(),
    ports: z.array(z.number().int()).max(1_000).optional().meta({
      description:
        'In the node’s network: of its ends at `addresses` this one is what has one of these ports.',
    }),
  })
  .meta({ id: 'Place' });
export type Place = z.infer<typeof Place>;

/** Entries that are missing from a stretch of time, and why. */
export const Loss = z
  .object({
    from: z.number().meta({ description: 'µs since the epoch' }),
    to: z.number().meta({ description: 'µs since the epoch' }),
    worker: z.string().max(253),
    place: z.string().max(320).meta({ description: 'Interface or pod; empty for the whole worker.' }),
    cause: z.enum(['ring_full', 'spool_full', 'sampled', 'bodies_left_out', 'disk_full', 'hub_overload']),
    count: z.number().meta({ description: 'Packets for ring_full, entries otherwise.' }),
  })
  .meta({ id: 'Loss' });
export type Loss = z.infer<typeof Loss>;

const BatchMeta = z.object({ places: z.array(Place).max(65_536), losses: z.array(Loss).max(10_000) });
export type BatchMeta = z.infer<typeof BatchMeta>;

export interface Batch extends BatchMeta {
  /** From 1, one more for each batch of a worker boot. */
  number: number;
  count: number;
  /** `count` records, back to back. */
  records: Buffer;
}

/** Reads and checks a batch: a record that reaches outside it is refused. Throws `BatchError`. */
export function decodeBatch(bytes: Buffer): Batch {
  if (bytes.length < BATCH_HEAD || bytes.readUInt32LE(0) !== BATCH_MAGIC) throw new BatchError('not a batch');
  const codec = bytes.readUInt16LE(4);
  if (codec !== CODEC_VERSION)
    throw new BatchError(`codec version ${codec} is not known here (this hub reads ${CODEC_VERSION})`);
  const number = bytes.readDoubleLE(8);
  const count = bytes.readUInt32LE(16);
  const metaLength = bytes.readUInt32LE(20);
  const recordsLength = bytes.readUInt32LE(24);
  if (!Number.isSafeInteger(number) || number < 1) throw new BatchError(`batch number ${number}`);
  if (BATCH_HEAD + metaLength + recordsLength !== bytes.length)
    throw new BatchError('batch length does not add up');
  let json: unknown;
  try {
    json = JSON.parse(bytes.toString('utf8', BATCH_HEAD, BATCH_HEAD + metaLength));
  } catch {
    throw new BatchError('batch meta is not JSON');
  }
  const meta = BatchMeta.safeParse(json);
  if (!meta.success) throw new BatchError(`batch meta: ${meta.error.issues[0]?.message ?? 'invalid'}`);
  const records = bytes.subarray(BATCH_HEAD + metaLength);
  checkRecords(records, count, meta.data.places.length);
  return { number, count, records, ...meta.data };
}

function checkRecords(records: Buffer, count: number, places: number): void {
  let at = 0;
  for (let i = 0; i < count; i++) {
    if (at + Head.size > records.length) throw new BatchError('record head outside the batch');
    const length = records.readUInt32LE(at + Head.length);
    if (length > LIMITS.recordBytes) throw new BatchError(`record length ${length}`, 'recordBytes');
    if (length < Head.size || at + length > records.length) throw new BatchError(`record length ${length}`);
    let sum: number = Head.size;
    for (let s = Head.sections; s < Head.size; s += 4) sum += records.readUInt32LE(at + s);
    if (sum !== length) throw new BatchError('record sections do not add up');
    if (records.readUInt16LE(at + Head.place) >= places) throw new BatchError('record of an unknown place');
    const times = [
      Head.timestamp,
      Head.elapsed,
      Head.requestEnd,
      Head.responseStart,
      Head.flow,
      Head.requestSize,
      Head.responseSize,
      Head.requestBodySize,
      Head.responseBodySize,
      Head.missing,
    ];
    for (const field of times)
      if (!Number.isFinite(records.readDoubleLE(at + field)))
        throw new BatchError('record with a number that is none');
    at += length;
  }
  if (at !== records.length) throw new BatchError('bytes after the last record');
}

/** The bytes are no batch that this version can read. */
export class BatchError extends Error {
  override readonly name = 'BatchError';
  /** The limit that it is beyond, when that is what is wrong. */
  readonly limit: 'recordBytes' | null;
  constructor(message: string, limit: 'recordBytes' | null = null) {
    super(message);
    this.limit = limit;
  }
}
