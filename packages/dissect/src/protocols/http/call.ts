/** A call while it is followed, and its record. */
import type { RecordWriter, SectionNumber } from '@kubeshark/model';
import { Flag, Head, KindNumber, OutcomeNumber, ProtocolNumber, Section } from '@kubeshark/model';
import type { FlowContext, Side } from '../../protocol.ts';
import { CLIENT } from '../../protocol.ts';
import type { HttpMessage } from './message.ts';

export type OutcomeCode = (typeof OutcomeNumber)[keyof typeof OutcomeNumber];

export interface Call {
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

/** The end of a connection: who closed or reset it first, and when. */
export interface Closing {
  by: Side;
  at: number;
}

/** `closing`: when it ends without its whole answer. */
export function writeCall(
  flow: FlowContext,
  call: Call,
  state: number,
  outcome: OutcomeCode,
  closing: Closing | null = null,
): void {
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
  out.u32(Head.flags, flagsOf(flow, call));
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
  if (request !== null) appendMessage(out, Section.requestHead, request);
  if (response !== null) appendMessage(out, Section.responseHead, response);
  out.hash(first.headEnd - first.at);
  if (call.lateFor > 0 || closing || request?.anomaly || response?.anomaly) {
    const extra = {
      ...(call.lateFor > 0 && { lateFor: call.lateFor }),
      ...(closing && {
        closedBy: closing.by === CLIENT ? 'client' : 'server',
        closedAfter: closing.at - start,
      }),
      ...(request?.anomaly && { request: request.anomaly }),
      ...(response?.anomaly && { response: response.anomaly }),
    };
    out.append(Section.extra, Buffer.from(JSON.stringify(extra)));
  }
  out.commit();
}

function appendMessage(out: RecordWriter, section: SectionNumber, message: HttpMessage): void {
  out.appendParts(section, message.bytes, message.at, message.headEnd, message.bodyEnd, message.end);
}

function flagsOf(flow: FlowContext, { request, response, retransmissions }: Call): number {
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

export function statusOutcome(status: number): OutcomeCode {
  return status >= 500
    ? OutcomeNumber.server_error
    : status >= 400
      ? OutcomeNumber.client_error
      : OutcomeNumber.ok;
}
