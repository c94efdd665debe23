import type { Protocol } from './protocol.ts';

/** Protocols in the order they are asked. */
export interface Candidate {
  readonly protocol: Protocol;
  /** Stands for the protocol where those ruled out are kept. */
  readonly bit: number;
  /** The port is the protocol's. */
  readonly hinted: boolean;
}

type Transport = 'tcp' | 'udp';

/** Which protocols there are, and which a port hints at. */
export class Registry {
  private readonly protocols: readonly Protocol[];
  private readonly ports = new Map<number, readonly Candidate[]>();
  private readonly unhinted: { readonly tcp: readonly Candidate[]; readonly udp: readonly Candidate[] };

  constructor(protocols: readonly Protocol[], decodeAs: ReadonlyMap<string, number> = new Map()) {
    if (protocols.length > 30) throw new RangeError('more than 30 protocols: they are bits of a number');
    this.protocols = protocols;
    this.unhinted = { tcp: this.order('tcp', -1, undefined), udp: this.order('udp', -1, undefined) };
    for (const transport of ['tcp', 'udp'] as const) {
      const ports = new Set(protocols.flatMap((p) => [...(p[transport]?.ports ?? [])]));
      for (const key of decodeAs.keys()) if (key.startsWith(`${transport}:`)) ports.add(Number(key.slice(4)));
      for (const port of ports)
        this.ports.set(
          portKey(transport, port),
          this.order(transport, port, decodeAs.get(`${transport}:${port}`)),
        );
    }
  }

  /** The chosen one, those that have the port, the rest. */
  private order(transport: Transport, port: number, chosen: number | undefined): Candidate[] {
    const rank = (p: Protocol) => (p.number === chosen ? 0 : p[transport]!.ports.includes(port) ? 1 : 2);
    return this.protocols
      .map((protocol, i) => ({ protocol, bit: 1 << i }))
      .filter(({ protocol }) => protocol[transport] !== undefined)
      .map((each) => ({ ...each, hinted: rank(each.protocol) < 2 }))
      .toSorted((a, b) => rank(a.protocol) - rank(b.protocol));
  }

  /** By the server's port; by either when it is not known which side that is. */
  candidates(transport: Transport, server: number, other = -1): readonly Candidate[] {
    return (
      this.ports.get(portKey(transport, server)) ??
      (other < 0 ? undefined : this.ports.get(portKey(transport, other))) ??
      this.unhinted[transport]
    );
  }

  /** A protocol listens there. */
  known(transport: Transport, port: number): boolean {
    return this.ports.has(portKey(transport, port));
  }

  byNumber(number: number): Protocol | undefined {
    return this.protocols.find((p) => p.number === number);
  }
}

function portKey(transport: Transport, port: number): number {
  return transport === 'tcp' ? port : port | 0x10000;
}
