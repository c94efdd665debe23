/** Names of DNS numbers, as the IANA registry "Domain Name System (DNS) Parameters" has them. */

/** Resource record types. */
export const Type = {
  A: 1,
  NS: 2,
  MD: 3,
  MF: 4,
  CNAME: 5,
  SOA: 6,
  MB: 7,
  MG: 8,
  MR: 9,
  NULL: 10,
  WKS: 11,
  PTR: 12,
  HINFO: 13,
  MINFO: 14,
  MX: 15,
  TXT: 16,
  RP: 17,
  AFSDB: 18,
  X25: 19,
  ISDN: 20,
  RT: 21,
  SIG: 24,
  KEY: 25,
  PX: 26,
  AAAA: 28,
  LOC: 29,
  SRV: 33,
  NAPTR: 35,
  KX: 36,
  CERT: 37,
  DNAME: 39,
  OPT: 41,
  APL: 42,
  DS: 43,
  SSHFP: 44,
  IPSECKEY: 45,
  RRSIG: 46,
  NSEC: 47,
  DNSKEY: 48,
  DHCID: 49,
  NSEC3: 50,
  NSEC3PARAM: 51,
  TLSA: 52,
  SMIMEA: 53,
  HIP: 55,
  CDS: 59,
  CDNSKEY: 60,
  OPENPGPKEY: 61,
  CSYNC: 62,
  ZONEMD: 63,
  SVCB: 64,
  HTTPS: 65,
  SPF: 99,
  EUI48: 108,
  EUI64: 109,
  TKEY: 249,
  TSIG: 250,
  IXFR: 251,
  AXFR: 252,
  ANY: 255,
  URI: 256,
  CAA: 257,
  DLV: 32769,
} as const;

const typeNames = new Map<number, string>(Object.entries(Type).map(([name, number]) => [number, name]));

/** `TYPE731` for those without a name (RFC 3597 section 5). */
export function typeName(type: number): string {
  return typeNames.get(type) ?? `TYPE${type}`;
}

export function isKnownType(type: number): boolean {
  return typeNames.has(type);
}

export const Class = { IN: 1, CH: 3, HS: 4, NONE: 254, ANY: 255 } as const;
const classNames = new Map<number, string>(Object.entries(Class).map(([name, number]) => [number, name]));

export function className(number: number): string {
  return classNames.get(number) ?? `CLASS${number}`;
}

export function isKnownClass(number: number): boolean {
  return classNames.has(number);
}

export const Opcode = { QUERY: 0, IQUERY: 1, STATUS: 2, NOTIFY: 4, UPDATE: 5, DSO: 6 } as const;
const opcodeNames = new Map<number, string>(Object.entries(Opcode).map(([name, number]) => [number, name]));

export function opcodeName(opcode: number): string {
  return opcodeNames.get(opcode) ?? `OPCODE${opcode}`;
}

export function isKnownOpcode(opcode: number): boolean {
  return opcodeNames.has(opcode);
}

/** Response codes with the extension of RFC 6891 section 6.1.3. */
export const Rcode = {
  NOERROR: 0,
  FORMERR: 1,
  SERVFAIL: 2,
  NXDOMAIN: 3,
  NOTIMP: 4,
  REFUSED: 5,
  YXDOMAIN: 6,
  YXRRSET: 7,
  NXRRSET: 8,
  NOTAUTH: 9,
  NOTZONE: 10,
  DSOTYPENI: 11,
  BADVERS: 16,
  BADKEY: 17,
  BADTIME: 18,
  BADMODE: 19,
  BADNAME: 20,
  BADALG: 21,
  BADTRUNC: 22,
  BADCOOKIE: 23,
} as const;
const rcodeNames = new Map<number, string>(Object.entries(Rcode).map(([name, number]) => [number, name]));

export function rcodeName(rcode: number): string {
  return rcodeNames.get(rcode) ?? `RCODE${rcode}`;
}
