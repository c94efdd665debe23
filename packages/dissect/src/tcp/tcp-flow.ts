import type { Outcome, RecordWriter } from '@kubeshark/model';
import { Head, ProtocolNumber } from '@kubeshark/model';
import type { Core } from '../core.ts';
import { count } from '../core.ts';
import type { End } from '../flow.ts';
import { Flow } from '../flow.ts';
import type { FlowEnd, FlowState } from '../flow-record.ts';
import { IpProtocol } from '../net/ip.ts';
import type { Packet } from '../net/packet.ts';
import { Following } from './following.ts';
import { TcpFlag, windowScale } from './header.ts';
import type { StreamSink } from './stream.ts';
import { TcpStream } from './stream.ts';

/** A SYN captured after the data that followed it: how far before that data it may lie, and how long after it may come. */
const LATE_SYN_BYTES = 65_536;
const LATE_SYN_TIME = 3_000_000;
/** A reset answers what its sender has seen, so it may lie this far back (RFC 9293 section 3.5.2), bytes. */
const RESET_BEHIND = 1_048_576;
/** How long after a reset its receiver's data may still be on the way, µs. */
const RESET_FLIGHT = 1_000_000;

/** The first answer acknowledges what the client said last, or so far back, bytes. */
const ANSWER_BEHIND = 1_048_576;

/** In the place of a hash of bytes in its key: there is a key. */
const TCP_FLOW = 1;

/** A TCP connection. */
export class TcpFlow extends Flow implements StreamSink {
  declare readonly low: TcpStream;
  declare readonly high: TcpStream;
  private readonly following: Following;
  /** Both sides have sent a FIN, or one a RST. */
  private over: FlowEnd | null = null;
  private overSince = 0;
  private resetBy: End | -1 = -1;
  private synTime = -1;
  private synAckSeen = false;
  /** It may be one of `Redirects`: its key there, and which end is the client then. */
  redirect: { key: number; client: End } | null = null;

  constructor(core: Core, p: Packet) {
    const low = new TcpStream(core, 0);
    const high = new TcpStream(core, 1);
    super(core, p, IpProtocol.tcp, low, high);
    low.sink = high.sink = this;
    this.following = new Following(this);
    this.midstream = (p.flags & TcpFlag.syn) === 0;
  }

  receive(p: Packet, sender: End): void {
    const { core } = this;
    const from = sender === 0 ? this.low : this.high;
    const to = sender === 0 ? this.high : this.low;
    if (p.time > this.clock) this.clock = p.time;
    this.seen = core.now;
    from.packets++;
    from.bytes += p.frameBytes;
    const length = p.wireEnd - p.at;
    from.payloadBytes += length;
    const { flags } = p;
    if ((flags & TcpFlag.syn) !== 0) {
      this.syn(p, from, to);
    } else {
      from.window = p.window << from.scale;
      if (p.window === 0 && (flags & TcpFlag.rst) === 0) from.zeroWindows++;
    }
    if (p.end < p.wireEnd) this.snapped = true;
    if ((flags & TcpFlag.rst) !== 0) {
      this.reset(p, from, to);
      return;
    }
    if ((flags & TcpFlag.ack) !== 0) {
      // The SYN-ACK was not captured, but what the client acknowledges tells where the server's stream begins.
      if (!to.known && !this.midstream && from.syn && (flags & TcpFlag.syn) === 0) to.begin(p.ack);
      if (to.known) to.acknowledge(p.ack, length > 0);
      if (this.handshake < 0 && this.synAckSeen && this.synTime >= 0 && sender === this.client)
        this.handshake = this.clock - this.synTime;
    }
    const seq = (flags & TcpFlag.syn) === 0 ? p.seq : (p.seq + 1) | 0;
    if (length > 0 && this.over === null) {
      if (!from.known) from.begin(seq);
      const before = from.retransmittedBytes;
      from.segment(seq, length, p.bytes, p.at < p.end ? p.at : p.end, p.end);
      if (from.retransmittedBytes !== before) this.retransmissions++;
    } else if (length > 0 && ((seq - from.next) | 0) < 0) from.retransmittedBytes += length;
    if ((flags & TcpFlag.fin) !== 0 && this.over === null) {
      if (!from.known) from.begin((seq + length) | 0);
      from.finish((seq + length) | 0);
    }
    if (from.waiting) from.settle(true);
    if (to.waiting) to.settle(true);
    if ((from.waiting || to.waiting) && this.over === null) this.activate();
  }

  get oneSided(): boolean {
    return this.low.packets === 0 || this.high.packets === 0;
  }

  /** Redirected: whether the packet, which has another address than the proxy, is an answer to the client. */
  isAnsweredBy(p: Packet): boolean {
    const [client, proxy] = this.redirect?.client === 0 ? [this.low, this.high] : [this.high, this.low];
    if (proxy.packets > 0) return this.isShownAs(p);
    if (!client.known || (p.flags & TcpFlag.ack) === 0) return false;
    const behind = (client.next - p.ack) | 0;
    return behind >= 0 && behind < ANSWER_BEHIND;
  }

  /** Takes such a packet. The connection is shown as what the client asked for. */
  answer(p: Packet): void {
    const { client } = this.redirect!;
    const server: End = client === 0 ? 1 : 0;
    if (!this.isShownAs(p)) {
      this.show(server, p);
      if (this.swappable) this.orient(client, false);
    }
    this.receive(p, server);
  }

  /** The packet belongs to another connection that uses the same ports. */
  isReplacedBy(p: Packet, sender: End): boolean {
    const from = sender === 0 ? this.low : this.high;
    if ((p.flags & TcpFlag.rst) !== 0) return false;
    if ((p.flags & TcpFlag.syn) === 0) {
      // Was the reset not believed by its receiver? Then what goes on is followed as a stream joined in the middle. Its
      // sender says nothing more after a reset it meant; what the other side sent may have been on its way.
      if (this.over !== 'reset' || p.wireEnd === p.at || !from.known || ((p.seq - from.next) | 0) < 0)
        return false;
      return from.end === this.resetBy || this.core.now - this.overSince > RESET_FLIGHT;
    }
    const origin = (p.seq + 1) | 0;
    if (from.syn) return from.origin !== origin;
    // A SYN captured last.
    if (from.known && from.origin === origin) return false;
    if (this.over !== null) return true;
    if (!from.known) return this.core.now - this.seen > LATE_SYN_TIME;
    const ahead = (from.origin - origin) | 0;
    return ahead < 0 || ahead > LATE_SYN_BYTES || this.clock - this.first > LATE_SYN_TIME;
  }

  private syn(p: Packet, from: TcpStream, to: TcpStream): void {
    const isAnswer = (p.flags & TcpFlag.ack) !== 0;
    // An answer to an older connection's SYN.
    if (isAnswer && to.syn && p.ack !== to.origin && ((p.ack - to.next) | 0) > 0) return;
    from.syn = true;
    from.scale = windowScale(p);
    from.window = p.window;
    if (!from.known) from.begin((p.seq + 1) | 0);
    if (isAnswer) {
      this.synAckSeen = true;
      if (!to.known) to.begin(p.ack);
      if (this.swappable) this.orient(to.end, false);
    } else {
      if (this.synTime < 0) this.synTime = p.time;
      if (this.swappable) this.orient(from.end, false);
    }
    this.midstream = false;
  }

  private reset(p: Packet, from: TcpStream, to: TcpStream): void {
    const off = (p.seq - from.next) | 0;
    // RFC 9293 section 3.10.7.3: before its SYN is answered a client takes only a reset that acknowledges that SYN.
    if (to.syn && !from.known && (p.flags & TcpFlag.ack) !== 0 && p.ack !== to.origin && p.ack !== to.next) {
      count(this.core, 'tcp_reset_out_of_window');
      return;
    }
    if (from.known && from.packets > 1 && (off < -RESET_BEHIND || off > Math.max(to.window, 65_535))) {
      count(this.core, 'tcp_reset_out_of_window');
      return;
    }
    from.rst = true;
    if (this.over !== null) return;
    this.resetBy = from.end;
    this.conclude('reset');
  }

  // --- what the streams give

  bytes(from: End, seq: number, bytes: Buffer, start: number, end: number): void {
    this.following.bytes(from, seq, bytes, start, end);
  }

  gap(from: End, size: number): void {
    this.following.gap(from, size);
  }

  fin(from: End): void {
    this.following.fin(from);
    if (this.low.finished && this.high.finished && this.over === null) this.conclude('fin');
  }

  sequence(): number {
    return this.following.sequence >>> 0;
  }

  handOver(protocol: number | null): void {
    this.following.handOver(protocol);
  }

  // --- its life

  tick(): void {
    this.low.settle(false);
    this.high.settle(false);
    const busy = this.following.tick();
    if (!busy && !this.low.waiting && !this.high.waiting) this.deactivate();
  }

  /** The connection is over; its row waits for stray packets. */
  private conclude(how: 'fin' | 'reset'): void {
    this.over = how;
    this.overSince = this.core.now;
    if (!this.oriented) this.settleOrientation();
    this.low.flush();
    this.high.flush();
    this.following.close('idle', this.resetBy);
    this.deactivate();
    this.core.wheel.schedule(this, this.core.now + this.core.limits.tcpClosedLinger);
  }

  protected stop(how: FlowEnd): FlowEnd {
    if (this.redirect !== null) this.core.redirects.delete(this);
    if (this.over !== null) return this.over;
    if (!this.oriented) this.settleOrientation();
    this.low.flush();
    this.high.flush();
    // What was held may have ended with both FINs.
    if (this.over !== null) return this.over;
    if (how === 'idle') count(this.core, 'cap_tcpIdle');
    this.following.close(how === 'capture_end' ? 'capture_end' : 'idle', -1);
    return how;
  }

  protected idleTime(): number {
    return this.over === null ? this.core.limits.tcpIdle : this.core.limits.tcpClosedLinger;
  }

  protected override announces(): boolean {
    return this.over === null;
  }

  protected settleOrientation(): void {
    this.guessOrientation('tcp', 0);
  }

  /** Initial sequence numbers, when they were seen: with one guessed from later bytes another end would not agree. */
  protected override writeKey(out: RecordWriter): void {
    const [client, server] = this.client === 0 ? [this.low, this.high] : [this.high, this.low];
    if (!client.syn) return;
    out.u32(Head.requestSeq, client.origin);
    out.u32(Head.responseSeq, server.syn ? server.origin : 0);
    out.u32(Head.hashLow, TCP_FLOW);
  }

  protected rowProtocol(): number {
    return ProtocolNumber.tcp;
  }

  protected state(): FlowState {
    if (this.over === 'reset') return 'reset';
    if (this.over === 'fin') return 'closed';
    if (this.low.fin || this.high.fin) return 'half_closed';
    if (this.midstream || (this.low.packets > 0 && this.high.packets > 0)) return 'established';
    return 'connecting';
  }

  /**
   * reset: a RST before both FINs. no_response: a SYN and nothing from the server. incomplete: bytes are missing. A stream
   * joined in the middle is ok: what was seen of it is whole.
   */
  protected outcome(): Outcome {
    if (this.over === 'reset') return 'reset';
    const server = this.client === 0 ? this.high : this.low;
    if (!this.midstream && server.packets === 0) return 'no_response';
    return this.low.gaps + this.high.gaps > 0 ? 'incomplete' : 'ok';
  }
}
