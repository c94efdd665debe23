/** The datagrams between two UDP ports as a row (RFC 768). */
import { address, flowCounters, flowExpander } from '../../expand/flow-side.ts';
import type { Expander } from '../../protocol.ts';

export const udpExpander: Expander = flowExpander({
  version: () => '',
  operation: () => 'datagrams',
  target: (record) => address(record.dstIp, record.dstPort),
  /** `one way` is no failure: much of UDP expects no answer. */
  status: (record) => {
    const counters = flowCounters(record);
    if (counters === null) return '';
    return counters.client.packets > 0 && counters.server.packets > 0 ? 'two way' : 'one way';
  },
  statusCode: () => 0,
  own: () => ({}),
  side: () => ({}),
});
