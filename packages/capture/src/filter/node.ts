/** A capture filter, parsed. */

export type Direction = 'src' | 'dst' | 'either' | 'both';

/** An address with its mask, 4 or 16 bytes each. */
export interface Network {
  address: Uint8Array;
  mask: Uint8Array;
}

export type FilterNode =
  | { kind: 'and' | 'or'; of: FilterNode[] }
  | { kind: 'not'; of: FilterNode }
  | { kind: 'etherType'; type: 'ip' | 'ip6' | 'arp' | 'rarp' }
  /** `family`: in which of the two the protocol is looked for. */
  | { kind: 'protocol'; family: 'ip' | 'ip6' | 'any'; number: number }
  | { kind: 'host'; carrier: 'ip' | 'ip6' | 'arp' | 'rarp' | 'any'; direction: Direction; network: Network }
  | { kind: 'port'; protocols: readonly number[]; direction: Direction; from: number; to: number }
  | { kind: 'length'; test: 'atLeast' | 'atMost'; bytes: number }
  | { kind: 'vlan'; id: number | null };

export const PROTOCOL_NUMBERS: Readonly<Record<string, number>> = {
  icmp: 1,
  tcp: 6,
  udp: 17,
  icmp6: 58,
  sctp: 132,
};
