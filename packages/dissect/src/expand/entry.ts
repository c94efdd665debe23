/** A row as the entry users get. */
import type { Body, Entry, Side, Sighting } from '@kubeshark/model';
import { FieldNumber, Flag, Section } from '@kubeshark/model';
import type { ExpandedBody, ExpandedSide } from '../protocol.ts';
import { bodyText, charsetOf } from './body-text.ts';
import { endpointWithLabels } from './endpoint.ts';
import { legsOf } from './legs.ts';
import type { RecordRow } from './row.ts';

/** What the record does not say of its capture. */
export interface EntryOrigin {
  source: Entry['capture']['source'];
  seenBy: Sighting[];
}

const TRANSPORTS: ReadonlyMap<number, Entry['transport']> = new Map([
  [1, 'icmp'],
  [6, 'tcp'],
  [17, 'udp'],
  [58, 'icmpv6'],
]);
const SECTIONS: readonly string[] = Object.keys(Section);

/** Expands everything: for one entry, not for lists. Never throws. */
export function toEntry(row: RecordRow, origin: EntryOrigin): Entry {
  const { record, protocolView, context } = row;
  const has = (flag: number) => (record.flags & flag) !== 0;
  return {
    id: record.id(row.boot),
    kind: record.kind,
    state: record.state,
    revision: record.revision,
    timestamp: row.number(FieldNumber.timestamp),
    elapsed: record.elapsed,
    requestEnd: record.requestEnd,
    responseStart: record.responseStart,
    protocol: record.protocol,
    version: protocolView.version(record),
    transport: TRANSPORTS.get(record.transport) ?? 'other',
    src: endpointWithLabels(record.srcIp, record.srcPort, context.src),
    dst: endpointWithLabels(record.dstIp, record.dstPort, context.dst),
    operation: row.text(FieldNumber.operation),
    target: row.text(FieldNumber.target),
    status: row.text(FieldNumber.status),
    outcome: record.outcome,
    request: side(row.request, record.requestSize, record.requestBodySize, has(Flag.requestBodyTruncated)),
    response: side(
      row.response,
      record.responseSize,
      record.responseBodySize,
      has(Flag.responseBodyTruncated),
    ),
    seenBy: origin.seenBy,
    ...legsOf(context),
    capture: {
      source: origin.source,
      missing: record.missing,
      headTruncated: has(Flag.headTruncated),
      bodiesLeftOut: has(Flag.bodiesLeftOut),
      snapped: has(Flag.snapped),
      midstream: has(Flag.midstream),
      clientGuessed: has(Flag.clientGuessed),
      retransmitted: has(Flag.retransmitted),
      redacted: redactions(row),
    },
    flow: row.text(FieldNumber.flow),
    fields: protocolView.fields(record),
  };
}

function side(
  expanded: ExpandedSide | null,
  size: number,
  bodySize: number,
  bodyTruncated: boolean,
): Side | null {
  if (expanded === null) return null;
  const { headers, furtherHeaders, fields } = expanded;
  return {
    size,
    headers,
    ...(furtherHeaders && { furtherHeaders }),
    ...(expanded.body === null ? {} : { body: body(expanded.body, charsetOf(headers)) }),
    bodySize,
    bodyTruncated,
    fields,
  };
}

function body(expanded: ExpandedBody, charset: string): Body {
  const text = bodyText(expanded, charset, expanded.bytes.length);
  return {
    ...(text === null ? { base64: expanded.bytes.toString('base64') } : { text }),
    truncated: expanded.truncated,
    ...(expanded.decodingStopped === true && { decodingStopped: true }),
    ...(expanded.encoding === '' ? {} : { encoding: expanded.encoding }),
    ...(expanded.error === undefined ? {} : { error: expanded.error }),
  };
}

function redactions({ record }: RecordRow): [string, number, number][] {
  const { bytes, start, end } = record.section(Section.redactions);
  const ranges: [string, number, number][] = [];
  for (let at = start; at + 12 <= end; at += 12) {
    const section = bytes.readUInt32LE(at);
    ranges.push([
      SECTIONS[section] ?? String(section),
      bytes.readUInt32LE(at + 4),
      bytes.readUInt32LE(at + 8),
    ]);
  }
  return ranges;
}
