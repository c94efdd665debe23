import type { Limits, Outcome, RecordWriter } from '@kubeshark/model';
import { Flag, Head, KindNumber, OutcomeNumber, Section, StateNumber } from '@kubeshark/model';
import type { Core } from './core.ts';
import { count } from './core.ts';
import type { FlowEnd, FlowSideCounters, FlowState } from './flow-record.ts';
import { FLOW_RECORD_BYTES, writeFlowCounters } from './flow-record.ts';
import type { Packet } from './net/packet.ts';
import type { Anomaly, ByteBudget, FlowContext, Side } from './protocol.ts';
import type { Timed } from './timer-wheel.ts';

/** One end of a flow's key. */
export type End = 0 | 1;

/** What one end sent. */
export class EndCounters implements FlowSideCounters {
  packets = 0;
  bytes = 0;
  payloadBytes = 0;
  retransmittedBytes = 0;
  gapBytes = 0;
  gaps = 0;
  outOfOrder = 0;
  zeroWindows = 0;
  syn = false;
  fin = false;
  rst = false;
}

/** An open flow's row is written again at most this often: its counters change all the time and nobody waits for them. */
const ANNOUNCE_FLOW_EVERY = 10_000_000;

const extra = Buffer.alloc(FLOW_RECORD_BYTES);
const blank = new Uint8Array(Head.size);

/** Both directions of a 5-tuple at a place. */
export abstract class Flow implements FlowContext, ByteBudget, Timed {
  readonly core: Core;
  readonly number: number;
  readonly transport: number;
  readonly place: number;

  // The key, canonical; see FlowTable.
  readonly hash: number;
  readonly tag: number;
  readonly ports: number;
  readonly low0: number;
  readonly low1: number;
  readonly low2: number;
  readonly low3: number;
  readonly high0: number;
  readonly high1: number;
  readonly high2: number;
  readonly high3: number;
  chain: Flow | null = null;

  due = 0;
  timerNext: Timed | null = null;
  timerPrevious: Timed | null = null;
  timerSlot = -1;
  /** Place in `core.active`, −1 when not in it. */
  activeAt = -1;

  readonly low: EndCounters;
  readonly high: EndCounters;
  /** Stamp of the first packet. */
  readonly first: number;
  /** Highest stamp of its packets: what followers get, so that time does not go back within a flow. */
  clock: number;
  /** Core time of the last packet: what idle times are measured with. */
  seen: number;

  /** Which end is the client; fixed (unless guessed) before anything is written. */
  client: End = 0;
  oriented = false;
  clientGuessed = false;
  midstream = false;
  snapped = false;
  retransmissions = 0;
  /** Protocol recognised, 0 none. */
  protocol = 0;
  calls = 0;

  private head: Uint8Array | null = null;
  /** Another address of one end than that of the key. */
  private shown: { end: End; address: readonly number[]; port: number } | null = null;
  private taken = 0;
  private revision = 0;
  private announceAt: number;
  private announcedPackets = 0;

  constructor(core: Core, p: Packet, transport: number, low: EndCounters, high: EndCounters) {
    const { table } = core;
    this.core = core;
    this.number = ++core.counters.flows;
    this.transport = transport;
    this.place = p.place;
    this.hash = table.hash;
    this.tag = table.tag;
    this.ports = table.ports;
    this.low0 = table.low[0]!;
    this.low1 = table.low[1]!;
    this.low2 = table.low[2]!;
    this.low3 = table.low[3]!;
    this.high0 = table.high[0]!;
    this.high1 = table.high[1]!;
    this.high2 = table.high[2]!;
    this.high3 = table.high[3]!;
    this.low = low;
    this.high = high;
    this.first = this.clock = p.time;
    this.seen = core.now;
    this.announceAt = core.now + core.limits.announceAfter;
    core.table.add(this);
    core.wheel.schedule(this, this.announceAt);
  }

  // --- what followers see

  get out(): RecordWriter {
    return this.core.out;
  }
  get limits(): Limits {
    return this.core.limits;
  }
  get budget(): ByteBudget {
    return this;
  }

  /** Made when first asked for: a flow without calls does without. */
  get template(): Uint8Array {
    this.head ??= this.makeHead();
    return this.head;
  }

  nextIndex(): number {
    this.core.counters.calls++;
    return ++this.calls;
  }

  anomaly(name: Anomaly): void {
    count(this.core, name);
  }

  take(n: number): boolean {
    if (this.core.unfinishedBytes + n > this.core.limits.unfinishedBytes) {
      count(this.core, 'cap_unfinishedBytes');
      return false;
    }
    this.core.unfinishedBytes += n;
    this.taken += n;
    return true;
  }

  give(n: number): void {
    // A follower that gives too much must not lift the cap for the others.
    const given = Math.min(n, this.taken);
    this.core.unfinishedBytes -= given;
    this.taken -= given;
  }

  abstract sequence(): number;
  abstract handOver(protocol: number | null): void;

  // --- which side is which

  side(end: End): Side {
    return (end ^ this.client) as Side;
  }

  portOf(end: End): number {
    if (this.shown?.end === end) return this.shown.port;
    return end === 0 ? this.ports >>> 16 : this.ports & 0xffff;
  }

  private writeAddress(view: DataView, at: number, end: End): void {
    const address = this.shown?.end === end ? this.shown.address : null;
    view.setInt32(at, address?.[0] ?? (end === 0 ? this.low0 : this.high0));
    view.setInt32(at + 4, address?.[1] ?? (end === 0 ? this.low1 : this.high1));
    view.setInt32(at + 8, address?.[2] ?? (end === 0 ? this.low2 : this.high2));
    view.setInt32(at + 12, address?.[3] ?? (end === 0 ? this.low3 : this.high3));
  }

  /** The end is shown with the sender's address from now on. */
  protected show(end: End, p: Packet): void {
    this.shown = { end, address: senderOf(p), port: p.srcPort };
    this.head = null;
  }

  protected isShownAs(p: Packet): boolean {
    if (this.shown?.port !== p.srcPort) return false;
    const [a, b, c, d] = this.shown.address;
    const { view, v6, src } = p;
    if (!v6) return d === view.getInt32(src) && c === 0xffff && a === 0 && b === 0;
    return (
      a === view.getInt32(src) &&
      b === view.getInt32(src + 4) &&
      c === view.getInt32(src + 8) &&
      d === view.getInt32(src + 12)
    );
  }

  orient(client: End, guessed: boolean): void {
    if (client !== this.client) this.head = null;
    this.client = client;
    this.oriented = true;
    this.clientGuessed = guessed;
  }

  /** May the sides still be swapped: nothing but the flow's own row was written with them. */
  get swappable(): boolean {
    return !this.oriented || (this.clientGuessed && this.calls === 0);
  }

  /** Nothing told which end is the server: a port that a protocol has, else the lower one. */
  guessOrientation(transport: 'tcp' | 'udp', sender: End): void {
    const { registry } = this.core;
    const low = this.portOf(0);
    const high = this.portOf(1);
    const lowKnown = registry.known(transport, low);
    if (lowKnown !== registry.known(transport, high)) this.orient(lowKnown ? 1 : 0, true);
    else if (low !== high) this.orient(low < high ? 1 : 0, true);
    else this.orient(sender, true);
  }

  // --- its life

  /** Time passes; called every 100 ms of core time while the flow is in `core.active`. */
  abstract tick(): void;
  /** The flow is over: streams are flushed, followers closed. Returns how it ended, which may have been before. */
  protected abstract stop(how: FlowEnd): FlowEnd;
  /** Core time without packets after which the flow is over. */
  protected abstract idleTime(): number;
  protected abstract settleOrientation(): void;
  protected abstract state(): FlowState;
  protected abstract outcome(): Outcome;

  /** Writes the closed row and takes the flow out of everything. */
  finish(how: FlowEnd): void {
    const { core } = this;
    this.writeRow(this.stop(how));
    this.giveBack();
    core.table.delete(this);
    core.wheel.remove(this);
    this.deactivate();
  }

  /** The wheel reached it. */
  timer(): void {
    const { now } = this.core;
    const idleAt = this.seen + this.idleTime();
    if (idleAt <= now) {
      this.finish('idle');
      return;
    }
    if (this.announceAt <= now) {
      const packets = this.low.packets + this.high.packets;
      if (packets !== this.announcedPackets && this.announces()) {
        this.announcedPackets = packets;
        this.writeRow('open');
      }
      this.announceAt = now + ANNOUNCE_FLOW_EVERY;
    }
    this.core.wheel.schedule(this, Math.min(this.announceAt, idleAt));
  }

  protected announces(): boolean {
    return true;
  }

  /** Gives back all that its follower took. */
  giveBack(): void {
    this.core.unfinishedBytes -= this.taken;
    this.taken = 0;
  }

  activate(): void {
    if (this.activeAt >= 0) return;
    this.activeAt = this.core.active.length;
    this.core.active.push(this);
  }

  deactivate(): void {
    const { active } = this.core;
    if (this.activeAt < 0) return;
    const last = active.pop()!;
    if (last !== this) {
      active[this.activeAt] = last;
      last.activeAt = this.activeAt;
    }
    this.activeAt = -1;
  }

  // --- its row

  private makeHead(): Uint8Array {
    const bytes = new Uint8Array(Head.size);
    const view = new DataView(bytes.buffer);
    view.setFloat64(Head.elapsed, -1, true);
    view.setFloat64(Head.requestEnd, -1, true);
    view.setFloat64(Head.responseStart, -1, true);
    view.setFloat64(Head.flow, this.number, true);
    const srcIsLow = this.client === 0;
    this.writePorts(view, srcIsLow);
    this.writeAddress(view, srcIsLow ? Head.srcIp : Head.dstIp, 0);
    this.writeAddress(view, srcIsLow ? Head.dstIp : Head.srcIp, 1);
    bytes[Head.transport] = this.transport;
    view.setUint16(Head.place, this.place, true);
    return bytes;
  }

  protected writePorts(view: DataView, srcIsLow: boolean): void {
    view.setUint16(Head.srcPort, this.portOf(srcIsLow ? 0 : 1), true);
    view.setUint16(Head.dstPort, this.portOf(srcIsLow ? 1 : 0), true);
  }

  protected abstract rowProtocol(): number;
  protected icmpType = 0;
  protected icmpCode = 0;
  /** µs from the SYN to the end of the handshake, −1 unknown. */
  protected handshake = -1;

  private writeRow(end: FlowEnd): void {
    if (!this.oriented) this.settleOrientation();
    const { out } = this.core;
    const client = this.client === 0 ? this.low : this.high;
    const server = this.client === 0 ? this.high : this.low;
    out.begin(this.head ?? blank);
    if (this.head === null) {
      // Not worth a template of its own.
      out.bytes.set(this.makeHead(), out.start);
    }
    out.u8(Head.kind, KindNumber.flow);
    out.u8(Head.state, end === 'open' ? StateNumber.open : StateNumber.closed);
    out.u8(Head.protocol, this.rowProtocol());
    out.u8(Head.outcome, OutcomeNumber[this.outcome()]);
    out.u32(Head.revision, this.revision++);
    out.u32(Head.flags, this.flags());
    out.f64(Head.timestamp, this.first);
    out.f64(Head.elapsed, this.clock - this.first);
    out.f64(Head.requestSize, client.payloadBytes);
    out.f64(Head.responseSize, server.payloadBytes);
    out.f64(Head.missing, client.gapBytes + server.gapBytes);
    this.writeKey(out);
    writeFlowCounters(
      {
        state: this.state(),
        end,
        protocol: this.protocol,
        calls: this.calls,
        handshake: this.handshake,
        icmpType: this.icmpType,
        icmpCode: this.icmpCode,
        client,
        server,
      },
      extra,
    );
    out.append(Section.extra, extra);
    out.commit();
  }

  /** What both ends of it agree on, through address translation; nothing where there is none. */
  protected writeKey(_out: RecordWriter): void {}

  private flags(): number {
    return (
      (this.snapped ? Flag.snapped : 0) |
      (this.midstream ? Flag.midstream : 0) |
      (this.clientGuessed ? Flag.clientGuessed : 0) |
      (this.calls > 0 ? Flag.flowHasCalls : 0) |
      (this.retransmissions > 0 ? Flag.retransmitted : 0)
    );
  }
}

/** As the key has addresses. */
function senderOf({ view, v6, src }: Packet): number[] {
  const word = (i: number) => view.getInt32(src + 4 * i);
  return v6 ? [word(0), word(1), word(2), word(3)] : [0, 0, 0xffff, word(0)];
}
