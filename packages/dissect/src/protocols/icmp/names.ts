/** Names of ICMP types and codes: RFC 792 and 1256, RFC 4443 and 4861, and the IANA registries. */

const V4_TYPES = new Map([
  [0, 'echo reply'],
  [3, 'destination unreachable'],
  [4, 'source quench'],
  [5, 'redirect'],
  [8, 'echo'],
  [9, 'router advertisement'],
  [10, 'router solicitation'],
  [11, 'time exceeded'],
  [12, 'parameter problem'],
  [13, 'timestamp'],
  [14, 'timestamp reply'],
  [17, 'address mask request'],
  [18, 'address mask reply'],
  [42, 'extended echo'],
  [43, 'extended echo reply'],
]);

const V6_TYPES = new Map([
  [1, 'destination unreachable'],
  [2, 'packet too big'],
  [3, 'time exceeded'],
  [4, 'parameter problem'],
  [128, 'echo'],
  [129, 'echo reply'],
  [130, 'multicast listener query'],
  [131, 'multicast listener report'],
  [132, 'multicast listener done'],
  [133, 'router solicitation'],
  [134, 'router advertisement'],
  [135, 'neighbor solicitation'],
  [136, 'neighbor advertisement'],
  [137, 'redirect'],
  [143, 'multicast listener report v2'],
  [160, 'extended echo'],
  [161, 'extended echo reply'],
]);

/** RFC 792, RFC 1122 section 3.2.2.1, RFC 1812 section 5.2.7.1. */
const V4_UNREACHABLE = [
  'net unreachable',
  'host unreachable',
  'protocol unreachable',
  'port unreachable',
  'fragmentation needed',
  'source route failed',
  'destination network unknown',
  'destination host unknown',
  'source host isolated',
  'network prohibited',
  'host prohibited',
  'network unreachable for service',
  'host unreachable for service',
  'communication prohibited',
  'host precedence violation',
  'precedence cutoff',
];
/** RFC 4443 section 3.1. */
const V6_UNREACHABLE = [
  'no route',
  'communication prohibited',
  'beyond scope of source address',
  'address unreachable',
  'port unreachable',
  'source address failed policy',
  'reject route',
];
const TIME_EXCEEDED = ['in transit', 'reassembly'];
const V4_REDIRECT = ['network', 'host', 'service and network', 'service and host'];

export function icmpTypeName(v6: boolean, type: number): string {
  return (v6 ? V6_TYPES : V4_TYPES).get(type) ?? `type ${type}`;
}

/** What a code says beyond its type; '' where it says nothing or is not known. */
export function icmpCodeName(v6: boolean, type: number, code: number): string {
  if (type === (v6 ? 1 : 3)) return (v6 ? V6_UNREACHABLE : V4_UNREACHABLE)[code] ?? '';
  if (type === (v6 ? 3 : 11)) return TIME_EXCEEDED[code] ?? '';
  if (!v6 && type === 5) return V4_REDIRECT[code] ?? '';
  return '';
}
