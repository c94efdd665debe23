/** The heads of a record as text: start lines and fields (RFC 9112 sections 2 to 5). The bytes may end anywhere. */
import type { Span } from '@kubeshark/model';
import { LIMITS } from '@kubeshark/model';
import { expandCaps } from '../../expand/caps.ts';
import { isDigit, isFinal, isVersion } from './head.ts';

const LF = 10;
const CR = 13;
const SP = 32;
const HTAB = 9;
const COLON = 58;

/** Interim responses in front of one final response. Policy: further ones are left out of the fields. */
const INTERIM_HEADS = 20;

export type HeaderPair = [name: string, value: string];

const utf8 = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });

/** UTF-8 where it is valid, else ISO-8859-1: what servers send beyond US-ASCII (RFC 9110 section 5.5 gives it no meaning). */
function fieldText(bytes: Buffer, start: number, end: number): string {
  for (let i = start; i < end; i++)
    if (bytes[i]! >= 0x80) {
      try {
        return utf8.decode(bytes.subarray(start, end));
      } catch {
        break;
      }
    }
  return bytes.toString('latin1', start, end);
}

/** Offset of the line feed that ends the line at `start`; `end` when there is none. */
function lineFeed(bytes: Buffer, start: number, end: number): number {
  const found = bytes.indexOf(LF, start);
  return found < 0 || found > end ? end : found;
}

/** Where the line's text ends: in front of its CR. */
function textEnd(bytes: Buffer, start: number, feed: number): number {
  return feed > start && bytes[feed - 1] === CR ? feed - 1 : feed;
}

/** The method of a request line; '' when there is none. */
export function requestMethod({ bytes, start, end }: Span): string {
  return bytes.toString('latin1', start, methodEnd(bytes, start, end));
}

/** The target as sent, in whichever of its four forms (RFC 9112 section 3.2); '' when there is none. */
export function requestTarget(head: Span): string {
  const target = targetSpan(head);
  return fieldText(target.bytes, target.start, target.end);
}

/** Where the target lies. One with white space stays whole, as the follower lets it pass. */
export function targetSpan({ bytes, start, end }: Span): Span {
  const stop = textEnd(bytes, start, lineFeed(bytes, start, end));
  const space = methodEnd(bytes, start, stop);
  const version = stop - 8;
  const hasVersion = version > space && bytes[version - 1] === SP && isVersion(bytes, version);
  const targetStart = Math.min(space + 1, stop);
  return { bytes, start: targetStart, end: Math.max(targetStart, hasVersion ? version - 1 : stop) };
}

function methodEnd(bytes: Buffer, start: number, end: number): number {
  let at = start;
  while (at < end && bytes[at] !== SP && bytes[at] !== CR && bytes[at] !== LF) at++;
  return at;
}

/** The status code of the head at `start`; 0 when there is none. */
function statusAt(bytes: Buffer, start: number, end: number): number {
  if (start + 12 > end || !isVersion(bytes, start)) return 0;
  for (let i = 9; i < 12; i++) if (!isDigit(bytes[start + i])) return 0;
  return (bytes[start + 9]! - 48) * 100 + (bytes[start + 10]! - 48) * 10 + bytes[start + 11]! - 48;
}

/** Offset behind the empty line that ends the head at `start`; `end` when it does not end. */
export function headEnd(bytes: Buffer, start: number, end: number): number {
  for (let at = start; at < end; ) {
    const feed = lineFeed(bytes, at, end);
    if (feed === end) return end;
    if (textEnd(bytes, at, feed) === at) return feed + 1;
    at = feed + 1;
  }
  return end;
}

/** Where the final head of a response begins: behind interim ones (RFC 9110 section 15.2). */
export function finalHead({ bytes, start, end }: Span): number {
  let at = start;
  for (
    let status = statusAt(bytes, at, end);
    status > 0 && !isFinal(status);
    status = statusAt(bytes, at, end)
  ) {
    const next = skipEmptyLines(bytes, headEnd(bytes, at, end), end);
    if (next >= end) return at;
    at = next;
  }
  return at;
}

function skipEmptyLines(bytes: Buffer, start: number, end: number): number {
  let at = start;
  while (at < end && (bytes[at] === CR || bytes[at] === LF)) at++;
  return at;
}

/** Status code of the final response; 0 when it is not known. */
export function statusCode(head: Span): number {
  return statusAt(head.bytes, finalHead(head), head.end);
}

export interface HeaderLines {
  headers: HeaderPair[];
  /** Those beyond `LIMITS.headers`: how many, and their lines as sent. */
  further?: { count: number; text: string };
}

export interface ResponseHead extends HeaderLines {
  status: number;
  reason: string;
}

export function responseHead(head: Span): ResponseHead {
  return responseHeadAt(head.bytes, finalHead(head), head.end);
}

function responseHeadAt(bytes: Buffer, start: number, end: number): ResponseHead {
  const feed = lineFeed(bytes, start, end);
  const stop = textEnd(bytes, start, feed);
  return {
    status: statusAt(bytes, start, end),
    reason: stop > start + 13 ? fieldText(bytes, start + 13, stop) : '',
    ...headerLines(bytes, Math.min(feed + 1, end), end),
  };
}

/** The heads in front of the final one. */
export function interimHeads(head: Span): ResponseHead[] {
  const { bytes } = head;
  const final = finalHead(head);
  const heads: ResponseHead[] = [];
  for (let at = head.start; at < final && heads.length < INTERIM_HEADS; ) {
    const end = headEnd(bytes, at, final);
    heads.push(responseHeadAt(bytes, at, end));
    at = skipEmptyLines(bytes, end, final);
  }
  return heads;
}

/** Fields of a request head. */
export function requestHeaders({ bytes, start, end }: Span): HeaderLines {
  return headerLines(bytes, Math.min(lineFeed(bytes, start, end) + 1, end), end);
}

/** A field line in the bytes: what redaction overwrites. `name` is as sent. */
export interface FieldLine {
  name: string;
  valueStart: number;
  valueEnd: number;
}

/** Field lines from `start` up to an empty line, folded ones (RFC 9112 section 5.2) as one. A line without colon is skipped. */
export function* fieldLines(bytes: Buffer, start: number, end: number): Generator<FieldLine> {
  let at = start;
  while (at < end) {
    let feed = lineFeed(bytes, at, end);
    let stop = textEnd(bytes, at, feed);
    if (stop === at) return;
    while (feed + 1 < end && isBlank(bytes[feed + 1])) {
      feed = lineFeed(bytes, feed + 1, end);
      stop = textEnd(bytes, at, feed);
    }
    let colon = at;
    while (colon < stop && bytes[colon] !== COLON && bytes[colon] !== LF) colon++;
    if (colon < stop && bytes[colon] === COLON) {
      let nameEnd = colon;
      while (nameEnd > at && isBlank(bytes[nameEnd - 1])) nameEnd--;
      let valueStart = colon + 1;
      while (valueStart < stop && isBlank(bytes[valueStart])) valueStart++;
      let valueEnd = stop;
      while (valueEnd > valueStart && isBlank(bytes[valueEnd - 1])) valueEnd--;
      yield { name: bytes.toString('latin1', at, nameEnd), valueStart, valueEnd };
    }
    at = feed + 1;
  }
}

/** Field lines as pairs, names as sent. */
export function headerLines(bytes: Buffer, start: number, end: number): HeaderLines {
  const headers: HeaderPair[] = [];
  let further = 0;
  /** Where the lines begin that are not given as pairs, and where the last one ends. */
  let rest = start;
  let restEnd = start;
  for (const { name, valueStart, valueEnd } of fieldLines(bytes, start, end)) {
    if (headers.length === LIMITS.headers) {
      if (further++ === 0) expandCaps.cap_headers++;
      restEnd = valueEnd;
      continue;
    }
    rest = lineFeed(bytes, valueEnd, end) + 1;
    const value = fieldText(bytes, valueStart, valueEnd);
    // A folded value is one line: each fold counts as a space.
    headers.push([name, value.includes('\n') ? value.replaceAll(/[ \t]*\r?\n[ \t]*/g, ' ') : value]);
  }
  if (further === 0) return { headers };
  return { headers, further: { count: further, text: fieldText(bytes, rest, restEnd) } };
}

function isBlank(byte: number | undefined): boolean {
  return byte === SP || byte === HTAB;
}
