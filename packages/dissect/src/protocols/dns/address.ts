import { formatIp } from '@kubeshark/model';

/** Of AAAA data and the like, where an IPv4-mapped address is an IPv6 address all the same (RFC 4291 section 2.5.5.2). */
export function ipv6Text(bytes: Uint8Array, at: number): string {
  const text = formatIp(bytes, at);
  return text.includes(':') ? text : `::ffff:${text}`;
}
