/** The OPT pseudo-record (RFC 6891). */
import type { Span } from '@kubeshark/model';
import { formatIp } from '@kubeshark/model';
import { ipv6Text } from './address.ts';
import { DataReader } from './data-reader.ts';
import type { RecordPlace } from './message.ts';
import { quotedText } from './name.ts';

export interface Edns {
  version: number;
  /** Largest datagram that the sender takes. */
  udpPayloadSize: number;
  /** DNSSEC OK. */
  do: boolean;
  options: EdnsOption[];
}

export interface EdnsOption {
  /** Name, or the number where there is none. */
  code: string;
  /** In words where the option is known, else hexadecimal. */
  data: string;
}

/** IANA "DNS EDNS0 Option Codes". */
const OPTIONS = new Map([
  [1, 'LLQ'],
  [2, 'UL'],
  [3, 'NSID'],
  [5, 'DAU'],
  [6, 'DHU'],
  [7, 'N3U'],
  [8, 'ECS'],
  [9, 'EXPIRE'],
  [10, 'COOKIE'],
  [11, 'TCP-KEEPALIVE'],
  [12, 'PADDING'],
  [13, 'CHAIN'],
  [14, 'KEY-TAG'],
  [15, 'EDE'],
  [18, 'REPORT-CHANNEL'],
  [19, 'ZONEVERSION'],
]);

/** IANA "Extended DNS Error Codes" (RFC 8914). */
const EXTENDED_ERRORS = [
  'Other Error',
  'Unsupported DNSKEY Algorithm',
  'Unsupported DS Digest Type',
  'Stale Answer',
  'Forged Answer',
  'DNSSEC Indeterminate',
  'DNSSEC Bogus',
  'Signature Expired',
  'Signature Not Yet Valid',
  'DNSKEY Missing',
  'RRSIGs Missing',
  'No Zone Key Bit Set',
  'NSEC Missing',
  'Cached Error',
  'Not Ready',
  'Blocked',
  'Censored',
  'Filtered',
  'Prohibited',
  'Stale NXDOMAIN Answer',
  'Not Authoritative',
  'Not Supported',
  'No Reachable Authority',
  'Network Error',
  'Invalid Data',
  'Signature Expired before Valid',
  'Too Early',
  'Unsupported NSEC3 Iterations Value',
  'Unable to conform to policy',
  'Synthesized',
];

export function readEdns(message: Span, record: RecordPlace): Edns {
  const data = new DataReader(message, record.dataStart, record.dataEnd);
  const options: EdnsOption[] = [];
  while (data.left > 0 && data.ok) {
    const code = data.u16();
    const option = data.part(data.u16());
    if (!data.ok) break;
    options.push({ code: OPTIONS.get(code) ?? String(code), data: optionText(code, option) });
  }
  return {
    version: (record.ttl >>> 16) & 0xff,
    udpPayloadSize: record.class,
    do: (record.ttl & 0x8000) !== 0,
    options,
  };
}

function optionText(code: number, option: DataReader): string {
  const { at, end, message } = option;
  const text = readers.get(code)?.(option);
  return text !== undefined && option.done ? text : message.bytes.toString('hex', at, end);
}

const readers = new Map<number, (option: DataReader) => string>([
  // RFC 7871 section 6: `192.0.2.0/24/0`, source and scope prefix.
  [
    8,
    (option) => {
      const family = option.u16();
      const source = option.u8();
      const scope = option.u8();
      const length = option.left;
      const size = family === 1 ? 4 : 16;
      if ((family !== 1 && family !== 2) || length > size) {
        option.fail();
        return '';
      }
      const address = Buffer.alloc(16);
      if (family === 1) address.fill(0xff, 10, 12);
      const start = family === 1 ? 12 : 0;
      option.take(length, (bytes, at) => {
        bytes.copy(address, start, at, at + length);
        return '';
      });
      return `${family === 1 ? formatIp(address, 0) : ipv6Text(address, 0)}/${source}/${scope}`;
    },
  ],
  // RFC 7873 section 4: client, and server when there is one.
  [10, (option) => (option.left > 8 ? `${option.hex(8)} ${option.hexRest()}` : option.hex(8))],
  // RFC 7828: tenths of a second.
  [11, (option) => (option.left === 0 ? '' : `${option.u16() / 10} s`)],
  [
    12,
    (option) => {
      const { left } = option;
      option.hexRest();
      return `${left} bytes`;
    },
  ],
  // RFC 8914: number, name, text.
  [
    15,
    (option) => {
      const number = option.u16();
      const length = option.left;
      const words = option.take(length, (bytes, at) => quotedText(bytes, at, at + length));
      const known = EXTENDED_ERRORS[number];
      return [String(number), ...(known ? [known] : []), ...(length > 0 ? [words] : [])].join(' ');
    },
  ],
  // RFC 5001
  [3, (option) => (option.left === 0 ? '' : option.quotedRest())],
  // RFC 7314
  [9, (option) => (option.left === 0 ? '' : `${option.u32()} s`)],
]);
