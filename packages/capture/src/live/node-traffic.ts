/**
 * What the pods in the node's own network send and receive. One ring sees all interfaces; whose a packet is, is told by its
 * port at this node.
 */
import { parseAddress } from '../filter/addresses.ts';
import { CaptureFilterError } from '../filter/capture-filter-error.ts';
import type { CompiledCaptureFilter, Endpoint } from '../filter/compile.ts';
import { captureProgram } from '../filter/compile.ts';
import { localTraffic } from '../filter/local-traffic.ts';
import type { InterfaceCounters, OnPacket } from '../source.ts';
import type { LiveInterface } from './captured-namespace.ts';
import type { Master } from './enslaved.ts';
import { enslavedInterfaces } from './enslaved.ts';
import type { InterfaceNumbers } from './interface-numbers.ts';
import type { SystemInterface } from './interfaces.ts';
import { listInterfaces } from './interfaces.ts';
import type { Libc } from './libc.ts';
import { LINK_RAW } from './packet-ring.ts';

export interface NodePod {
  /** Namespace of its interfaces in `LiveInterface`. */
  key: string;
  ports: readonly number[];
  /** It may have any other port that no other has. */
  others: boolean;
}

export interface NodeTrafficOptions {
  libc: Libc;
  filter: CompiledCaptureFilter | null;
  exclude: readonly Endpoint[];
  numbers: InterfaceNumbers;
  onPacket: OnPacket;
  /** A new number, before its first packet. */
  onInterface: (info: LiveInterface) => void;
}

/** Has the addresses of all Services where kube-proxy uses IPVS: to the node they are its own, and the traffic is not. */
const NOT_OWN = 'kube-ipvs0';
const IPPROTO_TCP = 6;
const IPPROTO_UDP = 17;

interface Counted {
  info: LiveInterface;
  packets: number;
  bytes: number;
}

export class NodeTraffic {
  private readonly options: NodeTrafficOptions;
  private owners = new Map<number, string>();
  /** Traffic of ports that no pod has is taken too. */
  private all = false;
  private names = new Map<number, string>();
  /** What passes these is seen at others too, and better there. */
  private readonly passedOver = new Set<number>();
  private readonly bridges = new Map<number, number>();
  private addresses: string[] = [];
  private readonly local4 = new Set<number>();
  private readonly local6 = new Set<string>();
  /** By the kernel's number of the interface, then by the pod's key. */
  private readonly counted = new Map<number, Map<string, Counted>>();
  /** Counters of those that went away, until somebody takes them. */
  readonly gone: InterfaceCounters[] = [];

  constructor(options: NodeTrafficOptions) {
    this.options = options;
  }

  pods(pods: readonly NodePod[]): void {
    this.owners = new Map(pods.flatMap(({ key, ports }) => ports.map((port) => [port, key] as const)));
    this.all = pods.some(({ others }) => others);
  }

  /** All interfaces of the calling thread's network as one. */
  list(): SystemInterface[] {
    const { libc } = this.options;
    const found = listInterfaces(libc);
    this.names = new Map(found.map(({ systemIndex, name }) => [systemIndex, name]));
    this.enslaved(enslavedInterfaces(libc));
    this.addresses = found
      .filter(({ name }) => name !== NOT_OWN)
      .flatMap(({ addresses }) => addresses)
      .filter((address) => !address.startsWith('fe80:'));
    this.local4.clear();
    this.local6.clear();
    for (const address of this.addresses) {
      const bytes = Buffer.from(parseAddress(address)!);
      if (bytes.length === 4) this.local4.add(bytes.readUInt32BE(0));
      else this.local6.add(bytes.toString('latin1'));
    }
    for (const systemIndex of this.counted.keys()) if (!this.names.has(systemIndex)) this.forget(systemIndex);
    const { addresses } = this;
    return [{ name: 'any', systemIndex: 0, up: true, loopback: false, ethernet: false, addresses }];
  }

  /**
   * A packet passes a port and its master. Of a bridge the port is looked at: where iptables sees what bridges forward
   * (br_netfilter, as Kubernetes wants it), an answer comes out of the bridge with its addresses already translated back,
   * while the question went in as translated; no connection could be made of these two. Its packets are the bridge's all
   * the same. Of all others (bonds, VRFs) the master is looked at, and of a bridge that is itself a port.
   */
  private enslaved(ports: ReadonlyMap<number, Master>): void {
    this.passedOver.clear();
    this.bridges.clear();
    for (const [port, { systemIndex, kind }] of ports) {
      const byPort = kind === 'bridge' && !ports.has(systemIndex);
      this.passedOver.add(byPort ? systemIndex : port);
      if (byPort) this.bridges.set(port, systemIndex);
    }
  }

  program(): Buffer | null {
    const { filter, exclude } = this.options;
    const compiled = (ports: readonly number[] | null) => {
      const own = localTraffic(this.addresses, ports);
      return captureProgram(
        { text: '', node: filter?.node ? { kind: 'and', of: [own, filter.node] } : own },
        exclude,
        LINK_RAW,
      );
    };
    try {
      return compiled(this.all ? null : [...this.owners.keys()]);
    } catch (error) {
      if (!(error instanceof CaptureFilterError)) throw error;
      // Too many ports for the kernel: `packet` looks at them.
      return compiled(null);
    }
  }

  /** Gets the kernel's number of the interface. */
  readonly packet: OnPacket = (bytes, start, end, wireLength, time, linkType, seenAt, vlan) => {
    if (this.passedOver.has(seenAt)) return;
    const systemIndex = this.bridges.get(seenAt) ?? seenAt;
    const owner = this.ownerOf(bytes, start, end);
    if (owner === '' && !this.all) return;
    const counted = this.counted.get(systemIndex)?.get(owner) ?? this.begin(systemIndex, owner);
    if (!counted) return;
    counted.packets++;
    counted.bytes += wireLength;
    this.options.onPacket(bytes, start, end, wireLength, time, linkType, counted.info.index, vlan);
  };

  /** Key of the pod that has the packet's port at this node; '' when none has. */
  private ownerOf(bytes: Buffer, start: number, end: number): string {
    if (start + 20 > end) return '';
    const six = bytes[start]! >> 4 === 6;
    const protocol = bytes[start + (six ? 6 : 9)];
    const ports = start + (six ? 40 : (bytes[start]! & 15) * 4);
    if ((protocol !== IPPROTO_TCP && protocol !== IPPROTO_UDP) || ports + 4 > end) return '';
    // Of a datagram in pieces only the first has ports.
    if (!six && (bytes.readUInt16BE(start + 6) & 0x1fff) !== 0) return '';
    const [source, destination] = [bytes.readUInt16BE(ports), bytes.readUInt16BE(ports + 2)];
    const from = this.isLocal(bytes, start + (six ? 8 : 12), six) ? this.owners.get(source) : undefined;
    const to = this.isLocal(bytes, start + (six ? 24 : 16), six) ? this.owners.get(destination) : undefined;
    // Between two of them: the same for both directions.
    if (from !== undefined && to !== undefined) return source < destination ? from : to;
    return from ?? to ?? '';
  }

  private isLocal(bytes: Buffer, at: number, six: boolean): boolean {
    if (six) return this.local6.has(bytes.toString('latin1', at, at + 16));
    return bytes[at] === 127 || this.local4.has(bytes.readUInt32BE(at));
  }

  private begin(systemIndex: number, namespace: string): Counted | undefined {
    const { numbers, onInterface } = this.options;
    const index = numbers.take(performance.now());
    if (index === undefined) return undefined;
    const { addresses } = this;
    // One that came this moment has no name yet.
    const name = this.names.get(systemIndex) ?? `#${systemIndex}`;
    const info = { index, systemIndex, namespace, name, addresses, linkType: LINK_RAW };
    const counted = { info, packets: 0, bytes: 0 };
    const here = this.counted.get(systemIndex) ?? new Map<string, Counted>();
    this.counted.set(systemIndex, here.set(namespace, counted));
    onInterface(info);
    return counted;
  }

  private forget(systemIndex: number): void {
    for (const counted of this.counted.get(systemIndex)?.values() ?? []) {
      this.gone.push(counters(counted));
      this.options.numbers.release(counted.info.index, performance.now());
    }
    this.counted.delete(systemIndex);
  }

  /** Of each interface and pod, without what the ring dropped: whose that was is not known. */
  stats(): InterfaceCounters[] {
    return [...this.counted.values()].flatMap((here) => [...here.values()].map(counters));
  }

  close(): void {
    for (const systemIndex of this.counted.keys()) this.forget(systemIndex);
  }
}

function counters({ info: { index, namespace, name }, packets, bytes }: Counted): InterfaceCounters {
  return { index, namespace, interface: name, packets, bytes, dropped: 0 };
}
