/** The expanding half of every protocol, by number. */
import { ProtocolNumber } from '@kubeshark/model';
import type { Expander } from '../protocol.ts';
import { dnsExpander } from '../protocols/dns/expand.ts';
import { httpExpander } from '../protocols/http/expand.ts';
import { icmpExpander } from '../protocols/icmp/expand.ts';
import { tcpExpander } from '../protocols/tcp/expand.ts';
import { udpExpander } from '../protocols/udp/expand.ts';

const expanders: (Expander | undefined)[] = [];
expanders[ProtocolNumber.tcp] = tcpExpander;
expanders[ProtocolNumber.udp] = udpExpander;
expanders[ProtocolNumber.icmp] = icmpExpander;
expanders[ProtocolNumber.http] = httpExpander;
expanders[ProtocolNumber.dns] = dnsExpander;

/** Shows nothing but what the head says: for protocols of a later version. */
const unknown: Expander = {
  version: () => '',
  operation: () => '',
  target: () => '',
  status: () => '',
  statusCode: () => 0,
  request: () => null,
  response: () => null,
  fields: () => ({}),
};

export function expanderOf(protocol: number): Expander {
  return expanders[protocol] ?? unknown;
}
