/** Is this DNS? Judged by structure, so that DNS on any port is found and other datagrams are left alone. */
import type { Span } from '@kubeshark/model';
import type { Probe } from '../../protocol.ts';
import { countOf, HEADER, HeaderFlag, messageFlags, opcodeOf, questionEnd, walkRecords } from './message.ts';
import { isKnownClass, isKnownOpcode, isKnownType, Opcode } from './numbers.ts';

/** mDNS: the top bit of a question's class asks for a unicast answer (RFC 6762 section 18.12). */
const CLASS_BITS = 0x7fff;
/** The bit of the header that must be zero (RFC 1035 section 4.1.1 and RFC 2535 left this one). */
const RESERVED = 0x0040;
/** Name, type and class of the longest question. */
const LONGEST_QUESTION = 255 + 4;

/** One datagram. */
export function probeDatagram(bytes: Buffer, start: number, end: number, hinted: boolean): Probe {
  const message = { bytes, start, end };
  if (end - start < HEADER) return 'no';
  if (!headerIsPlausible(message, hinted)) return 'no';
  if (!hinted && !(questionIsPlausible(message, true) && fitsExactly(message))) return 'no';
  return direction(message);
}

/** A stream that begins with the length of a message (RFC 1035 section 4.2.2). */
export function probeStream(bytes: Buffer, start: number, end: number, hinted: boolean): Probe {
  if (end - start < 2) return 'more';
  const length = bytes.readUInt16BE(start);
  if (length < HEADER) return 'no';
  const message = { bytes, start: start + 2, end: Math.min(end, start + 2 + length) };
  if (message.end - message.start < HEADER) return 'more';
  if (!headerIsPlausible(message, hinted)) return 'no';
  const whole = message.end - message.start === length;
  if (countOf(message, 0) > 0 && questionEnd(message) < 0)
    return whole || message.end - message.start >= HEADER + LONGEST_QUESTION ? 'no' : 'more';
  if (!questionIsPlausible(message, !hinted)) return 'no';
  if (!hinted && whole && !fitsExactly(message)) return 'no';
  return direction(message);
}

function direction(message: Span): Probe {
  return (messageFlags(message) & HeaderFlag.qr) === 0 ? 'request' : 'response';
}

function headerIsPlausible(message: Span, hinted: boolean): boolean {
  const flags = messageFlags(message);
  const opcode = opcodeOf(message);
  if (!isKnownOpcode(opcode)) return false;
  const questions = countOf(message, 0);
  const response = (flags & HeaderFlag.qr) !== 0;
  if (hinted) return questions <= 256;
  if ((flags & RESERVED) !== 0 || (!response && (flags & 15) !== 0)) return false;
  // One question, as every server demands of unicast (RFC 9619); multicast is found by its ports.
  if (questions !== 1) return false;
  if (!response && opcode === Opcode.QUERY && countOf(message, 1) + countOf(message, 3) > 3) return false;
  return true;
}

/** Of the first question: a name of labels, type and class that exist; `strict`: in printable ASCII. */
function questionIsPlausible(message: Span, strict: boolean): boolean {
  if (countOf(message, 0) === 0) return !strict;
  const end = questionEnd(message);
  if (end < 0) return false;
  const { bytes, start } = message;
  if (!strict) return bytes.readUInt16BE(end - 4) !== 0;
  for (let at = start + HEADER; at < end - 5; ) {
    const length = bytes[at]!;
    if (length >= 0x40) return false;
    for (let i = at + 1; i <= at + length; i++) if (bytes[i]! < 0x21 || bytes[i]! > 0x7e) return false;
    at += 1 + length;
  }
  return (
    end - 4 - start - HEADER <= 255 &&
    isKnownType(bytes.readUInt16BE(end - 4)) &&
    isKnownClass(bytes.readUInt16BE(end - 2) & CLASS_BITS)
  );
}

/** The records that the header counts are there, and nothing after them. */
function fitsExactly(message: Span): boolean {
  let last = questionEnd(message);
  const fits = walkRecords(message, (record) => {
    last = record.dataEnd;
    return true;
  });
  return fits && last === message.end;
}
