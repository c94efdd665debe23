import type { ProtocolDocumentation } from '../../expand/field-documentation.ts';
import { flowDocumentation } from '../../expand/field-documentation.ts';

/** A TCP connection in the words of RFC 9293. */
export const tcpFields: ProtocolDocumentation = {
  columns: {
    operation: '`connection`',
    target: 'Address and port of the server: `10.0.0.2:5432`',
    status: '`connecting`, `open`, `half closed`, `closed`, `reset`, `refused` or `no answer`',
  },
  request: [],
  response: [],
  entry: flowDocumentation(
    [
      {
        name: 'handshake',
        type: 'number or null',
        description: 'From the SYN to the client’s first ACK (µs); null: not seen',
      },
    ],
    [
      { name: 'retransmittedBytes', type: 'number', description: 'Bytes sent again' },
      { name: 'outOfOrder', type: 'number', description: 'Segments that came after later bytes' },
      { name: 'gaps', type: 'number', description: 'Holes: bytes that were never captured' },
      { name: 'gapBytes', type: 'number', description: 'Bytes in these holes' },
      { name: 'zeroWindows', type: 'number', description: 'Times it said that it takes no more' },
      { name: 'syn', type: 'boolean', description: 'A SYN was seen' },
      { name: 'fin', type: 'boolean', description: 'A FIN was seen' },
      { name: 'rst', type: 'boolean', description: 'A RST was seen' },
    ],
  ),
};
