/** A call as a command to type again: the text of it is hostile, a shell must see nothing but arguments. */
import { type Entry, formatCount } from '@kubeshark/model';
import { headerValue } from './body-kind.ts';
import { isOverwritten } from './overwritten.ts';

/** Field names are tokens (RFC 9110 section 5.6.2); what is not one is left out: `@file` would make curl read a file. */
const TOKEN = /^[!#$%&'*+.^_`|~0-9A-Za-z-]+$/;
/** A name that no shell takes for anything else, not even one for which `#` begins no comment. */
const PLAIN = /^[0-9A-Za-z_-]+$/;
const AUTHORITY = /^[0-9A-Za-z._~%-]+(:\d{1,5})?$|^\[[0-9A-Fa-f:.]+\](:\d{1,5})?$/;
// oxlint-disable-next-line no-control-regex -- they are what is looked for
const CONTROL = /[\x00-\x1f\x7f-\x9f\u2028\u2029]/;
// oxlint-disable-next-line no-control-regex -- and what else has a meaning within `$'…'`
const ESCAPED = /[\x00-\x1f\x7f-\x9f\u2028\u2029\\']/g;

/** curl computes these itself. */
const COMPUTED = new Set(['content-length', 'transfer-encoding', 'connection']);

export interface CurlCommand {
  /** Made when it is asked for: the body can be long. */
  command: () => string;
  /** What the command lacks, in words; undefined when it is the whole request. */
  lacks?: string;
}

/** undefined for anything but an HTTP request that was seen. */
export function curlCommand(entry: Entry): CurlCommand | undefined {
  const { request } = entry;
  if (entry.protocol !== 'http' || request === null) return undefined;
  const parts = ['curl'];
  if (entry.operation === 'HEAD') parts.push('--head');
  else if (entry.operation !== 'GET') parts.push('--request', shellQuote(entry.operation));
  parts.push('--globoff', shellQuote(urlOf(entry)));
  const decoded = request.body?.encoding !== undefined && request.body.error === undefined;
  const overwritten: string[] = [];
  for (const [name, value] of request.headers) {
    const lower = name.toLowerCase();
    if (!TOKEN.test(name) || COMPUTED.has(lower) || (decoded && lower === 'content-encoding')) continue;
    if (isOverwritten(entry, 'request', value)) {
      if (PLAIN.test(name)) overwritten.push(name);
      continue;
    }
    // `name:` alone would take the header away; `name;` sends it empty.
    parts.push('--header', shellQuote(value === '' ? `${name};` : `${name}: ${value}`));
    if (lower === 'accept-encoding') parts.push('--compressed');
  }
  const { body, furtherHeaders } = request;
  const lacks: string[] = [];
  if (overwritten.length > 0) lacks.push(`${overwritten.join(', ')}: overwritten on the node`);
  if (furtherHeaders) lacks.push(`${formatCount(furtherHeaders.count)} headers`);
  const lacksBody = body?.base64 !== undefined || body?.text?.includes('\0') === true;
  if (lacksBody) lacks.push('the body, which is not text: save it and add --data-binary @file');
  // Not --data or --data-binary: they would take a body that begins with @ for the name of a file.
  const data = lacksBody ? undefined : body?.text;
  const comment = overwritten.map((name) => `# ${name} was overwritten on the node\n`).join('');
  const command = () => comment + [...parts, ...(data ? ['--data-raw', shellQuote(data)] : [])].join(' ');
  if (request.bodyTruncated || body?.truncated) lacks.push('the end of the body, which was not kept');
  return lacks.length === 0 ? { command } : { command, lacks: lacks.join(', and ') };
}

function urlOf(entry: Entry): string {
  const { target, dst } = entry;
  if (/^https?:\/\//i.test(target)) return target;
  const scheme = entry.capture.source === 'ebpf_tls' ? 'https' : 'http';
  const host = headerValue(entry.request?.headers ?? [], 'host') ?? '';
  const ip = dst.ip.includes(':') ? `[${dst.ip}]` : dst.ip;
  const authority = AUTHORITY.test(host) ? host : `${ip}:${dst.port}`;
  return `${scheme}://${authority}${target.startsWith('/') ? target : `/${target}`}`;
}

/**
 * One argument of a POSIX shell. Control characters are written as octal escapes within `$'…'`: raw ones could end the
 * line in a terminal that takes a paste for typing (Ctrl+C, Esc). No form contains a quote that a shell without `$'…'`
 * would take for the end.
 */
export function shellQuote(text: string): string {
  if (!CONTROL.test(text)) return `'${text.replaceAll("'", "'\\''")}'`;
  return `$'${text.replace(ESCAPED, escaped)}'`;
}

const encoder = new TextEncoder();

function escaped(character: string): string {
  if (character === '\\') return '\\\\';
  if (character === '\n') return '\\n';
  return Array.from(encoder.encode(character), (byte) => `\\${byte.toString(8).padStart(3, '0')}`).join('');
}
