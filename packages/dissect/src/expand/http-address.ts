/** Where an HTTP request goes, out of its request target and Host (RFC 9112 section 3.2, RFC 9110 section 7.1). */

export interface HttpAddress {
  /** Scheme, host and target; of a CONNECT the host alone. */
  url: string;
  /** Host with its port as asked for; '' when the request did not say. */
  host: string;
  /** Target without scheme, host and query. */
  path: string;
  /** After `?`, not decoded. */
  query: string;
}

const ABSOLUTE = /^([a-z][a-z0-9+.-]{0,31}):\/\/([^/?#]*)/i;

/** `hostHeader` loses against an absolute target, as RFC 9112 section 3.2.2 demands. */
export function httpAddress(method: string, target: string, hostHeader: string): HttpAddress {
  if (target === '') return { url: '', host: hostHeader, path: '', query: '' };
  if (method === 'CONNECT') return { url: target, host: target, path: '', query: '' };
  const absolute = ABSOLUTE.exec(target);
  const host = absolute ? absolute[2]! : hostHeader;
  const origin = absolute ? target.slice(absolute[0].length) : target;
  const question = origin.indexOf('?');
  const path = question < 0 ? origin : origin.slice(0, question);
  return {
    url: absolute ? target : host === '' ? target : `http://${host}${target === '*' ? '' : target}`,
    host,
    path: path === '' ? '/' : path,
    query: question < 0 ? '' : origin.slice(question + 1),
  };
}

/** Parameters in their order, decoded; a name that comes more than once has its values joined by `, `. */
export function queryParameters(query: string): Map<string, string> {
  const map = new Map<string, string>();
  if (query === '') return map;
  for (const [name, value] of new URLSearchParams(query)) joinInto(map, name, value);
  return map;
}

/** Headers by lower-case name; values of a repeated name joined by `, ` (RFC 9110 section 5.3). */
export function headerMap(headers: readonly (readonly [string, string])[]): Map<string, string> {
  const map = new Map<string, string>();
  for (const [name, value] of headers) joinInto(map, name.toLowerCase(), value);
  return map;
}

function joinInto(map: Map<string, string>, name: string, value: string): void {
  const before = map.get(name);
  map.set(name, before === undefined ? value : `${before}, ${value}`);
}
