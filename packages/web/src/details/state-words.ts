/** What is not whole about a call, in sentences. */
import { type Entry, formatCount } from '@kubeshark/model';

export function stateWords(entry: Entry): string[] {
  const { outcome, state, capture } = entry;
  const words: string[] = [];
  if (state === 'open') {
    if (entry.response === null && entry.kind === 'call') words.push('No answer was seen yet.');
  } else if (outcome === 'no_response') words.push('No answer was seen.');
  else if (outcome === 'reset') words.push('The connection was reset before the call had ended.');
  if (outcome === 'no_request')
    words.push(
      capture.midstream
        ? 'The request was not captured: the stream was joined in the middle.'
        : 'The request was not captured.',
    );
  if (outcome === 'incomplete' && capture.missing === 0) words.push('Not all of it was captured.');
  if (capture.missing > 0)
    words.push(`${formatCount(capture.missing)} ${capture.missing === 1 ? 'byte' : 'bytes'} missing.`);
  return words;
}

/** Why a side of the call is empty. */
export function missingSide(entry: Entry, side: 'request' | 'response'): string {
  if (side === 'request') return 'The request was not captured.';
  if (entry.kind === 'message') return 'One-way: nothing is answered.';
  if (entry.state === 'open') return 'No answer yet.';
  return entry.outcome === 'reset' ? 'The connection was reset before an answer.' : 'No answer was seen.';
}

/** Flags of how it was captured, in words. */
export function captureWords({ capture }: Entry): string[] {
  const words: string[] = [];
  if (capture.midstream) words.push('joined in the middle');
  if (capture.retransmitted) words.push('bytes were sent again');
  if (capture.snapped) words.push('packets were cut by the snap length');
  if (capture.clientGuessed) words.push('which side is the client was guessed');
  if (capture.missing > 0) words.push(`${formatCount(capture.missing)} bytes were not captured`);
  return words;
}
