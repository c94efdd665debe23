/** Where things lie in a DNS message (RFC 1035 section 4.1), without reading what records hold. */
import type { Span } from '@kubeshark/model';
import { LIMITS } from '@kubeshark/model';
import { expandCaps } from '../../expand/caps.ts';
import { skipName } from './name.ts';
import { Opcode, Type } from './numbers.ts';

/** Bytes of the header. */
export const HEADER = 12;

/** Bits of the second header word (RFC 1035 section 4.1.1, RFC 4035 section 3). */
export const HeaderFlag = {
  /** Response. */
  qr: 0x8000,
  /** Authoritative answer. */
  aa: 0x0400,
  /** Truncated. */
  tc: 0x0200,
  /** Recursion desired. */
  rd: 0x0100,
  /** Recursion available. */
  ra: 0x0080,
  /** Authentic data. */
  ad: 0x0020,
  /** Checking disabled. */
  cd: 0x0010,
} as const;

/** The sections after the questions, by number. */
export const RecordSection = { answer: 0, authority: 1, additional: 2 } as const;

export function isMessage({ start, end }: Span): boolean {
  return end - start >= HEADER;
}

export function messageId({ bytes, start }: Span): number {
  return bytes.readUInt16BE(start);
}

export function messageFlags({ bytes, start }: Span): number {
  return bytes.readUInt16BE(start + 2);
}

export function isResponse(message: Span): boolean {
  return (message.bytes[message.start + 2]! & 0x80) !== 0;
}

export function opcodeOf(message: Span): number {
  return (message.bytes[message.start + 2]! >> 3) & 15;
}

/** QDCOUNT, ANCOUNT, NSCOUNT, ARCOUNT by `index`. */
export function countOf({ bytes, start }: Span, index: number): number {
  return bytes.readUInt16BE(start + 4 + index * 2);
}

/** End of the first question; −1 when there is none or it does not fit. */
export function questionEnd(message: Span): number {
  if (countOf(message, 0) === 0) return -1;
  const nameEnd = skipName(message.bytes, message.start + HEADER, message.end);
  return nameEnd < 0 || nameEnd + 4 > message.end ? -1 : nameEnd + 4;
}

/** Type of the first question; 0 when there is none. */
export function questionType(message: Span): number {
  const end = questionEnd(message);
  return end < 0 ? 0 : message.bytes.readUInt16BE(end - 4);
}

/** A resource record's place in its message. */
export interface RecordPlace {
  section: number;
  name: number;
  type: number;
  class: number;
  ttl: number;
  dataStart: number;
  dataEnd: number;
}

/**
 * Calls `visit` for each record until it returns false. Returns false when the records do not fit the message, or are
 * more than `dnsRecords`. The object given to `visit` is the same each time.
 */
export function walkRecords(message: Span, visit: (record: RecordPlace) => boolean): boolean {
  const { bytes, end } = message;
  let at = skipQuestions(message);
  if (at < 0) return false;
  const record: RecordPlace = { section: 0, name: 0, type: 0, class: 0, ttl: 0, dataStart: 0, dataEnd: 0 };
  let seen = 0;
  for (let section = 0; section < 3; section++) {
    for (let left = countOf(message, section + 1); left > 0; left--) {
      if (++seen > LIMITS.dnsRecords) {
        expandCaps.cap_dnsRecords++;
        return false;
      }
      const fixed = skipName(bytes, at, end);
      if (fixed < 0 || fixed + 10 > end) return false;
      record.section = section;
      record.name = at;
      record.type = bytes.readUInt16BE(fixed);
      record.class = bytes.readUInt16BE(fixed + 2);
      record.ttl = bytes.readUInt32BE(fixed + 4);
      record.dataStart = fixed + 10;
      record.dataEnd = at = record.dataStart + bytes.readUInt16BE(fixed + 8);
      if (at > end) return false;
      if (!visit(record)) return true;
    }
  }
  return true;
}

/** Where the records begin; −1 when the questions do not fit, or are more than `dnsRecords`. */
export function skipQuestions(message: Span): number {
  const count = countOf(message, 0);
  if (count > LIMITS.dnsRecords) {
    expandCaps.cap_dnsRecords++;
    return -1;
  }
  let at = message.start + HEADER;
  for (let left = count; left > 0; left--) {
    at = skipName(message.bytes, at, message.end);
    if (at < 0) return -1;
    at += 4;
    if (at > message.end) return -1;
  }
  return at;
}

/** The response code with its upper bits from the OPT record, if there is one (RFC 6891 section 6.1.3). */
export function rcodeOf(message: Span): number {
  const low = message.bytes[message.start + 3]! & 15;
  if (countOf(message, 3) === 0) return low;
  let high = 0;
  walkRecords(message, (record) => {
    if (record.type !== Type.OPT || record.section !== RecordSection.additional) return true;
    high = record.ttl >>> 24;
    return false;
  });
  return (high << 4) | low;
}

/** Messages of DSO that expect no answer have the id 0 (RFC 8490 section 5.4). */
export function isUnidirectional(message: Span): boolean {
  return opcodeOf(message) === Opcode.DSO && messageId(message) === 0;
}
