/** A capture filter for the traffic of a machine itself, among all that passes it. */
import { parseAddress, parseNetwork, wholeAddress } from './addresses.ts';
import type { FilterNode, Network } from './node.ts';
import { PROTOCOL_NUMBERS } from './node.ts';

/** VXLAN (IANA's port, Linux's own), Geneve: what is inside is traffic of others. */
const TUNNEL_PORTS = [4789, 8472, 6081];
const PROTOCOLS = ['tcp', 'udp', 'icmp', 'icmp6'].map((name) => PROTOCOL_NUMBERS[name]!);
const TRANSPORTS = PROTOCOLS.slice(0, 2);

/**
 * From or to one of `addresses`, and there from or to one of `ports`; null: whatever the port, but no tunnel. What comes
 * with a VLAN tag comes again without it, at the interface of that VLAN.
 */
export function localTraffic(addresses: readonly string[], ports: readonly number[] | null): FilterNode {
  const networks = networksOf(addresses);
  const ends = (['src', 'dst'] as const).map((direction): FilterNode => {
    const hosts: FilterNode[] = networks.map((network) => ({
      kind: 'host',
      carrier: network.address.length === 16 ? 'ip6' : 'ip',
      direction,
      network,
    }));
    const at: FilterNode = { kind: 'or', of: hosts };
    if (ports === null) return at;
    const some = ranges(ports).map(
      ([from, to]): FilterNode => ({ kind: 'port', protocols: TRANSPORTS, direction, from, to }),
    );
    return { kind: 'and', of: [at, { kind: 'or', of: some }] };
  });
  const all: FilterNode[] = [
    { kind: 'not', of: { kind: 'vlan', id: null } },
    { kind: 'or', of: ends },
  ];
  if (ports === null) {
    all.push({ kind: 'or', of: PROTOCOLS.map((number) => ({ kind: 'protocol', family: 'any', number })) });
    for (const port of TUNNEL_PORTS)
      all.push({
        kind: 'not',
        of: {
          kind: 'port',
          protocols: [PROTOCOL_NUMBERS['udp']!],
          direction: 'either',
          from: port,
          to: port,
        },
      });
  }
  return { kind: 'and', of: all };
}

function networksOf(addresses: readonly string[]): Network[] {
  const loopback = parseNetwork('127.0.0.0/8') as Network;
  const others = addresses
    .filter((address) => !address.startsWith('127.'))
    .flatMap((address) => parseAddress(address) ?? []);
  return [loopback, ...others.map(wholeAddress)];
}

/** Neighbouring ports together. */
function ranges(ports: readonly number[]): [number, number][] {
  const all: [number, number][] = [];
  for (const port of [...new Set(ports)].toSorted((a, b) => a - b)) {
    const last = all.at(-1);
    if (last && last[1] === port - 1) last[1] = port;
    else all.push([port, port]);
  }
  return all;
}
