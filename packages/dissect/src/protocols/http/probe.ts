/** Is it HTTP/1.x? Content decides (RFC 9112 section 2.1); the port only allows methods nobody has heard of. */
import type { Probe } from '../../protocol.ts';
import { isMethodByte, isVersion } from './head.ts';

const LONGEST_METHOD = 32;
const METHODS = new Set(
  'GET POST PUT DELETE PATCH HEAD OPTIONS CONNECT TRACE PROPFIND PROPPATCH MKCOL COPY MOVE LOCK UNLOCK REPORT SEARCH NOTIFY SUBSCRIBE UNSUBSCRIBE PURGE LINK UNLINK BIND ACL MKACTIVITY CHECKOUT MERGE'.split(
    ' ',
  ),
);
const RESPONSE = Buffer.from('HTTP/1.');
/** A target this long without a line's end is believed. */
const ENOUGH = 1_024;

export function probeHttp(bytes: Buffer, start: number, end: number, hinted: boolean): Probe {
  let at = start;
  while (at < end && (bytes[at] === 13 || bytes[at] === 10)) at++;
  if (at === end) return 'more';
  const version = Math.min(RESPONSE.length, end - at);
  if (bytes.compare(RESPONSE, 0, version, at, at + version) === 0) {
    if (end - at < 8) return 'more';
    return isVersion(bytes, at) ? 'response' : 'no';
  }
  let space = at;
  while (space < end && space - at <= LONGEST_METHOD && isMethodByte(bytes[space])) space++;
  if (space === end && space - at <= LONGEST_METHOD) return 'more';
  if (space === at || bytes[space] !== 32) return 'no';
  if (!hinted && !METHODS.has(bytes.toString('latin1', at, space))) return 'no';
  const line = bytes.indexOf(10, space);
  if (line < 0 || line >= end) return end - space > ENOUGH ? 'request' : 'more';
  const stop = bytes[line - 1] === 13 ? line - 1 : line;
  return stop - 9 > space - 1 && bytes[stop - 9] === 32 && isVersion(bytes, stop - 8) ? 'request' : 'no';
}
