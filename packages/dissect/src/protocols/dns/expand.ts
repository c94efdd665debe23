/** A DNS call or message as columns, fields and text. */
import type { RecordView, Span } from '@kubeshark/model';
import { Section } from '@kubeshark/model';
import { lateAnswerFields } from '../../expand/call-extra.ts';
import type { ExpandedSide, Expander } from '../../protocol.ts';
import { messageFields } from './fields-of.ts';
import { HEADER, isMessage, opcodeOf, questionEnd, questionType, rcodeOf } from './message.ts';
import { nameText } from './name.ts';
import { Opcode, opcodeName, rcodeName, typeName } from './numbers.ts';

function requestMessage(record: RecordView): Span | null {
  const message = record.section(Section.requestHead);
  return isMessage(message) ? message : null;
}

function responseMessage(record: RecordView): Span | null {
  const message = record.section(Section.responseHead);
  return isMessage(message) ? message : null;
}

/** The query, or for an answer without one the answer, which repeats the question. */
function questionMessage(record: RecordView): Span | null {
  return requestMessage(record) ?? responseMessage(record);
}

function side(message: Span | null): ExpandedSide | null {
  return message === null ? null : { headers: [], body: null, fields: { ...messageFields(message) } };
}

export const dnsExpander: Expander = {
  version: () => '',
  /** What is asked for: the type of the first question; of other operations than QUERY their name. */
  operation(record) {
    const message = questionMessage(record);
    if (message === null) return '';
    const opcode = opcodeOf(message);
    if (opcode !== Opcode.QUERY) return opcodeName(opcode);
    const type = questionType(message);
    return type === 0 ? opcodeName(opcode) : typeName(type);
  },
  /** The name of the first question (of an UPDATE the zone); of an mDNS announcement the name of its first record. */
  target(record) {
    const message = questionMessage(record);
    if (message === null) return '';
    const asked = questionEnd(message) >= 0;
    return (
      (asked || message.end > message.start + HEADER ? nameText(message, message.start + HEADER) : '') ?? ''
    );
  },
  status(record) {
    const message = responseMessage(record);
    return message === null ? '' : rcodeName(rcodeOf(message));
  },
  statusCode(record) {
    const message = responseMessage(record);
    return message === null ? 0 : rcodeOf(message);
  },
  request: (record) => side(requestMessage(record)),
  response: (record) => side(responseMessage(record)),
  fields: lateAnswerFields,
};

/** Names asked for. */
export function questionNames(record: RecordView): string[] {
  const message = questionMessage(record);
  return message === null ? [] : messageFields(message).questions.map((q) => q.name);
}

/** Types asked for. */
export function questionTypes(record: RecordView): string[] {
  const message = questionMessage(record);
  return message === null ? [] : messageFields(message).questions.map((q) => q.type);
}

/** Data of the answers. */
export function answerData(record: RecordView): string[] {
  const message = responseMessage(record);
  return message === null ? [] : messageFields(message).answers.map((a) => a.data);
}
