/** What of a body is here, and what is not, in sentences. */
import { type Entry, formatCount, LIMITS, type Side } from '@kubeshark/model';

/** `here`: bytes of the body as it is shown. */
export function bodyNotes(side: Side, capture: Entry['capture'], here: number): string[] {
  const { body, bodySize } = side;
  if (!body || here === 0) {
    if (bodySize === 0) return [];
    return [
      capture.bodiesLeftOut
        ? 'The body was left out: the worker had no room for it.'
        : 'The body was not kept.',
    ];
  }
  const notes: string[] = [];
  const [shown, sent] = [formatCount(here), formatCount(bodySize)];
  if (body.error !== undefined)
    notes.push(`Could not be decoded: ${body.error}. These are the bytes as sent.`);
  if (body.encoding === undefined) {
    if (side.bodyTruncated && capture.missing > 0)
      notes.push(
        `Only ${shown} of ${sent} B were kept: the rest was over the limit of a body, or not captured.`,
      );
    else if (side.bodyTruncated) notes.push(`Only the first ${shown} of ${sent} B were kept.`);
    else if (body.truncated) notes.push(`Only ${shown} of ${sent} B are here.`);
  } else if (body.decodingStopped) {
    notes.push(
      `Sent as ${body.encoding} in ${sent} B. Decoding stopped at its limit: here are the first ${shown} B, the body is longer.`,
    );
  } else if (body.truncated) {
    notes.push(
      `Sent as ${body.encoding} in ${sent} B, not all of which were ${side.bodyTruncated ? 'kept' : 'captured'}: what could be decoded has ${shown} B.`,
    );
  } else notes.push(`Sent as ${body.encoding} in ${sent} B; decoded it has ${shown} B.`);
  if (body.text !== undefined && here > LIMITS.searchTextBytes)
    notes.push(`Filters look at its first ${formatCount(LIMITS.searchTextBytes)} B.`);
  const cut = side.bodyTruncated || body.truncated;
  if (cut && capture.source === 'file' && capture.missing === 0)
    notes.push('The capture file has all of it.');
  return notes;
}
