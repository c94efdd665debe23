/** What a call's record says beside the call itself: JSON in its extra section, written by the follower. */
import type { RecordView } from '@kubeshark/model';
import { Section } from '@kubeshark/model';

/** More than any call says. */
const MOST = 250;

function extraOf(record: RecordView): Record<string, unknown> {
  const { bytes, start, end } = record.section(Section.extra);
  if (start === end || end - start > MOST) return {};
  try {
    return (JSON.parse(bytes.toString('latin1', start, end)) ?? {}) as Record<string, unknown>;
  } catch {
    return {};
  }
}

/** `{lateFor}` of an answer that came after its call had been given up: the index of that call in the same flow. */
export function lateAnswerFields(record: RecordView): Record<string, unknown> {
  const { lateFor } = extraOf(record);
  return typeof lateFor === 'number' ? { lateFor } : {};
}

/** `{closedBy, closedAfter}` of a call that was not answered to its end: who closed the connection, and when. */
export function closedFields(record: RecordView): Record<string, unknown> {
  const { closedBy, closedAfter } = extraOf(record);
  const known = (closedBy === 'client' || closedBy === 'server') && typeof closedAfter === 'number';
  return known ? { closedBy, closedAfter } : {};
}

/** `{anomaly}`: what was malformed in that side, by the name under which it is counted. */
export function anomalyFields(record: RecordView, side: 'request' | 'response'): Record<string, unknown> {
  const anomaly = extraOf(record)[side];
  return typeof anomaly === 'string' && /^[a-z_]{1,40}$/.test(anomaly) ? { anomaly } : {};
}
