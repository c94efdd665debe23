/** What is not whole about an entry, in sentences. */
import { type Entry, formatCounted, formatDuration, type Side } from '@kubeshark/model';

export function stateWords(entry: Entry): string[] {
  if (entry.kind === 'flow') return flowWords(entry);
  const { outcome, state, capture } = entry;
  const words: string[] = [];
  if (state === 'open') {
    if (entry.response === null && entry.kind === 'call') words.push('No answer was seen yet.');
  } else {
    const closed = closedWords(entry);
    if (closed !== null) words.push(closed);
    else if (outcome === 'no_response') words.push('No answer was seen.');
    else if (outcome === 'reset') words.push('The connection was reset before the call had ended.');
  }
  if (outcome === 'no_request')
    words.push(
      capture.midstream
        ? 'The request was not captured: the stream was joined in the middle.'
        : 'The request was not captured.',
    );
  const malformed = malformedWords(entry);
  if (outcome === 'incomplete' && capture.missing === 0 && malformed.length === 0)
    words.push('Not all of it was captured.');
  words.push(...malformed);
  words.push(...missingWords(entry));
  const unlinked = unlinkedWords(entry);
  if (unlinked !== null) words.push(unlinked);
  return words;
}

/** Between an application and its sidecar, it seems; the other legs of the call are rows of their own. */
function unlinkedWords({ protocol, src, dst, request, legs, seenBy }: Entry): string | null {
  if (protocol !== 'http' || request === null || legs || !src.pod) return null;
  if (request.headers.some(([name]) => /^(x-request-id|traceparent)$/i.test(name))) return null;
  if (src.pod.uid === dst.pod?.uid)
    return 'It stays within its pod, and has no x-request-id or traceparent by which it could be joined with the call outside, which is a row of its own. When the application sends one of these headers they are one row.';
  if (seenBy.length > 0 && seenBy.every((seen) => seen.pod && seen.interface === 'lo'))
    return 'It was captured on its way to the sidecar of its own pod, and has no x-request-id or traceparent by which it could be joined with what the sidecar made of it: that is a row of its own, or is encrypted. When the application sends one of these headers they are one row.';
  return null;
}

/** `The client gave up after 1.000 s.`; null when nobody closed the connection before the call had ended. */
export function closedWords({ fields, outcome, response }: Entry): string | null {
  const { closedBy, closedAfter } = fields;
  if (typeof closedAfter !== 'number') return null;
  const after = `after ${formatDuration(closedAfter)}`;
  const reset = outcome === 'reset';
  if (closedBy === 'client')
    return `The client gave up ${after}${response ? ', before the answer had ended' : ''}${reset ? ', with a reset' : ''}.`;
  return `The server ${reset ? 'reset' : 'closed'} the connection ${after}, ${response ? 'before its answer had ended' : 'without an answer'}.`;
}

const MALFORMED: Readonly<Record<string, string>> = {
  http_bad_chunk: 'is malformed: a chunk of its body has no valid size or end, and what follows was not read',
  http_conflicting_length: 'says its length in ways that contradict each other',
};

function malformedWords({ request, response }: Entry): string[] {
  return [['request', request] as const, ['response', response] as const].flatMap(([name, side]) => {
    const anomaly = side?.fields['anomaly'];
    if (typeof anomaly !== 'string') return [];
    return [`The ${name} ${MALFORMED[anomaly] ?? `is malformed (${anomaly})`}.`];
  });
}

/** Of a connection, datagrams between two ports, or ICMP messages. */
function flowWords(entry: Entry): string[] {
  const { outcome, protocol, status } = entry;
  const words: string[] = [];
  if (outcome === 'no_response') words.push('Nothing came back.');
  if (outcome === 'reset')
    words.push(status === 'refused' ? 'The connection was refused.' : 'The connection was reset.');
  const calls = Number(entry.fields['calls'] ?? 0);
  if (calls > 0) words.push(`${formatCounted(calls, 'call was', 'calls were')} recognised in it.`);
  else if (protocol !== 'icmp')
    words.push(
      'No call was recognised in it: nothing was said, it is encrypted, or of a protocol that is not read.',
    );
  words.push(...missingWords(entry));
  return words;
}

function missingWords(entry: Entry): string[] {
  const { missing } = entry.capture;
  if (missing === 0) return [];
  // The count is of both sides: a side whose body is whole lacks nothing.
  const sides = (['request', 'response'] as const).filter((side) => lacksBody(entry[side]));
  const of = sides.length === 0 ? '' : ` of the ${sides.join(' and the ')}`;
  return [`${formatCounted(missing, 'byte')}${of} ${missing === 1 ? 'was' : 'were'} not captured.`];
}

function lacksBody(side: Side | null): boolean {
  return side !== null && side.bodySize > 0 && (side.body?.truncated ?? true);
}

/** Why a side of the call is empty. */
export function missingSide(entry: Entry, side: 'request' | 'response'): string {
  if (side === 'request') return 'The request was not captured.';
  if (entry.kind === 'message') return 'One-way: nothing is answered.';
  if (entry.state === 'open') return 'No answer yet.';
  const closed = closedWords(entry);
  if (closed !== null) return closed;
  return entry.outcome === 'reset' ? 'The connection was reset before an answer.' : 'No answer was seen.';
}

/** Flags of how it was captured, in words. */
export function captureWords({ capture }: Entry): string[] {
  const words: string[] = [];
  if (capture.midstream) words.push('joined in the middle');
  if (capture.retransmitted) words.push('bytes were sent again');
  if (capture.snapped) words.push('packets were cut by the snap length');
  if (capture.clientGuessed) words.push('which side is the client was guessed');
  if (capture.missing > 0)
    words.push(`${formatCounted(capture.missing, 'byte was', 'bytes were')} not captured`);
  return words;
}
