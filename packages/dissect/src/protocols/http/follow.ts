/** Pairs the requests and responses of one HTTP/1.x connection, in order (RFC 9112 section 9.3.2), and writes their records. */
import {
  Flag,
  Head,
  hashCall,
  KindNumber,
  OutcomeNumber,
  ProtocolNumber,
  Section,
  StateNumber,
} from '@kubeshark/model';
import type { FlowContext, Side, StreamEnd, StreamFollower } from '../../protocol.ts';
import { CLIENT, SERVER } from '../../protocol.ts';
import type { HttpMessage } from './message.ts';
import { Method } from './message.ts';
import type { ReaderEvents } from './reader.ts';
import { HttpReader } from './reader.ts';

type OutcomeCode = (typeof OutcomeNumber)[keyof typeof OutcomeNumber];

interface Call {
  index: number;
  request: HttpMessage | null;
  response: HttpMessage | null;
  /** Nothing more comes of that side. */
  requestDone: boolean;
  responseDone: boolean;
  /** The response could not be read to its end. */
  responseBroken: boolean;
  revision: number;
  /** µs of the last announcement; −1 none. `announcedSize`: bytes it had. */
  announced: number;
  announcedSize: number;
  /** Of the flow when the call began. */
  retransmissions: number;
  /** Number of the call that had been given up when this answer came; 0 none. */
  lateFor: number;
}

/** A call that holds this much is announced less often: each time all of it travels again. */
const ANNOUNCED_BYTES = 65_536;

const hash = new Uint32Array(2);

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
  /** A request has been sent before the one before was answered. */
  private pipelined = false;
  /** Bytes between the server's messages were lost: perhaps whole responses. */
  private lostResponses = 0;
  private wasReset = false;

  constructor(flow: FlowContext) {
    this.flow = flow;
    const requests: ReaderEvents = {
      head: (message) => this.requestHead(message),
      complete: () => this.requestEnds(),
      broken: (message, headKnown) => this.requestBroken(message, headKnown),
      lost: () => {},
    };
    const responses: ReaderEvents = {
      head: (message) => this.responseHead(message),
      complete: () => this.responseEnds(false),
      broken: (message, headKnown) => this.responseBroken(message, headKnown),
      lost: (bytes) => {
        if (this.pending.length > 0) this.lostResponses += bytes;
      },
    };
    this.client = new HttpReader(CLIENT, flow, requests);
    this.server = new HttpReader(SERVER, flow, responses);
  }

  get idle(): boolean {
    return this.pending.length === 0 && this.answering === null;
  }

  data(from: Side, bytes: Buffer, start: number, end: number, time: number): number {
    const reader = from === CLIENT ? this.client : this.server;
    return reader.read(bytes, start, end, this.flow.sequence(), time);
  }

  gap(from: Side, size: number, time: number): void {
    (from === CLIENT ? this.client : this.server).gap(size, time);
  }

  end(from: Side, how: StreamEnd): void {
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
    const { pending } = this;
    const before = pending.at(-1);
    if (before && before.response === null && this.lostResponses === 0) this.pipelined = true;
    if (pending.length >= this.flow.limits.pendingCalls) {
      this.flow.anomaly('http_too_many_pending');
      const oldest = pending.find((call) => call.response === null && call.requestDone);
      if (oldest) this.giveUpWaiting(oldest);
    }
    const call = this.call(request, null);
    pending.push(call);
    return call;
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
    else call.request!.own(this.flow.budget);
  }

  private requestBroken(message: HttpMessage, headKnown: boolean): void {
    if (!headKnown) {
      if (!message.startLineRead) {
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
    const { pending } = this;
    if (this.lostResponses > 0) {
      this.skipLost();
      this.lostResponses = 0;
    }
    const [call] = pending;
    if (this.late.length === 0 && call && call.response === null) {
      call.response = message;
      return call;
    }
    const orphan = this.call(null, message);
    orphan.lateFor = this.late.shift() ?? 0;
    return orphan;
  }

  /**
   * Responses were lost. A client that does not pipeline has got all answers but that to its newest request; where it
   * does, nobody can tell which answers are missing.
   */
  private skipLost(): void {
    const { pending } = this;
    const keep = this.pipelined && pending.length > 1 ? 0 : 1;
    while (pending.length > keep && pending[0]!.requestDone) {
      const call = pending[0]!;
      call.request!.missing += this.lostResponses;
      this.lostResponses = 0;
      this.drop(call, OutcomeNumber.incomplete);
    }
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
    this.write(call, StateNumber.closed, this.outcomeOf(call));
    this.remove(call);
  }

  /** Nothing more is expected of the call. */
  private drop(call: Call, outcome: OutcomeCode): void {
    this.write(call, StateNumber.closed, call.responseDone ? this.outcomeOf(call) : outcome);
    this.remove(call);
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
    if (pending[0] === call) pending.shift();
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
    this.write(call, StateNumber.open, status === 0 ? OutcomeNumber.ok : statusOutcome(status));
  }

  private write(call: Call, state: number, outcome: OutcomeCode): void {
    const { flow } = this;
    const { out } = flow;
    const { request, response } = call;
    const first = request ?? response!;
    const start = first.firstTime;
    out.begin(flow.template);
    out.u8(Head.kind, KindNumber.call);
    out.u8(Head.state, state);
    out.u8(Head.protocol, ProtocolNumber.http);
    out.u8(Head.outcome, outcome);
    out.u8(Head.version, first.version);
    out.u32(Head.revision, call.revision++);
    out.u32(Head.index, call.index);
    out.u32(Head.flags, this.flags(call));
    out.f64(Head.timestamp, start);
    if (request !== null) {
      if (call.requestDone) out.f64(Head.requestEnd, request.lastTime - start);
      out.u32(Head.requestSeq, request.seq);
      out.f64(Head.requestSize, request.size);
      out.f64(Head.requestBodySize, request.bodySize);
    }
    if (response !== null) {
      out.f64(Head.responseStart, response.firstTime - start);
      if (call.responseDone && request !== null)
        out.f64(Head.elapsed, Math.max(response.lastTime, request.lastTime) - start);
      out.u32(Head.responseSeq, response.seq);
      out.f64(Head.responseSize, response.size);
      out.f64(Head.responseBodySize, response.bodySize);
    }
    out.f64(Head.missing, (request?.missing ?? 0) + (response?.missing ?? 0));
    hashCall(first.bytes, first.at, first.headEnd, hash);
    out.u32(Head.hashLow, hash[0]!);
    out.u32(Head.hashHigh, hash[1]!);
    if (request !== null) {
      out.append(Section.requestHead, request.bytes, request.at, request.headEnd);
      out.append(Section.requestBody, request.bytes, request.headEnd, request.bodyEnd);
      out.append(Section.requestTail, request.bytes, request.bodyEnd, request.end);
    }
    if (response !== null) {
      out.append(Section.responseHead, response.bytes, response.at, response.headEnd);
      out.append(Section.responseBody, response.bytes, response.headEnd, response.bodyEnd);
      out.append(Section.responseTail, response.bytes, response.bodyEnd, response.end);
    }
    if (call.lateFor > 0) out.append(Section.extra, Buffer.from(JSON.stringify({ lateFor: call.lateFor })));
    out.commit();
  }

  private outcomeOf({ request, response, responseBroken }: Call): OutcomeCode {
    if (responseBroken) return this.wasReset ? OutcomeNumber.reset : OutcomeNumber.incomplete;
    if (request === null) return OutcomeNumber.no_request;
    return response === null ? OutcomeNumber.no_response : statusOutcome(response.status);
  }

  private flags({ request, response, retransmissions }: Call): number {
    const { flow } = this;
    return (
      (request?.bodyTruncated ? Flag.requestBodyTruncated : 0) |
      (response?.bodyTruncated ? Flag.responseBodyTruncated : 0) |
      (request?.headTruncated || response?.headTruncated ? Flag.headTruncated : 0) |
      (flow.snapped ? Flag.snapped : 0) |
      (flow.midstream ? Flag.midstream : 0) |
      (flow.clientGuessed ? Flag.clientGuessed : 0) |
      (flow.retransmissions > retransmissions ? Flag.retransmitted : 0)
    );
  }
}

function statusOutcome(status: number): OutcomeCode {
  return status >= 500
    ? OutcomeNumber.server_error
    : status >= 400
      ? OutcomeNumber.client_error
      : OutcomeNumber.ok;
}
