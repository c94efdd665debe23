import type { FieldDocumentation, ProtocolDocumentation } from '../../expand/field-documentation.ts';
import { LATE_ANSWER_FIELD } from '../../expand/field-documentation.ts';

const record: readonly FieldDocumentation[] = [
  { name: 'name', type: 'string', description: 'Owner name' },
  { name: 'type', type: 'string', description: 'Type: `AAAA`; without a name `TYPE65280`' },
  { name: 'class', type: 'string', description: 'Class: `IN`' },
  { name: 'ttl', type: 'number', description: 'Seconds it may be kept' },
  {
    name: 'data',
    type: 'string',
    description: 'In presentation form, as `dig` prints it; of an unknown type as RFC 3597 section 5 has it',
  },
];

const message: readonly FieldDocumentation[] = [
  { name: 'id', type: 'number', description: 'Message id' },
  { name: 'opcode', type: 'string', description: '`QUERY`, `NOTIFY`, `UPDATE`, …' },
  ...[
    ['aa', 'authoritative answer'],
    ['tc', 'truncated'],
    ['rd', 'recursion desired'],
    ['ra', 'recursion available'],
    ['ad', 'authentic data'],
    ['cd', 'checking disabled'],
  ].map(([name, meaning]) => ({
    name: name!,
    type: 'true',
    description: `Flag: ${meaning}; only there when it is set`,
  })),
  {
    name: 'questions[]',
    type: 'object',
    description: 'Question section: `name`, `type` and `class` of each',
  },
  { name: 'answers[]', type: 'object', description: 'Answer section' },
  ...record.map((field) => ({ ...field, name: `answers[].${field.name}` })),
  { name: 'authorities[]', type: 'object', description: 'Authority section, records as in `answers`' },
  {
    name: 'additionals[]',
    type: 'object',
    description: 'Additional section, records as in `answers`, without the OPT record',
  },
  { name: 'edns', type: 'object', description: 'The OPT record (RFC 6891), when there is one' },
  { name: 'edns.version', type: 'number', description: 'EDNS version' },
  { name: 'edns.udpPayloadSize', type: 'number', description: 'Largest datagram that the sender takes' },
  { name: 'edns.do', type: 'boolean', description: 'DNSSEC is understood' },
  {
    name: 'edns.options[]',
    type: 'object',
    description: '`code` (name, or number) and `data` (in words where the option is known, else hexadecimal)',
  },
  {
    name: 'missingRecords',
    type: 'number',
    description:
      'Records that the header counts and that are not shown: cut off, malformed, or beyond the cap',
  },
];

/** DNS in the words of RFC 1035 and of IANA's registries. */
export const dnsFields: ProtocolDocumentation = {
  columns: {
    operation: 'Type asked for: `AAAA`; of other operations than a query their name: `UPDATE`',
    target: 'Name asked for: `example.org`',
    status: 'Response code: `NOERROR`, `NXDOMAIN`',
  },
  request: message,
  response: [{ name: 'rcode', type: 'string', description: 'Response code' }, ...message],
  entry: [LATE_ANSWER_FIELD],
};
