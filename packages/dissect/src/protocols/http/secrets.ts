/** Where values that redaction rules name lie in a record of HTTP. */
import type { RecordView, SectionNumber } from '@kubeshark/model';
import { Section } from '@kubeshark/model';
import type { RedactionRules } from '../../protocol.ts';
import { codingsOf } from './content-coding.ts';
import { fieldLines, headEnd, targetSpan } from './head-text.ts';
import { jsonValues } from './json-values.ts';

type Hit = (section: number, start: number, length: number) => void;

const QUESTION = 63;
const AMPERSAND = 38;
const EQUALS = 61;

export function httpSecrets(record: RecordView, rules: RedactionRules, hit: Hit): void {
  queryValues(record, rules, hit);
  for (const [head, body, tail] of [
    [Section.requestHead, Section.requestBody, Section.requestTail],
    [Section.responseHead, Section.responseBody, Section.responseTail],
  ] as const) {
    const coded = headerValues(record, head, rules, hit);
    headerValues(record, tail, rules, hit);
    bodyValues(record, body, coded, rules, hit);
  }
}

/** Values of named headers, in every head of the section; true when a header says that the body is coded. */
function headerValues(record: RecordView, section: SectionNumber, rules: RedactionRules, hit: Hit): boolean {
  const { bytes, start, end } = record.section(section);
  let coded = false;
  // Interim heads stand in front of the final one, each ended by an empty line.
  for (let at = start; at < end; at = headEnd(bytes, at, end))
    for (const { name, valueStart, valueEnd } of fieldLines(bytes, at, end)) {
      const lower = name.toLowerCase();
      if (rules.headers.has(lower) && valueEnd > valueStart)
        hit(section, valueStart - start, valueEnd - valueStart);
      if (lower === 'content-encoding' || lower === 'transfer-encoding')
        coded ||= codingsOf(bytes.toString('latin1', valueStart, valueEnd)).length > 0;
    }
  return coded;
}

function queryValues(record: RecordView, rules: RedactionRules, hit: Hit): void {
  if (rules.queryParameters.size === 0) return;
  const head = record.section(Section.requestHead);
  const { bytes, start, end } = targetSpan(head);
  // Each search ends with the parameter: a target of nothing but `&` must not be read once for each of them.
  for (let at = find(bytes, QUESTION, start, end) + 1; at < end; ) {
    const next = find(bytes, AMPERSAND, at, end);
    const value = find(bytes, EQUALS, at, next) + 1;
    if (value < next && rules.queryParameters.has(parameterName(bytes.toString('latin1', at, value - 1))))
      hit(Section.requestHead, value - head.start, next - value);
    at = next + 1;
  }
}

/** Offset of the byte; `end` when it is not there. */
function find(bytes: Buffer, byte: number, start: number, end: number): number {
  let at = start;
  while (at < end && bytes[at] !== byte) at++;
  return at;
}

function parameterName(sent: string): string {
  try {
    return decodeURIComponent(sent.replaceAll('+', ' ')).toLowerCase();
  } catch {
    return sent.toLowerCase();
  }
}

/** A coded body cannot be overwritten in part: where a rule could name something in it, all of it goes. */
function bodyValues(
  record: RecordView,
  section: SectionNumber,
  coded: boolean,
  rules: RedactionRules,
  hit: Hit,
): void {
  if (rules.jsonFields.size === 0) return;
  const { bytes, start, end } = record.section(section);
  if (start === end) return;
  if (coded) hit(section, 0, end - start);
  else
    jsonValues(bytes, start, end, rules.jsonFields, (valueStart, valueEnd) =>
      hit(section, valueStart - start, valueEnd - valueStart),
    );
}
