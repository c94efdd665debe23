/** A TCP connection as a row (RFC 9293). */
import type { RecordView } from '@kubeshark/model';
import { address, flowCounters, flowExpander } from '../../expand/flow-side.ts';
import type { FlowCounters } from '../../flow-record.ts';
import type { Expander } from '../../protocol.ts';

export const tcpExpander: Expander = flowExpander({
  version: () => '',
  operation: () => 'connection',
  target: (record: RecordView) => address(record.dstIp, record.dstPort),
  status: (record: RecordView) => {
    const counters = flowCounters(record);
    return counters === null ? '' : tcpStatus(counters);
  },
  statusCode: () => 0,
  own: (counters) => ({ handshake: counters.handshake < 0 ? null : counters.handshake }),
  side: (counters) => ({
    retransmittedBytes: counters.retransmittedBytes,
    outOfOrder: counters.outOfOrder,
    gaps: counters.gaps,
    gapBytes: counters.gapBytes,
    zeroWindows: counters.zeroWindows,
    syn: counters.syn,
    fin: counters.fin,
    rst: counters.rst,
  }),
});

/**
 * `refused`: the server's answer to the SYN was a reset. `no answer`: nothing came back. `open`: the connection stands, or
 * stood when it was last looked at (`end` tells why the row is over).
 */
function tcpStatus({ state, end, client, server }: FlowCounters): string {
  if (state === 'reset' || client.rst || server.rst)
    return server.rst && client.syn && !server.syn && server.payloadBytes === 0 ? 'refused' : 'reset';
  if (client.syn && server.packets === 0) return end === 'open' ? 'connecting' : 'no answer';
  switch (state) {
    case 'connecting':
      return 'connecting';
    case 'half_closed':
      return 'half closed';
    case 'closed':
      return 'closed';
    default:
      return 'open';
  }
}
