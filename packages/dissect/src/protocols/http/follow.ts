/** Pairs the requests and responses of one HTTP/1.x connection, in order (RFC 9112 section 9.3.2), and writes their records. */
import { OutcomeNumber, StateNumber } from '@kubeshark/model';
import type { FlowContext, Side, StreamEnd, StreamFollower } from '../../protocol.ts';
import { CLIENT, SERVER } from '../../protocol.ts';
import type { Call, Closing, OutcomeCode } from './call.ts';
import { statusOutcome, writeCall } from './call.ts';
import { readMethod } from './head.ts';
import type { HttpMessage } from './message.ts';
import { Method } from './message.ts';
import type { ReaderEvents } from './reader.ts';
import { HttpReader } from './reader.ts';

/** µs without a byte after which everything that was asked on a connection counts as answered. */
const SILENCE = 1_000_000;
/** A call that holds this much is announced less often: each time all of it travels again. */
const ANNOUNCED_BYTES = 65_536;

export class HttpFollower implements StreamFollower {
  private readonly flow: FlowContext;
  private readonly client: HttpReader;
  private readonly server: HttpReader;
  /** Calls whose request has come and whose record is not written, in order. */
  private pending: Call[] = [];
  /** The call whose response is being read. */
  private answering: Call | null = null;
  /** The call whose request is being read, its head being known. */
  private asking: Call | null = null;
  /** Numbers of calls given up whose answers may still come. */
  private readonly late: number[] = [];
  /** Requests have been sent before those before were answered. */
  private pipelined = false;
  /** Bytes were lost that may have held whole responses, or requests. `lostBytes`: those that are of no call so far. */
  private lostResponses = false;
  private lostBytes = 0;
  /** Since the newest request and the newest answer. */
  private lostRequests = false;
  /** Number of the newest call before such a loss, should it turn out that the client pipelines; −1 no loss. */
  private lostAfter = -1;
  /**
   * After a loss nobody can tell which answer belongs to which request of a client that pipelines: both are shown alone,
   * until the connection is silent.
   */
  private unsure = false;
  private lastTime = 0;
  private wasReset = false;
  private closing: Closing | null = null;

  constructor(flow: FlowContext) {
    this.flow = flow;
    const requests: ReaderEvents = {
      head: (message) => this.requestHead(message),
      complete: () => this.requestEnds(),
      broken: (message, headKnown) => this.requestBroken(message, headKnown),
      lost: () => {
        this.lostRequests = true;
        if (this.lostAfter < 0) this.lostAfter = this.pending.at(-1)?.index ?? 0;
      },
    };
    const responses: ReaderEvents = {
      head: (message) => this.responseHead(message),
      complete: () => this.responseEnds(false),
      broken: (message, headKnown) => this.responseBroken(message, headKnown),
      lost: (bytes) => {
        if (this.pending.length === 0) return;
        this.lostResponses = true;
        this.lostBytes += bytes;
      },
    };
    this.client = new HttpReader(CLIENT, flow, requests);
    this.server = new HttpReader(SERVER, flow, responses);
  }

  get idle(): boolean {
    return this.pending.length === 0 && this.answering === null;
  }

  data(from: Side, bytes: Buffer, start: number, end: number, time: number): number {
    if (time - this.lastTime >= SILENCE) {
      this.unsure = false;
      this.lostAfter = -1;
    }
    this.lastTime = time;
    const reader = from === CLIENT ? this.client : this.server;
    return reader.read(bytes, start, end, this.flow.sequence(), time);
  }

  gap(from: Side, size: number, time: number): void {
    (from === CLIENT ? this.client : this.server).gap(size, time);
  }

  end(from: Side, how: StreamEnd, time: number): void {
    if (how === 'fin' || how === 'reset') this.closing ??= { by: from, at: time };
    if (how === 'reset') {
      this.wasReset = true;
      this.client.end(how);
      this.server.end(how);
      this.giveUp(OutcomeNumber.reset);
      return;
    }
    if (from === CLIENT) {
      this.client.end(how);
      return;
    }
    this.server.end(how);
    // No answer can come any more; a request still on its way is waited for.
    while (this.pending[0]?.requestDone) this.drop(this.pending[0], OutcomeNumber.no_response);
  }

  advance(time: number): void {
    const { callTimeout, announceAfter } = this.flow.limits;
    for (;;) {
      const call = this.pending[0];
      if (!call || call.response !== null || !call.requestDone) break;
      if (time - call.request!.lastTime < callTimeout) break;
      this.flow.anomaly('cap_callTimeout');
      this.giveUpWaiting(call);
    }
    for (const call of this.pending) {
      const { firstTime } = call.request!;
      if (time - firstTime >= announceAfter) this.announce(call, time);
    }
    const { answering } = this;
    if (answering?.request === null && time - answering.response!.firstTime >= announceAfter)
      this.announce(answering, time);
  }

  close(): void {
    this.client.end('capture_end');
    this.server.end('capture_end');
    this.giveUp(OutcomeNumber.no_response);
  }

  // --- requests

  private requestHead(message: HttpMessage): boolean {
    this.asking = this.newCall(message);
    return false;
  }

  private newCall(request: HttpMessage): Call {
    // One before may be answered, by bytes that were lost.
    if (
      this.pipelined ||
      (this.pending.length > 1 && this.pending.at(-2)!.response === null && !this.lostResponses)
    )
      this.doesNotWait();
    const { pending } = this;
    this.lostRequests = false;
    const call = this.call(request, null);
    if (this.unsure) return call;
    if (!this.pipelined && this.answering?.request === null) this.server.endUnlessBegun();
    if (pending.length >= this.flow.limits.pendingCalls) {
      this.flow.anomaly('cap_pendingCalls');
      const oldest = pending.find((each) => each.response === null && each.requestDone);
      if (oldest) this.giveUpWaiting(oldest);
    }
    pending.push(call);
    return call;
  }

  private doesNotWait(): void {
    this.pipelined = true;
    if (this.lostAfter >= 0) this.doubtAfter(this.lostAfter);
  }

  private call(request: HttpMessage | null, response: HttpMessage | null): Call {
    return {
      index: this.flow.nextIndex(),
      request,
      response,
      requestDone: request === null,
      responseDone: false,
      responseBroken: false,
      revision: 0,
      announced: -1,
      announcedSize: -1,
      retransmissions: this.flow.retransmissions,
      lateFor: 0,
    };
  }

  private requestEnds(): void {
    const call = this.asking!;
    this.asking = null;
    call.requestDone = true;
    if (call.responseDone) this.settle(call);
    else if (this.pending.at(-1) === call) call.request!.own(this.flow.budget);
    else this.drop(call, OutcomeNumber.incomplete);
  }

  private requestBroken(message: HttpMessage, headKnown: boolean): void {
    if (!headKnown) {
      if (!message.startLineRead && !readMethod(message)) {
        message.release(this.flow.budget);
        return;
      }
      // It was asked, and will be answered, although not all of it is known.
      this.asking = this.newCall(message);
    }
    message.bodyTruncated ||= headKnown;
    this.requestEnds();
  }

  // --- responses

  /** True when the response has no body whatever its head says (RFC 9112 section 6.3). */
  private responseHead(message: HttpMessage): boolean {
    const call = this.answered(message);
    this.answering = call;
    const { status } = message;
    const method = call.request?.method ?? Method.other;
    if (status === 101 || (method === Method.connect && status >= 200 && status < 300)) {
      this.client.end('capture_end');
      this.server.stop();
      this.flow.handOver(null);
      return true;
    }
    return method === Method.head || status === 204 || status === 304;
  }

  /** Whose answer a response is; a call of its own when nobody's. */
  private answered(message: HttpMessage): Call {
    if (this.lostResponses) this.skipLost();
    else if (this.pending.length > 1) this.doesNotWait();
    this.lostRequests = false;
    const [call] = this.pending;
    if (this.late.length === 0 && call && call.response === null) {
      call.response = message;
      return call;
    }
    message.unasked = true;
    const orphan = this.call(null, message);
    orphan.lateFor = this.late.shift() ?? 0;
    return orphan;
  }

  /** A client that does not pipeline has got all answers but that to its newest request. */
  private skipLost(): void {
    const doubt = this.unsure || (this.pipelined && this.pending.length > 1);
    // Where requests were lost as well, the answer may be to one of those.
    const keep = this.lostRequests ? 0 : 1;
    const [oldest] = this.pending;
    if (oldest?.requestDone && (doubt || this.pending.length > keep))
      oldest.request!.missing += this.lostBytes;
    if (doubt) this.doubtAfter(0);
    const { pending } = this;
    while (pending.length > keep && pending[0]!.requestDone) this.drop(pending[0]!, OutcomeNumber.incomplete);
    this.lostResponses = false;
    this.lostBytes = 0;
  }

  /** Unanswered calls newer than `index`, and those to come, get no answers until the connection is silent. */
  private doubtAfter(index: number): void {
    this.unsure = true;
    this.lostAfter = -1;
    const doubtful = this.pending.filter((call) => call.index > index && call.response === null);
    this.pending = this.pending.filter((call) => !doubtful.includes(call));
    // One whose request is still being read is written when that ends.
    for (const call of doubtful) if (call.requestDone) this.drop(call, OutcomeNumber.incomplete);
  }

  private responseEnds(broken: boolean): void {
    const call = this.answering!;
    this.answering = null;
    call.responseDone = true;
    call.responseBroken = broken;
    if (call.requestDone) this.settle(call);
    else call.response!.own(this.flow.budget);
  }

  private responseBroken(message: HttpMessage, headKnown: boolean): void {
    if (!headKnown) {
      if (this.pending.length === 0 && !message.startLineRead && message.length === 0) {
        message.release(this.flow.budget);
        return;
      }
      this.answering = this.answered(message);
    }
    message.bodyTruncated ||= headKnown;
    this.responseEnds(true);
  }

  // --- records

  /** Both sides are done. */
  private settle(call: Call): void {
    this.write(call, this.outcomeOf(call));
    this.remove(call);
  }

  /** Nothing more is expected of the call. */
  private drop(call: Call, outcome: OutcomeCode): void {
    this.write(call, call.responseDone ? this.outcomeOf(call) : outcome);
    this.remove(call);
  }

  private write(call: Call, outcome: OutcomeCode): void {
    const whole = call.responseDone && !call.responseBroken;
    writeCall(this.flow, call, StateNumber.closed, outcome, whole ? null : this.closing);
  }

  /** Its answer, should it come, is not taken for another call's. */
  private giveUpWaiting(call: Call): void {
    this.drop(call, OutcomeNumber.no_response);
    if (this.late.length < this.flow.limits.pendingCalls) this.late.push(call.index);
  }

  /** The connection is over. */
  private giveUp(outcome: OutcomeCode): void {
    for (let call = this.pending[0]; call; call = this.pending[0])
      this.drop(call, call.requestDone || this.wasReset ? outcome : OutcomeNumber.incomplete);
  }

  private remove(call: Call): void {
    const { pending } = this;
    // Alone, as all are whose client does not pipeline. `shift` leaves compiled code.
    if (pending.length === 1 && pending[0] === call) pending.pop();
    else if (pending[0] === call) pending.shift();
    else {
      const at = pending.indexOf(call);
      if (at > 0) pending.splice(at, 1);
    }
    call.request?.release(this.flow.budget);
    call.response?.release(this.flow.budget);
  }

  private announce(call: Call, time: number): void {
    const size = (call.request?.size ?? 0) + (call.response?.size ?? 0);
    if (size === call.announcedSize) return;
    const held = (call.request?.length ?? 0) + (call.response?.length ?? 0);
    const every = this.flow.limits.announceEvery * (1 + Math.floor(held / ANNOUNCED_BYTES));
    if (call.announced >= 0 && time - call.announced < every) return;
    call.announced = time;
    call.announcedSize = size;
    const status = call.response?.status ?? 0;
    writeCall(this.flow, call, StateNumber.open, status === 0 ? OutcomeNumber.ok : statusOutcome(status));
  }

  private outcomeOf({ request, response, responseBroken }: Call): OutcomeCode {
    if (responseBroken) return this.wasReset ? OutcomeNumber.reset : OutcomeNumber.incomplete;
    if (request === null) return OutcomeNumber.no_request;
    return response === null ? OutcomeNumber.no_response : statusOutcome(response.status);
  }
}
