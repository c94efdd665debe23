import type { Outcome } from '@kubeshark/model';
import { ProtocolNumber } from '@kubeshark/model';
import type { Core } from '../core.ts';
import { count } from '../core.ts';
import type { End } from '../flow.ts';
import { EndCounters, Flow } from '../flow.ts';
import type { FlowEnd, FlowState } from '../flow-record.ts';
import { IpProtocol } from '../net/ip.ts';
import type { Packet } from '../net/packet.ts';
import type { DatagramFollower } from '../protocol.ts';

/** Datagrams looked at before an unrecognised flow is left as a plain one. */
const MAX_PROBES = 8;

/** Datagrams between two ports. The side that speaks first is the client, unless a protocol says it answered. */
export class UdpFlow extends Flow {
  private follower: DatagramFollower | null = null;
  private probes = 0;

  constructor(core: Core, p: Packet) {
    super(core, p, IpProtocol.udp, new EndCounters(), new EndCounters());
  }

  receive(p: Packet, sender: End): void {
    const from = sender === 0 ? this.low : this.high;
    if (p.time > this.clock) this.clock = p.time;
    this.seen = this.core.now;
    from.packets++;
    from.bytes += p.frameBytes;
    from.payloadBytes += p.wireEnd - p.at;
    if (p.end < p.wireEnd) {
      this.snapped = true;
      from.gaps++;
      from.gapBytes += p.wireEnd - p.end;
      this.core.counters.gaps++;
      this.core.counters.gapBytes += p.wireEnd - p.end;
    }
    if (this.follower === null && this.probes < MAX_PROBES && p.end > p.at) this.detect(p, sender);
    if (!this.oriented) this.orient(sender, false);
    if (this.follower === null) return;
    try {
      this.follower.datagram(this.side(sender), p.bytes, p.at, p.end, p.wireEnd - p.end, this.clock);
    } catch {
      this.fail();
    }
    if (this.activeAt < 0 && this.follower !== null && this.follower.idle !== true) this.activate();
  }

  private detect(p: Packet, sender: End): void {
    this.probes++;
    const to: End = sender === 0 ? 1 : 0;
    const { registry } = this.core;
    for (const { protocol, hinted } of registry.candidates('udp', this.portOf(to), this.portOf(sender))) {
      try {
        const verdict = protocol.udp!.probe(p.bytes, p.at, p.end, hinted);
        if (verdict === 'no' || verdict === 'more') continue;
        // Nothing but the flow's own row can have been written: the first speaker may turn out to be the server.
        if (this.calls === 0) this.orient(verdict === 'request' ? sender : to, false);
        this.protocol = protocol.number;
        this.follower = protocol.udp!.follow(this);
        return;
      } catch {
        count(this.core, 'follower_failed');
      }
    }
  }

  private fail(): void {
    count(this.core, 'follower_failed');
    this.core.out.abandon();
    this.giveBack();
    this.follower = null;
    this.probes = MAX_PROBES;
  }

  sequence(): number {
    return 0;
  }

  /** Datagrams after this one belong to the other protocol. */
  handOver(protocol: number | null): void {
    const next = protocol === null ? undefined : this.core.registry.byNumber(protocol);
    this.follower?.close(this.clock);
    this.follower = next?.udp?.follow(this) ?? null;
    this.probes = protocol === null ? 0 : MAX_PROBES;
    if (next?.udp !== undefined) this.protocol = next.number;
  }

  tick(): void {
    try {
      this.follower?.advance(this.core.now);
    } catch {
      this.fail();
    }
    if (this.follower === null || this.follower.idle === true) this.deactivate();
  }

  protected stop(how: FlowEnd): FlowEnd {
    try {
      this.follower?.close(this.clock);
    } catch {
      this.fail();
    }
    this.follower = null;
    return how;
  }

  protected idleTime(): number {
    return this.core.limits.udpIdle;
  }

  /** A flow with calls in it is only looked at when it is over: one row for each question to a name server is enough. */
  protected override announces(): boolean {
    return this.calls === 0;
  }

  protected settleOrientation(): void {
    this.guessOrientation('udp', 0);
  }

  protected rowProtocol(): number {
    return ProtocolNumber.udp;
  }

  protected state(): FlowState {
    return this.low.packets > 0 && this.high.packets > 0 ? 'established' : 'connecting';
  }

  /** One-way traffic is ok: much of UDP is (metrics, logs, media). */
  protected outcome(): Outcome {
    return this.low.gaps + this.high.gaps > 0 ? 'incomplete' : 'ok';
  }
}
