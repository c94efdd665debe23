/**
 * Bodies are stored once. Where the searched text of a body is the body's bytes, whole and unchanged, the record is
 * stored without that section and gets it back when read.
 */
import type { SectionNumber } from '@kubeshark/model';
import { Head, Section } from '@kubeshark/model';

export const ELIDED = { requestBody: 1, responseBody: 2 } as const;

const places = [
  { bit: ELIDED.requestBody, section: Section.requestBody },
  { bit: ELIDED.responseBody, section: Section.responseBody },
] as const;

function sectionStart(record: Buffer, section: SectionNumber): number {
  let start: number = Head.size;
  for (let i = 0; i < section; i++) start += record.readUInt32LE(Head.sections + i * 4);
  return start;
}

/** The bytes of a section; the record starts at 0. */
export function sectionOf(record: Buffer, section: SectionNumber): Buffer {
  const start = sectionStart(record, section);
  return record.subarray(start, start + record.readUInt32LE(Head.sections + section * 4));
}

/** Whether `text` in UTF-8 is exactly `section`. */
export function sameBytes(text: string, section: Buffer): boolean {
  if (text.length === 0 || text.length > section.length || section.length > text.length * 3) return false;
  return Buffer.from(text).equals(section);
}

/** The record without the sections in `elided`; its head keeps their lengths. */
export function elide(record: Buffer, elided: number): Buffer {
  if (elided === 0) return record;
  const parts: Buffer[] = [];
  let from = 0;
  for (const { bit, section } of places) {
    if ((elided & bit) === 0) continue;
    const start = sectionStart(record, section);
    parts.push(record.subarray(from, start));
    from = start + record.readUInt32LE(Head.sections + section * 4);
  }
  parts.push(record.subarray(from));
  return Buffer.concat(parts);
}

/** The reverse of `elide`; bodies that are not in `elided` are not looked at. */
export function restore(
  stored: Uint8Array,
  elided: number,
  requestBody: Uint8Array,
  responseBody: Uint8Array,
): Buffer {
  const whole = Buffer.from(stored.buffer, stored.byteOffset, stored.byteLength);
  if (elided === 0) return whole;
  const parts: Uint8Array[] = [];
  let from = 0;
  let missing = 0;
  for (const { bit, section } of places) {
    if ((elided & bit) === 0) continue;
    const body = bit === ELIDED.requestBody ? requestBody : responseBody;
    const at = sectionStart(whole, section) - missing;
    parts.push(whole.subarray(from, at), body);
    from = at;
    missing += body.length;
  }
  parts.push(whole.subarray(from));
  return Buffer.concat(parts);
}
