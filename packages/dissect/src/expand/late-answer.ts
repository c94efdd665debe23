/** An answer that came after its call had been given up names that call. */
import type { RecordView } from '@kubeshark/model';
import { Section } from '@kubeshark/model';

/** `{lateFor}`, the index of the call in the same flow, out of the extra section; {} for every other call. */
export function lateAnswerFields(record: RecordView): Record<string, unknown> {
  const { bytes, start, end } = record.section(Section.extra);
  if (start === end || end - start > 100) return {};
  try {
    const { lateFor } = JSON.parse(bytes.toString('latin1', start, end)) as { lateFor?: unknown };
    return typeof lateFor === 'number' ? { lateFor } : {};
  } catch {
    return {};
  }
}
