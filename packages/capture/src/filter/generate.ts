/** BPF instructions for a parsed capture filter. Layouts: RFC 791, RFC 8200, RFC 826, IEEE 802.3. */
import type { Direction, FilterNode, Network } from './node.ts';
import type { BackwardProgram, Label } from './program.ts';
import { Jump, Load } from './program.ts';

/** Where the packet's type and its network header lie, by LINKTYPE_ number. `type` −1: the IP version says it. */
const LINKS: Readonly<Record<number, { type: number; network: number }>> = {
  1: { type: 12, network: 14 },
  101: { type: -1, network: 0 },
  113: { type: 14, network: 16 },
  276: { type: 0, network: 20 },
};

const ETHER_TYPES = { ip: 0x0800, ip6: 0x86dd, arp: 0x0806, rarp: 0x8035 } as const;
const VLAN_ETHER_TYPES = [0x8100, 0x88a8, 0x9100];
const IPV6_FRAGMENT = 44;
/** Linux: what the kernel knows beside the bytes (SKF_AD_OFF + SKF_AD_VLAN_TAG and …_PRESENT). */
const VLAN_TAG = -0x1000 + 44;
const VLAN_TAG_PRESENT = -0x1000 + 48;

type Code = (yes: Label, no: Label) => Label;

export class Generator {
  private readonly program: BackwardProgram;
  private readonly type: number;
  private readonly network: number;

  constructor(program: BackwardProgram, linkType: number) {
    const link = LINKS[linkType];
    if (!link) throw new RangeError(`no capture filter for link type ${linkType}`);
    this.program = program;
    this.type = link.type;
    this.network = link.network;
  }

  /** Writes the code before what is there; its first instruction. */
  node(node: FilterNode, yes: Label, no: Label): Label {
    switch (node.kind) {
      case 'and':
      case 'or':
        return this.join(
          node.kind,
          node.of.map((part) => (y: Label, n: Label) => this.node(part, y, n)),
        )(yes, no);
      case 'not':
        return this.node(node.of, no, yes);
      case 'etherType':
        return this.carriedBy(node.type)(yes, no);
      case 'protocol':
        return this.protocol(node)(yes, no);
      case 'host':
        return this.host(node)(yes, no);
      case 'port':
        return this.port(node)(yes, no);
      case 'length':
        return node.test === 'atLeast'
          ? this.test(Load.length, 0, Jump.atLeast, node.bytes)(yes, no)
          : this.test(Load.length, 0, Jump.greater, node.bytes)(no, yes);
      case 'vlan':
        return this.vlan(node.id)(yes, no);
    }
  }

  private join(kind: 'and' | 'or', parts: Code[]): Code {
    return (yes, no) => {
      // From the last: the next part's first instruction is where this one goes on.
      let next = kind === 'and' ? yes : no;
      for (const part of parts.toReversed()) next = kind === 'and' ? part(next, no) : part(yes, next);
      return next;
    };
  }

  private test(load: number, at: number, jump: number, k: number, mask = 0xffff_ffff): Code {
    return (yes, no) => {
      this.program.jump(jump, k, yes, no);
      if (mask !== 0xffff_ffff) this.program.mask(mask);
      return this.program.load(load, at);
    };
  }

  private carriedBy(type: 'ip' | 'ip6' | 'arp' | 'rarp'): Code {
    if (this.type >= 0) return this.test(Load.half, this.type, Jump.equal, ETHER_TYPES[type]);
    if (type === 'ip') return this.test(Load.byte, 0, Jump.equal, 0x40, 0xf0);
    if (type === 'ip6') return this.test(Load.byte, 0, Jump.equal, 0x60, 0xf0);
    return (_yes, no) => this.program.always(no);
  }

  private protocol({ family, number }: Extract<FilterNode, { kind: 'protocol' }>): Code {
    const n = this.network;
    const four = this.join('and', [this.carriedBy('ip'), this.test(Load.byte, n + 9, Jump.equal, number)]);
    const six = this.join('and', [
      this.carriedBy('ip6'),
      this.join('or', [
        this.test(Load.byte, n + 6, Jump.equal, number),
        this.join('and', [
          this.test(Load.byte, n + 6, Jump.equal, IPV6_FRAGMENT),
          this.test(Load.byte, n + 40, Jump.equal, number),
        ]),
      ]),
    ]);
    return family === 'ip' ? four : family === 'ip6' ? six : this.join('or', [four, six]);
  }

  private directed(direction: Direction, src: Code, dst: Code): Code {
    if (direction === 'src') return src;
    if (direction === 'dst') return dst;
    return this.join(direction === 'both' ? 'and' : 'or', [src, dst]);
  }

  private host({ carrier, direction, network }: Extract<FilterNode, { kind: 'host' }>): Code {
    const n = this.network;
    const within = (type: 'ip' | 'ip6' | 'arp' | 'rarp', src: number, dst: number) =>
      this.join('and', [
        this.carriedBy(type),
        this.directed(direction, this.address(n + src, network), this.address(n + dst, network)),
      ]);
    if (network.address.length === 16) return within('ip6', 8, 24);
    switch (carrier) {
      case 'ip':
        return within('ip', 12, 16);
      case 'arp':
      case 'rarp':
        return within(carrier, 14, 24);
      default:
        return this.join('or', [within('ip', 12, 16), within('arp', 14, 24), within('rarp', 14, 24)]);
    }
  }

  private address(at: number, { address, mask }: Network): Code {
    const word = (bytes: Uint8Array, i: number) => Buffer.from(bytes).readUInt32BE(i);
    const tests: Code[] = [];
    for (let i = 0; i < address.length; i += 4)
      if (word(mask, i) !== 0)
        tests.push(this.test(Load.word, at + i, Jump.equal, word(address, i), word(mask, i)));
    return this.join('and', tests);
  }

  private port({ protocols, direction, from, to }: Extract<FilterNode, { kind: 'port' }>): Code {
    const n = this.network;
    const among = (at: number) =>
      this.join(
        'or',
        protocols.map((number) => this.test(Load.byte, at, Jump.equal, number)),
      );
    const ports = (load: number, at: number) => {
      const one = (place: number) =>
        from === to
          ? this.test(load, place, Jump.equal, from)
          : this.join('and', [
              this.test(load, place, Jump.atLeast, from),
              (yes, no) => this.test(load, place, Jump.greater, to)(no, yes),
            ]);
      return this.directed(direction, one(at), one(at + 2));
    };
    const four = this.join('and', [
      this.carriedBy('ip'),
      among(n + 9),
      // Only the first fragment has ports.
      (yes, no) => this.test(Load.half, n + 6, Jump.anyBit, 0x1fff)(no, yes),
      (yes, no) => {
        ports(Load.halfAtX, n)(yes, no);
        return this.program.load(Load.headerLengthToX, n);
      },
    ]);
    const six = this.join('and', [this.carriedBy('ip6'), among(n + 6), ports(Load.half, n + 40)]);
    return this.join('or', [four, six]);
  }

  /** A tag that the kernel took out of the frame, or one still in it. */
  private vlan(id: number | null): Code {
    const taken = this.test(Load.byte, VLAN_TAG_PRESENT, Jump.equal, 1);
    const inFrame = VLAN_ETHER_TYPES.map((type) => this.test(Load.half, this.type, Jump.equal, type));
    const either = (first: Code, second: Code) => (this.type >= 0 ? this.join('or', [first, second]) : first);
    if (id === null) return either(taken, this.join('or', inFrame));
    return either(
      this.join('and', [taken, this.test(Load.half, VLAN_TAG, Jump.equal, id, 0x0fff)]),
      this.join('and', [
        this.join('or', inFrame),
        this.test(Load.half, this.network, Jump.equal, id, 0x0fff),
      ]),
    );
  }
}
