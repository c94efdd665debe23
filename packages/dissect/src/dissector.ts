import type { Limits, RecordWriter } from '@kubeshark/model';
import { LIMITS } from '@kubeshark/model';
import type { Core, CoreAnomaly } from './core.ts';
import { count } from './core.ts';
import type { DissectorCounters, DissectorOptions, PacketDissector } from './dissector-types.ts';
import type { Flow } from './flow.ts';
import { FlowTable } from './flow-table.ts';
import { IcmpFlow } from './icmp/icmp-flow.ts';
import { requestType } from './icmp/questions.ts';
import { decode } from './net/decode.ts';
import { Fragments } from './net/fragments.ts';
import { IpProtocol } from './net/ip.ts';
import { Decoded, Packet } from './net/packet.ts';
import type { Protocol } from './protocol.ts';
import { Registry } from './registry.ts';
import { Redirects } from './tcp/redirects.ts';
import { TcpFlow } from './tcp/tcp-flow.ts';
import { TimerWheel } from './timer-wheel.ts';
import { UdpFlow } from './udp/udp-flow.ts';

/** µs of core time between two looks at what waits. */
const TICK = 100_000;
/** The last moment of a JavaScript Date, µs: no time beyond it can be shown, or counted in ticks. */
const LAST_TIME = 8.64e18;
/** Flows looked at, and of those the idlest ended, when the table is full. */
const EVICTION_SAMPLE = 256;
const EVICTED = EVICTION_SAMPLE / 10;

const UNDECODED: ReadonlyMap<number, CoreAnomaly> = new Map([
  [Decoded.malformed, 'malformed_packet'],
  [Decoded.ignored, 'not_ip'],
  [Decoded.unknownLink, 'unknown_link_type'],
  [Decoded.tooDeep, 'cap_headerDepth'],
]);

/** Packets in, records out. One for each capture thread; no clock, no I/O. */
export class Dissector implements PacketDissector, Core {
  readonly counters: DissectorCounters = {
    packets: 0,
    bytes: 0,
    undecoded: 0,
    flows: 0,
    calls: 0,
    gaps: 0,
    gapBytes: 0,
    named: new Map(),
  };
  readonly out: RecordWriter;
  readonly limits: Limits;
  readonly registry: Registry;
  readonly table: FlowTable = new FlowTable();
  readonly redirects: Redirects = new Redirects();
  readonly wheel: TimerWheel<Flow> = new TimerWheel();
  readonly active: Flow[] = [];
  now = Number.NEGATIVE_INFINITY;
  heldBytes = 0;
  unfinishedBytes = 0;

  private readonly p = new Packet();
  private readonly fragments: Fragments;
  private readonly onRecords: () => void;
  private nextTick = Number.NEGATIVE_INFINITY;
  /** Records in `out` when `onRecords` was last called. */
  private told = 0;
  private readonly fire = (flow: Flow): void => {
    flow.timer();
    this.tell();
  };

  constructor(options: DissectorOptions, protocols: readonly Protocol[]) {
    this.out = options.out;
    this.limits = { ...LIMITS, ...options.limits };
    this.registry = new Registry(protocols, options.decodeAs);
    this.onRecords = options.onRecords ?? (() => {});
    this.fragments = new Fragments(this.limits, (name) => count(this, name));
  }

  packet(
    bytes: Buffer,
    start: number,
    end: number,
    wireLength: number,
    stamp: number,
    linkType: number,
    place: number,
    _vlan: number,
  ): void {
    const { counters, p } = this;
    counters.packets++;
    counters.bytes += wireLength;
    let time = stamp;
    if (!(time >= 0 && time <= LAST_TIME)) {
      count(this, 'bad_timestamp');
      time = Math.max(this.now, 0);
    }
    if (time >= this.nextTick) this.advance(time);
    else if (time > this.now) this.now = time;
    const wire = Math.max(wireLength, end - start);
    if (wire > this.limits.frameBytes) {
      count(this, 'cap_frameBytes');
      counters.undecoded++;
      return;
    }
    p.in(bytes);
    p.at = start;
    p.end = end;
    p.wireEnd = start + wire;
    p.frameBytes = wire;
    p.time = time;
    p.place = place;
    const protocol = decode(p, linkType, this.fragments, this.limits);
    switch (protocol) {
      case IpProtocol.tcp:
        this.tcp(p);
        break;
      case IpProtocol.udp:
        this.udp(p);
        break;
      case IpProtocol.icmp:
      case IpProtocol.icmpv6:
        this.icmp(p, protocol);
        break;
      case Decoded.held:
        break;
      default:
        counters.undecoded++;
        count(this, UNDECODED.get(protocol) ?? 'ip_other_protocol');
    }
    if (this.out.count !== this.told) this.tell();
  }

  private tcp(p: Packet): void {
    const { table, redirects } = this;
    let flow = table.find(p, IpProtocol.tcp) as TcpFlow | null;
    const { sender } = table;
    if (redirects.size > 0 && (flow === null || flow.oneSided)) {
      const asked = redirects.find(p);
      if (asked !== null) {
        // Joined in the middle, the answers may have been there first.
        flow?.finish('reused');
        asked.answer(p);
        return;
      }
    }
    if (flow !== null && flow.isReplacedBy(p, sender)) {
      flow.finish('reused');
      flow = table.find(p, IpProtocol.tcp) as TcpFlow | null;
    }
    if (flow === null) {
      this.makeRoom();
      flow = new TcpFlow(this, p);
      redirects.add(flow, p, sender);
    }
    flow.receive(p, sender);
  }

  private udp(p: Packet): void {
    const { table } = this;
    let flow = table.find(p, IpProtocol.udp) as UdpFlow | null;
    const { sender } = table;
    if (flow === null) {
      this.makeRoom();
      flow = new UdpFlow(this, p);
    }
    flow.receive(p, sender);
  }

  private icmp(p: Packet, protocol: number): void {
    const { table } = this;
    // Type and identifier stand where the ports do, the same in both directions.
    const ports = (requestType(p.v6, p.icmpType) << 16) | p.dstPort;
    let flow = table.findPorts(p, protocol, ports, ports) as IcmpFlow | null;
    const { sender } = table;
    if (flow === null) {
      this.makeRoom();
      flow = new IcmpFlow(this, p, protocol, sender);
    }
    flow.receive(p, sender);
  }

  advance(time: number): void {
    if (!(time > this.now && time <= LAST_TIME)) return;
    if (this.now === Number.NEGATIVE_INFINITY) this.wheel.start(time);
    this.now = time;
    if (time < this.nextTick) return;
    this.nextTick = time + TICK;
    this.fragments.advance(time);
    // Backwards: a flow that is done takes itself out, the last taking its place.
    for (let i = this.active.length - 1; i >= 0; i--) {
      this.active[i]?.tick();
      if (this.out.count !== this.told) this.tell();
    }
    this.wheel.run(time, this.fire);
  }

  end(): void {
    for (const flow of this.table.all()) {
      flow.finish('capture_end');
      this.tell();
    }
  }

  private tell(): void {
    this.onRecords();
    this.told = this.out.count;
  }

  private makeRoom(): void {
    if (this.table.size < this.limits.flows) return;
    const sample = this.table.sample(EVICTION_SAMPLE).toSorted((a, b) => a.seen - b.seen);
    for (const flow of sample.slice(0, Math.max(1, Math.min(EVICTED, sample.length / 10)))) {
      count(this, 'cap_flows');
      flow.finish('evicted');
      this.tell();
    }
  }
}
