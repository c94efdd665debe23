/** ICMP messages between two hosts as a row (RFC 792, RFC 4443). */
import type { RecordView } from '@kubeshark/model';
import { Head } from '@kubeshark/model';
import { flowCounters, flowExpander } from '../../expand/flow-side.ts';
import { asksForReply } from '../../icmp/questions.ts';
import type { Expander } from '../../protocol.ts';
import { icmpCodeName, icmpTypeName } from './names.ts';

/** IP protocol number of ICMPv6. */
const ICMPV6 = 58;
const isV6 = (record: RecordView) => record.transport === ICMPV6;

export const icmpExpander: Expander = flowExpander({
  version: (record) => (isV6(record) ? '6' : '4'),
  operation: (record) => {
    const counters = flowCounters(record);
    return counters === null ? '' : icmpTypeName(isV6(record), counters.icmpType);
  },
  target: (record) => record.dstIp,
  /** Whether a question was answered; of an error its code. */
  status: (record) => {
    const counters = flowCounters(record);
    if (counters === null) return '';
    if (asksForReply(isV6(record), counters.icmpType))
      return counters.server.packets > 0 ? 'answered' : 'no answer';
    return icmpCodeName(isV6(record), counters.icmpType, counters.icmpCode);
  },
  statusCode: (record) => flowCounters(record)?.icmpCode ?? 0,
  own: (counters, record) => ({
    type: counters.icmpType,
    typeName: icmpTypeName(isV6(record), counters.icmpType),
    code: counters.icmpCode,
    codeName: icmpCodeName(isV6(record), counters.icmpType, counters.icmpCode),
    // It stands where other flows have the port of the server.
    identifier: record.bytes.readUInt16LE(record.start + Head.dstPort),
  }),
  side: () => ({}),
});
