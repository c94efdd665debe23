/** Overwrites secrets in a record before it leaves the worker: same length, marked as ranges (DESIGN: redaction). */

import type { RedactionRules } from '@kubeshark/dissect';
import { expanderOf } from '@kubeshark/dissect';
import type { RecordWriter } from '@kubeshark/model';
import { RecordView, Section } from '@kubeshark/model';

/** What a cluster's worker overwrites when nobody says otherwise. */
export const DEFAULT_RULES: RedactionRules = {
  headers: new Set(['authorization', 'cookie', 'set-cookie', 'proxy-authorization', 'x-api-key']),
  queryParameters: new Set(),
  jsonFields: new Set(),
};

const STAR = '*'.charCodeAt(0);

/** A step for `RecordWriter.beforeCommit`. */
export function redactor(rules: RedactionRules): (writer: RecordWriter) => void {
  const view = new RecordView();
  return (writer) => {
    view.at(writer.bytes, writer.start);
    const expander = expanderOf(view.protocolNumber);
    if (!expander?.secrets) return;
    const ranges: number[] = [];
    expander.secrets(view, rules, (section, start, length) => {
      const span = view.section(section as (typeof Section)[keyof typeof Section]);
      if (start < 0 || length <= 0 || span.start + start + length > span.end) return;
      writer.bytes.fill(STAR, span.start + start, span.start + start + length);
      ranges.push(section, start, length);
    });
    if (ranges.length > 0) writer.append(Section.redactions, Buffer.from(Uint32Array.from(ranges).buffer));
  };
}
