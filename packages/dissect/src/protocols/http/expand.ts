/** An HTTP/1.x call as columns, headers, fields and bodies. */
import type { RecordView, SectionNumber } from '@kubeshark/model';
import { Flag, Section } from '@kubeshark/model';
import { anomalyFields, closedFields, lateAnswerFields } from '../../expand/call-extra.ts';
import type { ExpandedBody, ExpandedSide, Expander } from '../../protocol.ts';
import { codingsOf, decodeBody } from './content-coding.ts';
import type { HeaderPair } from './head-text.ts';
import {
  headerLines,
  interimHeads,
  requestHeaders,
  requestMethod,
  requestTarget,
  responseHead,
  statusCode,
} from './head-text.ts';
import { httpSecrets } from './secrets.ts';

function versionText(record: RecordView): string {
  const { version } = record;
  return version === 0 ? '' : `${version >> 4}.${version & 15}`;
}

function valuesOf(headers: readonly HeaderPair[], name: string): string {
  return headers
    .filter(([key]) => key.length === name.length && key.toLowerCase() === name)
    .map(([, value]) => value)
    .join(',');
}

function expandBody(
  record: RecordView,
  section: SectionNumber,
  size: number,
  cut: boolean,
  headers: readonly HeaderPair[],
): ExpandedBody | null {
  if (size === 0) return null;
  const sent = record.sectionBytes(section);
  const codings = [
    ...codingsOf(valuesOf(headers, 'content-encoding')),
    ...codingsOf(valuesOf(headers, 'transfer-encoding')),
  ];
  const { truncated, ...decoded } = decodeBody(sent, codings);
  return {
    ...decoded,
    truncated: truncated || cut || sent.length < size,
    decodingStopped: truncated,
    mediaType: (valuesOf(headers, 'content-type').split(';')[0] ?? '').trim().toLowerCase(),
  };
}

function trailersOf(record: RecordView, section: SectionNumber): Record<string, unknown> {
  const { bytes, start, end } = record.section(section);
  const { headers: trailers } = headerLines(bytes, start, end);
  return trailers.length === 0 ? {} : { trailers };
}

export const httpExpander: Expander = {
  version: versionText,
  operation: (record) => requestMethod(record.section(Section.requestHead)),
  target: (record) => requestTarget(record.section(Section.requestHead)),
  status(record) {
    const code = statusCode(record.section(Section.responseHead));
    return code === 0 ? '' : String(code);
  },
  statusCode: (record) => statusCode(record.section(Section.responseHead)),

  request(record): ExpandedSide | null {
    const head = record.section(Section.requestHead);
    if (head.start === head.end) return null;
    const { headers, further } = requestHeaders(head);
    const cut = (record.flags & (Flag.requestBodyTruncated | Flag.bodiesLeftOut)) !== 0;
    return {
      headers,
      ...(further && { furtherHeaders: further }),
      body: expandBody(record, Section.requestBody, record.requestBodySize, cut, headers),
      fields: {
        method: requestMethod(head),
        target: requestTarget(head),
        ...trailersOf(record, Section.requestTail),
        ...anomalyFields(record, 'request'),
      },
    };
  },

  response(record): ExpandedSide | null {
    const head = record.section(Section.responseHead);
    if (head.start === head.end) return null;
    const { status, reason, headers, further } = responseHead(head);
    const cut = (record.flags & (Flag.responseBodyTruncated | Flag.bodiesLeftOut)) !== 0;
    const interim = interimHeads(head);
    return {
      headers,
      ...(further && { furtherHeaders: further }),
      body: expandBody(record, Section.responseBody, record.responseBodySize, cut, headers),
      fields: {
        status,
        reason,
        ...(interim.length === 0 ? {} : { interim }),
        ...trailersOf(record, Section.responseTail),
        ...anomalyFields(record, 'response'),
      },
    };
  },

  fields: (record) => ({ ...lateAnswerFields(record), ...closedFields(record) }),
  secrets: httpSecrets,
};
