import type { ProtocolDocumentation } from '../../expand/field-documentation.ts';
import { flowDocumentation } from '../../expand/field-documentation.ts';

/** ICMP messages between two hosts in the words of RFC 792 and 4443. */
export const icmpFields: ProtocolDocumentation = {
  columns: {
    operation: 'Name of the message type: `echo`, `destination unreachable`',
    target: 'Address of the receiver',
    status:
      'Of a question (echo, timestamp, mask) `answered` or `no answer`, of an error its code: `port unreachable`; else empty',
  },
  request: [],
  response: [],
  entry: flowDocumentation(
    [
      { name: 'type', type: 'number', description: 'Type of the first message' },
      { name: 'typeName', type: 'string', description: 'Its name' },
      { name: 'code', type: 'number', description: 'Code of the first message' },
      { name: 'codeName', type: 'string', description: 'Its name; empty: it has none' },
      {
        name: 'identifier',
        type: 'number',
        description: 'Identifier of an echo, tells one ping from another; 0: it has none',
      },
    ],
    [],
  ),
};
