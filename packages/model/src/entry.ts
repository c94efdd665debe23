/** The entry as users get it: `read -o ndjson`, the hub's API, `docs/entry.md`. One schema; types and documentation come from it. */
import { z } from 'zod';
import { KINDS, OUTCOMES, PROTOCOLS, STATES } from './protocols.ts';

const micros = (description: string) => z.number().meta({ description: `${description} (µs)` });

const named = (description: string) => z.string().meta({ description });

const Pod = z.object({ name: named('Name'), namespace: named('Namespace'), uid: named('UID') });

export const Endpoint = z
  .object({
    ip: z.string().meta({ description: 'IPv4 dotted or IPv6 (RFC 5952)' }),
    port: z.number().int().meta({ description: 'TCP or UDP port; 0 where there is none' }),
    name: z
      .string()
      .optional()
      .meta({ description: 'Best name: pod, service, host name from DNS answers, or process' }),
    pod: Pod.optional().meta({ description: 'Its pod' }),
    service: z
      .object({ name: named('Name'), namespace: named('Namespace') })
      .optional()
      .meta({ description: 'The service that was addressed, or that it belongs to' }),
    workload: z
      .object({ kind: named('Kind'), name: named('Name') })
      .optional()
      .meta({ description: 'What owns the pod: a Deployment, StatefulSet, …' }),
    node: z
      .object({ name: named('Name') })
      .optional()
      .meta({ description: 'Node it runs on' }),
    labels: z
      .record(z.string(), z.string())
      .optional()
      .meta({ description: 'Labels of the pod; not in lists' }),
  })
  .meta({ id: 'Endpoint', description: 'One end of a call: what is known of it' });
export type Endpoint = z.infer<typeof Endpoint>;

export const Body = z
  .object({
    text: z.string().optional().meta({ description: 'Decoded text, when it is text' }),
    base64: z.string().optional().meta({ description: 'Decoded bytes, when they are not text' }),
    truncated: z.boolean().meta({ description: 'Not all of it was kept, or not all is in this answer' }),
    encoding: z.string().optional().meta({ description: 'Content coding that was undone, e.g. `gzip`' }),
    decodingStopped: z
      .literal(true)
      .optional()
      .meta({ description: 'The body is longer than what is decoded of one: this is its beginning' }),
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
    headers: z
      .array(z.tuple([z.string(), z.string()]))
      .meta({ description: 'In order, as sent; at most 1,000' }),
    furtherHeaders: z
      .object({
        count: z.number().int().meta({ description: 'How many' }),
        text: z.string().meta({ description: 'Their lines as sent' }),
      })
      .optional()
      .meta({ description: 'Those beyond, when there are any' }),
    body: Body.optional().meta({ description: 'When there is one' }),
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
    worker: z.string().meta({ description: 'Name of the worker; empty: read without one' }),
    interface: z.string().meta({ description: 'Network interface; of a file without names the file' }),
    side: z
      .enum(['client', 'server', 'host', 'uprobe'])
      .meta({ description: 'Which end of the call the place is' }),
    timestamp: micros('First byte of the request, corrected by the worker’s clock offset'),
    elapsed: micros('Until the last byte of the response; −1 unknown'),
    src: z.string().meta({ description: 'address:port of the client, as seen there; of ICMP the address' }),
    dst: z.string().meta({ description: 'address:port of the server, as seen there' }),
    pod: Pod.optional().meta({ description: 'Pod in whose network the place is' }),
    late: z.boolean().optional().meta({ description: 'Arrived after the entry was stored' }),
  })
  .meta({ id: 'Sighting' });
export type Sighting = z.infer<typeof Sighting>;

/** How a call through sidecars was seen more than once. */
export const Legs = z
  .object({
    call: z.string().meta({ description: 'The same in all legs of one call' }),
    outer: z
      .number()
      .int()
      .meta({ description: 'Legs that this one lies within; 0: it stands for the call' }),
    inner: z.number().int().meta({ description: 'Legs within this one' }),
  })
  .meta({ id: 'Legs', description: 'A call through sidecars is seen once on each leg of its way' });
export type Legs = z.infer<typeof Legs>;

export const Entry = z
  .object({
    id: z.string().meta({ description: '`boot.flow.index`: unique and stable' }),
    kind: z.enum(KINDS).meta({
      description:
        'call: request and response, or half of one; message: of a stream; flow: a connection or the datagrams between two ports; handshake',
    }),
    state: z.enum(STATES).meta({ description: 'open: will be replaced by a higher revision; closed: final' }),
    revision: z.number().int().meta({ description: '0 for the first; a higher one replaces it' }),
    timestamp: micros('First byte of the request, of a flow its first packet, since the epoch'),
    elapsed: micros(
      'Until the last byte of the response, at the client where both ends were captured; −1 while or when there is none. Of a flow until its last packet',
    ),
    requestEnd: micros('From timestamp to the last byte of the request; −1 unknown'),
    responseStart: micros('From timestamp to the first byte of the response; −1 unknown'),
    protocol: z
      .enum(PROTOCOLS.map((p) => p.name))
      .meta({ description: 'Of a call its own; of a flow its transport' }),
    version: z
      .string()
      .meta({ description: 'Version of the protocol: `1.1`; empty: it has none, or it was not seen' }),
    transport: z.enum(['tcp', 'udp', 'icmp', 'icmpv6', 'other']).meta({ description: 'What carried it' }),
    src: Endpoint.meta({
      description:
        'The client; of a flow the end that began it. Its address is the one it has at itself, when it was captured there',
    }),
    dst: Endpoint.meta({
      description:
        'The server. Its address is the one it has at itself, when it was captured there (a pod, not the service in front of it); `sightings` say what each place saw',
    }),
    operation: z.string().meta({ description: 'What was asked for, in the words of the protocol (below)' }),
    target: z.string().meta({ description: 'Of what, in the words of the protocol' }),
    status: z
      .string()
      .meta({ description: 'How it was answered, in the words of the protocol; empty: it was not' }),
    outcome: z.enum(OUTCOMES).meta({
      description:
        'The same for all protocols. no_response: none came in time; no_request: the answer alone was seen; incomplete: bytes are missing, or the capture ended',
    }),
    request: Side.nullable().meta({
      description:
        'null when it was not seen, and of a flow: that has no request and no response, what its ends sent is in `fields.client` and `fields.server`',
    }),
    response: Side.nullable().meta({ description: 'null when it was not seen (yet), and of a flow' }),
    seenBy: z
      .array(Sighting)
      .meta({ description: 'Every place that saw it; the first is where the entry comes from' }),
    legs: Legs.optional().meta({ description: 'When it is one of several legs; of those that may be seen' }),
    capture: z
      .object({
        source: z
          .enum(['af_packet', 'file', 'ebpf_tls'])
          .meta({ description: 'Packets of an interface, of a file, or plaintext inside TLS' }),
        missing: z.number().meta({ description: 'Bytes that were not captured' }),
        headTruncated: z.boolean().meta({ description: 'A head was too long: its end was not kept' }),
        bodiesLeftOut: z
          .boolean()
          .meta({ description: 'The bodies were left out, as the worker had no room for them' }),
        snapped: z.boolean().meta({ description: 'Some packet of it was cut by the snap length' }),
        midstream: z.boolean().meta({ description: 'The stream was joined in the middle' }),
        clientGuessed: z.boolean().meta({ description: 'Which side is the client was guessed' }),
        retransmitted: z.boolean().meta({ description: 'Bytes were sent again within it' }),
        redacted: z
          .array(z.tuple([z.string(), z.number(), z.number()]))
          .meta({ description: 'Overwritten ranges: section, start, length' }),
      })
      .meta({ description: 'How it was captured, and what is not as it was sent' }),
    flow: z.string().meta({ description: 'The stream it belongs to: `boot.flow`' }),
    fields: z
      .record(z.string(), z.unknown())
      .meta({ description: 'Fields of the entry as a whole: a flow’s counters' }),
  })
  .meta({ id: 'Entry' });
export type Entry = z.infer<typeof Entry>;
