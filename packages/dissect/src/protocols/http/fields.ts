import type { FieldDocumentation, ProtocolDocumentation } from '../../expand/field-documentation.ts';
import { CLOSED_FIELDS, LATE_ANSWER_FIELD } from '../../expand/field-documentation.ts';

const trailers: FieldDocumentation = {
  name: 'trailers',
  type: 'list of [string, string]',
  description: 'Fields behind a chunked body (RFC 9110 section 6.5), in their order; when there are any',
};

const anomaly: FieldDocumentation = {
  name: 'anomaly',
  type: 'string',
  description:
    'What is malformed in it, when something is: `http_bad_chunk` (no valid size or end of a chunk: what follows is not read), `http_conflicting_length` (Content-Length beside Transfer-Encoding, or several that differ)',
};

/** HTTP/1.x in the words of RFC 9110 and 9112. */
export const httpFields: ProtocolDocumentation = {
  columns: {
    operation: 'Method: `GET`',
    target: 'Request target as sent, query included: `/cart?id=3`',
    status: 'Status code: `200`',
  },
  request: [
    { name: 'method', type: 'string', description: 'Method' },
    { name: 'target', type: 'string', description: 'Request target as sent' },
    trailers,
    anomaly,
  ],
  response: [
    { name: 'status', type: 'number', description: 'Status code' },
    { name: 'reason', type: 'string', description: 'Reason phrase; may be empty' },
    {
      name: 'interim[]',
      type: 'object',
      description:
        'Answers before the final one (1xx), each with `status`, `reason`, `headers`; when there are any',
    },
    trailers,
    anomaly,
  ],
  entry: [LATE_ANSWER_FIELD, ...CLOSED_FIELDS],
};
