import type { Outcome } from '@kubeshark/model';
import { Head, ProtocolNumber } from '@kubeshark/model';
import type { Core } from '../core.ts';
import type { End } from '../flow.ts';
import { EndCounters, Flow } from '../flow.ts';
import type { FlowEnd, FlowState } from '../flow-record.ts';
import { IpProtocol } from '../net/ip.ts';
import type { Packet } from '../net/packet.ts';
import { asksForReply, requestType } from './questions.ts';

/** Messages of one type (a request and its reply are one) and identifier between two hosts. */
export class IcmpFlow extends Flow {
  constructor(core: Core, p: Packet, transport: number, sender: End) {
    super(core, p, transport, new EndCounters(), new EndCounters());
    this.icmpType = p.icmpType;
    this.icmpCode = p.icmpCode;
    // A reply seen first tells who asked.
    const asked = requestType(p.v6, p.icmpType) === p.icmpType;
    this.orient(asked ? sender : sender === 0 ? 1 : 0, false);
  }

  receive(p: Packet, sender: End): void {
    const from = sender === 0 ? this.low : this.high;
    if (p.time > this.clock) this.clock = p.time;
    this.seen = this.core.now;
    from.packets++;
    from.bytes += p.frameBytes;
    from.payloadBytes += p.wireEnd - p.at;
    if (p.end < p.wireEnd) this.snapped = true;
  }

  /** ports hold the type and the identifier rather than ports of both ends. */
  protected override writePorts(view: DataView): void {
    view.setUint16(Head.srcPort, this.ports >>> 16, true);
    view.setUint16(Head.dstPort, this.ports & 0xffff, true);
  }

  sequence(): number {
    return 0;
  }
  handOver(): void {}
  tick(): void {}
  protected stop(how: FlowEnd): FlowEnd {
    return how;
  }

  protected idleTime(): number {
    return this.core.limits.udpIdle;
  }

  protected settleOrientation(): void {}

  protected rowProtocol(): number {
    return ProtocolNumber.icmp;
  }

  protected state(): FlowState {
    return this.low.packets > 0 && this.high.packets > 0 ? 'established' : 'connecting';
  }

  /** A question without a reply is no_response; an error message asks for none. */
  protected outcome(): Outcome {
    const server = this.client === 0 ? this.high : this.low;
    const asks = asksForReply(this.transport === IpProtocol.icmpv6, this.icmpType);
    return asks && server.packets === 0 ? 'no_response' : 'ok';
  }
}
