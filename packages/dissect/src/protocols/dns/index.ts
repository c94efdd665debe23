import { ProtocolNumber } from '@kubeshark/model';
import type { Protocol } from '../../protocol.ts';
import { DnsDatagrams } from './follow.ts';
import { probeDatagram, probeStream } from './probe.ts';
import { DnsStream } from './stream.ts';

/** DNS, multicast DNS and LLMNR. */
export const dns: Protocol = {
  number: ProtocolNumber.dns,
  tcp: { ports: [53], probe: probeStream, follow: (flow) => new DnsStream(flow) },
  udp: { ports: [53, 5353, 5355], probe: probeDatagram, follow: (flow) => new DnsDatagrams(flow) },
};
