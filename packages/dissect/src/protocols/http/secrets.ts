/** Where values that redaction rules name lie in a record of HTTP. */
import type { RecordView, SectionNumber } from '@kubeshark/model';
import { Section } from '@kubeshark/model';
import type { RedactionRules } from '../../protocol.ts';
import { codingsOf } from './content-coding.ts';
import { fieldLines, headEnd } from './head-text.ts';
import { jsonValues } from './json-values.ts';

type Hit = (section: number, start: number, length: number) => void;

const LF = 10;
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
  const { bytes, start, end } = record.section(Section.requestHead);
  const feed = bytes.indexOf(LF, start);
  const stop = feed < 0 || feed > end ? end : feed;
  const question = bytes.indexOf(QUESTION, start);
  if (question < 0 || question >= stop) return;
  let targetEnd = question;
  while (targetEnd < stop && bytes[targetEnd]! > 32) targetEnd++;
  for (let at = question + 1; at < targetEnd; ) {
    let next = bytes.indexOf(AMPERSAND, at);
    if (next < 0 || next > targetEnd) next = targetEnd;
    const equals = bytes.indexOf(EQUALS, at);
    if (equals >= at && equals < next && equals + 1 < next) {
      const name = parameterName(bytes.toString('latin1', at, equals));
      if (rules.queryParameters.has(name)) hit(Section.requestHead, equals + 1 - start, next - equals - 1);
    }
    at = next + 1;
  }
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
