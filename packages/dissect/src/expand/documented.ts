/** How a protocol's part of an entry is told to users: what `docs/entry.md` is written from. */
import type { ProtocolName } from '@kubeshark/model';
import { dnsFields } from '../protocols/dns/fields.ts';
import { httpFields } from '../protocols/http/fields.ts';
import { icmpFields } from '../protocols/icmp/fields.ts';
import { tcpFields } from '../protocols/tcp/fields.ts';
import { udpFields } from '../protocols/udp/fields.ts';
import type { ProtocolDocumentation } from './field-documentation.ts';

export const DOCUMENTED_FIELDS: Readonly<Record<ProtocolName, ProtocolDocumentation>> = {
  http: httpFields,
  dns: dnsFields,
  tcp: tcpFields,
  udp: udpFields,
  icmp: icmpFields,
};
