/** The hub's API: REST under /api/v1 and the live WebSocket. OpenAPI is generated from these schemas. */
import { z } from 'zod';
import { Loss } from './batch.ts';
import { ClusterStatus } from './cluster.ts';
import { Endpoint, Legs } from './entry.ts';
import { KINDS, OUTCOMES, PROTOCOLS, STATES } from './protocols.ts';
import { WorkerStatus } from './wire.ts';

export const ApiError = z
  .object({
    code: z.string().meta({ description: 'For programs: `bad_filter`, `not_found`, `unauthorized`, …' }),
    message: z.string().meta({ description: 'What and why, for people' }),
    hint: z.string().optional().meta({ description: 'What to do about it' }),
    range: z
      .tuple([z.number(), z.number()])
      .optional()
      .meta({ description: 'Where in the filter, as offsets of UTF-16 units' }),
    signIn: z.string().optional().meta({
      description: 'Of `unauthorized`: where a browser signs in; `?to=` takes the address to come back to',
    }),
  })
  .meta({ id: 'ApiError' });
export type ApiError = z.infer<typeof ApiError>;

/** An entry as lists show it: no headers, no bodies. */
export const ListRow = z
  .object({
    id: z.string(),
    seq: z
      .number()
      .meta({ description: 'Place in the list of all entries: order of arrival. Never changes' }),
    revision: z.number(),
    state: z.enum(STATES),
    kind: z.enum(KINDS),
    timestamp: z.number(),
    elapsed: z.number(),
    protocol: z.enum(PROTOCOLS.map((p) => p.name)),
    version: z.string(),
    operation: z.string(),
    target: z.string(),
    status: z.string(),
    outcome: z.enum(OUTCOMES),
    src: Endpoint,
    dst: Endpoint,
    requestSize: z.number().meta({ description: 'Bytes; of a flow those of its client’s payload' }),
    responseSize: z.number().meta({ description: 'Bytes; of a flow those of its server’s payload' }),
    missing: z.number().meta({ description: 'Bytes within it that were not captured' }),
    flow: z.string(),
    sightings: z.number().int().meta({ description: 'Places that saw it' }),
    legs: Legs.optional().meta({ description: 'When it is one of several legs of a call through sidecars' }),
  })
  .meta({ id: 'ListRow' });
export type ListRow = z.infer<typeof ListRow>;

/** What a list asks for. `cursor`s are opaque texts that the hub gave out. */
export const ListQuery = z
  .object({
    filter: z.string().default(''),
    from: z.number().optional().meta({ description: 'timestamp at least (µs since the epoch)' }),
    to: z.number().optional().meta({ description: 'timestamp below (µs since the epoch)' }),
    order: z.enum(['seq', 'timestamp']).default('seq'),
    flows: z.boolean().default(false).meta({
      description:
        'Also what stands for no call of its own: flows in which calls were recognised, handshakes that succeeded, inner legs of calls through sidecars',
    }),
  })
  .meta({ id: 'ListQuery' });
export type ListQuery = z.infer<typeof ListQuery>;

/** A place in a list: where a row stands, or stood. */
export const RowPlace = z.object({ seq: z.int(), timestamp: z.number() });
export type RowPlace = z.infer<typeof RowPlace>;

export const Page = z
  .object({
    rows: z.array(ListRow),
    older: z
      .string()
      .nullable()
      .meta({ description: 'Cursor for the rows before these; null at the beginning' }),
    newer: z.string().nullable().meta({ description: 'Cursor for the rows after these' }),
    losses: z.array(Loss),
  })
  .meta({ id: 'Page', description: 'Rows in ascending order' });
export type Page = z.infer<typeof Page>;

export const Histogram = z
  .object({
    from: z.number(),
    to: z.number(),
    step: z.number().meta({ description: 'µs a bucket' }),
    buckets: z.array(z.object({ all: z.number(), outcomes: z.partialRecord(z.enum(OUTCOMES), z.number()) })),
    totals: z.partialRecord(z.enum(OUTCOMES), z.number()),
    losses: z.array(Loss),
  })
  .meta({ id: 'Histogram', description: 'Rows of the list over time, by outcome' });
export type Histogram = z.infer<typeof Histogram>;

export const FieldValues = z
  .object({ values: z.array(z.object({ value: z.string(), count: z.number() })) })
  .meta({ id: 'FieldValues' });
export type FieldValues = z.infer<typeof FieldValues>;

export const HubStatus = z
  .object({
    version: z.string(),
    time: z.number().meta({ description: 'Hub’s clock, µs since the epoch' }),
    mode: z
      .enum(['live', 'file', 'sample'])
      .meta({ description: 'sample: the bundled capture plays until a worker may capture' }),
    /** The command that starts a worker with the right to capture, in mode `sample`. */
    captureCommand: z.string().optional(),
    files: z.array(
      z.object({ name: z.string(), fraction: z.number(), done: z.boolean(), problem: z.string().optional() }),
    ),
    workers: z.array(
      z.object({
        worker: z.string(),
        connected: z.boolean(),
        since: z.number(),
        clockOffset: z.number(),
        status: WorkerStatus.nullable(),
      }),
    ),
    /** null: on one's own machine. */
    cluster: ClusterStatus.nullable(),
    entriesPerSecond: z.number(),
    packetsPerSecond: z.number(),
    packetsDropped: z.number(),
    entries: z.number().meta({ description: 'Stored and waiting' }),
    store: z.object({
      bytes: z.number(),
      maxBytes: z.number(),
      since: z
        .number()
        .meta({ description: 'When this store was begun, µs since the epoch: nothing of before is kept' }),
      oldest: z.number().nullable().meta({ description: 'timestamp of the oldest entry kept' }),
      state: z.enum(['ok', 'restarting', 'disk_full']),
      problem: z.string().optional().meta({ description: 'What is full, and by how much' }),
    }),
    restrictedTo: z
      .array(z.string())
      .nullable()
      .meta({ description: 'Namespaces this viewer sees; null for all' }),
  })
  .meta({ id: 'HubStatus' });
export type HubStatus = z.infer<typeof HubStatus>;

/** Page to hub, text frames. `id` is the page's own number for a subscription. */
export const LiveRequest = z.discriminatedUnion('type', [
  /**
   * The newest `history` rows, then (with `live`) everything that comes. `after` resumes: only what changed since that
   * cursor, no history. A subscription replaces one with the same id.
   */
  z.object({
    type: z.literal('subscribe'),
    id: z.number().int(),
    query: ListQuery,
    live: z.boolean(),
    history: z.number().int().min(0).max(5_000),
    after: z.string().optional(),
  }),
  /** Rows before or after a row that the page has, or a cursor of this subscription; answered by `page`. */
  z.object({
    type: z.literal('page'),
    id: z.number().int(),
    request: z.number().int(),
    direction: z.enum(['older', 'newer']),
    cursor: z.union([z.string(), RowPlace]),
    limit: z.number().int().min(1).max(5_000),
  }),
  /** Rows stop, `waiting` counts them; on resume they come (or `skipped`, when they are too many). */
  z.object({ type: z.literal('pause'), id: z.number().int(), paused: z.boolean() }),
  z.object({ type: z.literal('unsubscribe'), id: z.number().int() }),
]);
export type LiveRequest = z.infer<typeof LiveRequest>;

export const LiveMessage = z.discriminatedUnion('type', [
  /** New rows and higher revisions of known ones, all of which match; keyed by row id. `cursor` stands after them. */
  z.object({
    type: z.literal('rows'),
    id: z.number(),
    live: z.boolean(),
    rows: z.array(ListRow),
    cursor: z.string(),
  }),
  /** Newer states of rows that do not match any more: for those that are in the list, and no reason to put them there. */
  z.object({ type: z.literal('revised'), id: z.number(), rows: z.array(ListRow) }),
  /** A search is running: how far back it looked. Sent from 150 ms on. */
  z.object({
    type: z.literal('progress'),
    id: z.number(),
    looked: z.number(),
    total: z.number(),
    found: z.number(),
    reached: z.number().nullable(),
  }),
  /** History is complete. `older`: its oldest row, when there are rows before it; null after a resume. */
  z.object({
    type: z.literal('history'),
    id: z.number(),
    older: RowPlace.nullable(),
    cursor: z.string(),
    took: z.number(),
  }),
  /** How many stored rows match, of how many. Follows `history`, then about once a second while live. */
  z.object({
    type: z.literal('count'),
    id: z.number(),
    matched: z.number(),
    total: z.number(),
    took: z.number(),
  }),
  z.object({ type: z.literal('page'), id: z.number(), request: z.number(), page: Page }),
  /** The viewer was too slow: these rows were not sent; read them with `page` from the cursor `from`. */
  z.object({
    type: z.literal('skipped'),
    id: z.number(),
    from: z.string(),
    to: z.string(),
    count: z.number(),
  }),
  z.object({ type: z.literal('waiting'), id: z.number(), count: z.number() }),
  z.object({ type: z.literal('losses'), losses: z.array(Loss) }),
  z.object({ type: z.literal('status'), status: HubStatus }),
  z.object({ type: z.literal('error'), id: z.number().nullable(), error: ApiError }),
]);
export type LiveMessage = z.infer<typeof LiveMessage>;
