import type { ProtocolDocumentation } from '../../expand/field-documentation.ts';
import { flowDocumentation } from '../../expand/field-documentation.ts';

/** The datagrams between two UDP ports. */
export const udpFields: ProtocolDocumentation = {
  columns: {
    operation: '`datagrams`',
    target: 'Address and port that the first one went to: `10.0.0.2:8125`',
    status: '`one way` or `two way`',
  },
  request: [],
  response: [],
  entry: flowDocumentation([], []),
};
