import type { Flow } from './flow.ts';
import type { Packet } from './net/packet.ts';

/**
 * Flows by 5-tuple and place, both directions. Keys are numbers in the flow itself, in canonical order (the lower
 * address and port first), chained in buckets: neither a string nor an object is made for a packet.
 */
export class FlowTable {
  private buckets: (Flow | null)[] = Array<Flow | null>(4_096).fill(null);
  private cursor = 0;
  size = 0;

  /** Key of the packet looked up last, canonical. IPv4 addresses are in the last word. */
  readonly low = new Int32Array(4);
  readonly high = new Int32Array(4);
  ports = 0;
  /** place << 9 | IPv6 << 8 | IP protocol */
  tag = 0;
  hash = 0;
  /** Which end of the key sent the packet: 0 the low one. */
  sender: 0 | 1 = 0;

  find(p: Packet, protocol: number): Flow | null {
    const forth = (p.srcPort << 16) | p.dstPort;
    return this.findPorts(p, protocol, forth, (p.dstPort << 16) | p.srcPort);
  }

  /** `forth`: the packet's ports as one number, `back`: those of a packet of the other direction. */
  findPorts(p: Packet, protocol: number, forth: number, back: number): Flow | null {
    if (p.v6) return this.find6(p, protocol, forth, back);
    const src = p.view.getInt32(p.src);
    const dst = p.view.getInt32(p.dst);
    const swap = src > dst || (src === dst && forth > back);
    const low = swap ? dst : src;
    const high = swap ? src : dst;
    const ports = swap ? back : forth;
    const tag = (p.place << 9) | protocol;
    const hash = mix(
      Math.imul(low, 0x9e3779b1) ^ Math.imul(high, 0x85ebca6b) ^ Math.imul(ports, 0xc2b2ae35) ^ tag,
    );
    this.sender = swap ? 1 : 0;
    let flow: Flow | null = this.buckets[hash & (this.buckets.length - 1)]!;
    while (flow !== null) {
      if (flow.low3 === low && flow.high3 === high && flow.ports === ports && flow.tag === tag) return flow;
      flow = flow.chain;
    }
    this.low.fill(0);
    this.high.fill(0);
    this.low[2] = this.high[2] = 0xffff;
    this.low[3] = low;
    this.high[3] = high;
    this.ports = ports;
    this.tag = tag;
    this.hash = hash;
    return null;
  }

  private find6(p: Packet, protocol: number, forth: number, back: number): Flow | null {
    const { low, high } = this;
    let order = 0;
    for (let i = 0; i < 4; i++) {
      low[i] = p.view.getInt32(p.src + i * 4);
      high[i] = p.view.getInt32(p.dst + i * 4);
      if (order === 0) order = low[i]! - high[i]!;
    }
    if (order === 0) order = forth - back;
    if (order > 0)
      for (let i = 0; i < 4; i++) {
        const word = low[i]!;
        low[i] = high[i]!;
        high[i] = word;
      }
    this.sender = order > 0 ? 1 : 0;
    this.ports = order > 0 ? back : forth;
    this.tag = (p.place << 9) | 256 | protocol;
    let hash = Math.imul(this.ports, 0xc2b2ae35) ^ this.tag;
    for (let i = 0; i < 4; i++)
      hash = mix(Math.imul(hash ^ low[i]!, 0x9e3779b1) ^ Math.imul(high[i]!, 0x85ebca6b));
    this.hash = hash;
    let flow: Flow | null = this.buckets[hash & (this.buckets.length - 1)]!;
    while (flow !== null) {
      if (
        flow.hash === hash &&
        flow.ports === this.ports &&
        flow.tag === this.tag &&
        this.sameAddresses(flow)
      )
        return flow;
      flow = flow.chain;
    }
    return null;
  }

  private sameAddresses(flow: Flow): boolean {
    const { low, high } = this;
    const { low0, high0 } = flow;
    return (
      flow.low3 === low[3] &&
      flow.high3 === high[3] &&
      flow.low2 === low[2] &&
      flow.high2 === high[2] &&
      flow.low1 === low[1] &&
      flow.high1 === high[1] &&
      low0 === low[0] &&
      high0 === high[0]
    );
  }

  /** Puts a flow in under the key looked up last, which its constructor took over. */
  add(flow: Flow): void {
    if (this.size >= this.buckets.length) this.grow();
    const at = flow.hash & (this.buckets.length - 1);
    flow.chain = this.buckets[at]!;
    this.buckets[at] = flow;
    this.size++;
  }

  delete(flow: Flow): void {
    const at = flow.hash & (this.buckets.length - 1);
    let before: Flow | null = null;
    let each: Flow | null = this.buckets[at]!;
    while (each !== null && each !== flow) {
      before = each;
      each = each.chain;
    }
    if (each === null) return;
    if (before === null) this.buckets[at] = flow.chain;
    else before.chain = flow.chain;
    flow.chain = null;
    this.size--;
  }

  private grow(): void {
    const old = this.buckets;
    this.buckets = Array<Flow | null>(old.length * 2).fill(null);
    const mask = this.buckets.length - 1;
    for (let flow of old)
      while (flow !== null) {
        const next: Flow | null = flow.chain;
        flow.chain = this.buckets[flow.hash & mask]!;
        this.buckets[flow.hash & mask] = flow;
        flow = next;
      }
  }

  /** Up to `n` flows, others each time. */
  sample(n: number): Flow[] {
    const flows: Flow[] = [];
    for (let i = 0; i < this.buckets.length && flows.length < n; i++) {
      this.cursor = (this.cursor + 1) & (this.buckets.length - 1);
      for (let flow: Flow | null = this.buckets[this.cursor]!; flow !== null; flow = flow.chain)
        flows.push(flow);
    }
    return flows;
  }

  all(): Flow[] {
    return this.sample(Number.POSITIVE_INFINITY);
  }
}

function mix(value: number): number {
  let h = value ^ (value >>> 16);
  h = Math.imul(h, 0x7feb352d);
  h ^= h >>> 15;
  h = Math.imul(h, 0x846ca68b);
  return h ^ (h >>> 16);
}
