/** The entry as users get it: `read -o ndjson`, the hub's API, `docs/entry.md`. One schema; types and documentation come from it. */
import { z } from 'zod';
import { KINDS, OUTCOMES, PROTOCOLS, STATES } from './protocols.ts';

const micros = (description: string) => z.number().meta({ description: `${description} (µs)` });

export const Endpoint = z
  .object({
    ip: z.string().meta({ description: 'IPv4 dotted or IPv6 (RFC 5952)' }),
    port: z.number().int().meta({ description: 'TCP or UDP port; 0 where there is none' }),
    name: z
      .string()
      .optional()
      .meta({ description: 'Best name: pod, service, host name from DNS answers, or process' }),
    pod: z.object({ name: z.string(), namespace: z.string(), uid: z.string() }).optional(),
    service: z.object({ name: z.string(), namespace: z.string() }).optional(),
    workload: z.object({ kind: z.string(), name: z.string() }).optional(),
    node: z.object({ name: z.string() }).optional(),
    process: z.object({ pid: z.number().int(), name: z.string() }).optional(),
  })
  .meta({ id: 'Endpoint', description: 'One end of a call: what is known of it' });
export type Endpoint = z.infer<typeof Endpoint>;

export const Body = z
  .object({
    text: z.string().optional().meta({ description: 'Decoded text, when it is text' }),
    base64: z.string().optional().meta({ description: 'Decoded bytes, when they are not text' }),
    truncated: z.boolean().meta({ description: 'Not all of it was kept, or not all is in this answer' }),
    encoding: z.string().optional().meta({ description: 'Content coding that was undone, e.g. `gzip`' }),
    error: z
      .string()
      .optional()
      .meta({ description: 'Why it could not be decoded; then these are the bytes as sent' }),
  })
  .meta({ id: 'Body' });
export type Body = z.infer<typeof Body>;

export const Side = z
  .object({
    size: z.number().meta({ description: 'Bytes on the wire, framing included' }),
    headers: z.array(z.tuple([z.string(), z.string()])).meta({ description: 'In order, as sent' }),
    body: Body.optional(),
    bodySize: z.number().meta({ description: 'Bytes of the body, kept or not' }),
    bodyTruncated: z.boolean().meta({ description: 'The body cap was reached' }),
    fields: z
      .record(z.string(), z.unknown())
      .meta({ description: 'The protocol’s own fields, named as its specification names them' }),
  })
  .meta({ id: 'Side', description: 'Request or response' });
export type Side = z.infer<typeof Side>;

export const Sighting = z
  .object({
    id: z.string().meta({ description: 'Id the call has at this place' }),
    worker: z.string(),
    interface: z.string(),
    side: z
      .enum(['client', 'server', 'host', 'uprobe'])
      .meta({ description: 'Which end of the call the place is' }),
    timestamp: micros('First byte of the request, corrected by the worker’s clock offset'),
    elapsed: micros('Until the last byte of the response; −1 unknown'),
    src: z.string().meta({ description: 'address:port of the client, as seen there' }),
    dst: z.string().meta({ description: 'address:port of the server, as seen there' }),
    pod: z
      .object({ name: z.string(), namespace: z.string(), uid: z.string() })
      .optional()
      .meta({ description: 'Pod in whose network the place is' }),
    late: z.boolean().optional().meta({ description: 'Arrived after the entry was stored' }),
  })
  .meta({ id: 'Sighting' });
export type Sighting = z.infer<typeof Sighting>;

export const Entry = z
  .object({
    id: z.string().meta({ description: '`boot.flow.index`: unique and stable' }),
    kind: z.enum(KINDS),
    state: z.enum(STATES).meta({ description: 'open: will be replaced by a higher revision; closed: final' }),
    revision: z.number().int(),
    timestamp: micros('First byte of the request, since the epoch'),
    elapsed: micros('Until the last byte of the response; −1 while or when there is none'),
    requestEnd: micros('From timestamp to the last byte of the request; −1 unknown'),
    responseStart: micros('From timestamp to the first byte of the response; −1 unknown'),
    protocol: z.enum(PROTOCOLS.map((p) => p.name)),
    version: z.string(),
    transport: z.enum(['tcp', 'udp', 'icmp', 'icmpv6', 'other']),
    src: Endpoint,
    dst: Endpoint,
    operation: z.string(),
    target: z.string(),
    status: z.string(),
    outcome: z.enum(OUTCOMES),
    request: Side.nullable().meta({ description: 'null when it was not seen' }),
    response: Side.nullable().meta({ description: 'null when it was not seen (yet)' }),
    seenBy: z.array(Sighting),
    capture: z.object({
      source: z.enum(['af_packet', 'file', 'ebpf_tls']),
      missing: z.number().meta({ description: 'Bytes that were not captured' }),
      snapped: z.boolean().meta({ description: 'Some packet of it was cut by the snap length' }),
      midstream: z.boolean().meta({ description: 'The stream was joined in the middle' }),
      clientGuessed: z.boolean().meta({ description: 'Which side is the client was guessed' }),
      retransmitted: z.boolean().meta({ description: 'Bytes were sent again within it' }),
      redacted: z
        .array(z.tuple([z.string(), z.number(), z.number()]))
        .meta({ description: 'Overwritten ranges: section, start, length' }),
    }),
    flow: z.string().meta({ description: 'The stream it belongs to: `boot.flow`' }),
    fields: z
      .record(z.string(), z.unknown())
      .meta({ description: 'Fields of the entry as a whole: a flow’s counters' }),
  })
  .meta({ id: 'Entry' });
export type Entry = z.infer<typeof Entry>;
