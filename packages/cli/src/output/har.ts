/** HAR 1.2 of HTTP entries (http://www.softwareishard.com/blog/har-12-spec/). */
import type { Body, Entry, Side } from '@kubeshark/model';

type Pair = { name: string; value: string };

const pairs = (list: readonly (readonly [string, string])[]): Pair[] =>
  list.map(([name, value]) => ({ name, value }));

function header(side: Side, name: string): string {
  return side.headers.find(([key]) => key.toLowerCase() === name)?.[1] ?? '';
}

function content(body: Body | undefined): { text?: string; encoding?: 'base64' } {
  if (body?.text !== undefined) return { text: body.text };
  if (body?.base64 !== undefined) return { text: body.base64, encoding: 'base64' };
  return {};
}

const milliseconds = (micros: number): number => (micros < 0 ? -1 : micros / 1000);

/** One HAR entry, or null when the entry is no HTTP call with a request. */
export function harEntry(entry: Entry): object | null {
  if (entry.protocol !== 'http' || entry.kind !== 'call' || entry.request === null) return null;
  const { request, response } = entry;
  const host =
    header(request, 'host') ||
    `${entry.dst.ip.includes(':') ? `[${entry.dst.ip}]` : entry.dst.ip}:${entry.dst.port}`;
  const url = /^[a-z][a-z0-9+.-]*:\/\//i.test(entry.target) ? entry.target : `http://${host}${entry.target}`;
  const query = url.includes('?') ? [...new URLSearchParams(url.slice(url.indexOf('?') + 1))] : [];
  const wait = entry.responseStart < 0 ? -1 : entry.responseStart - Math.max(entry.requestEnd, 0);
  const receive = entry.elapsed < 0 || entry.responseStart < 0 ? -1 : entry.elapsed - entry.responseStart;
  const requestBody = content(request.body);
  return {
    startedDateTime: new Date(entry.timestamp / 1000).toISOString(),
    time: Math.max(milliseconds(entry.elapsed), 0),
    request: {
      method: entry.operation,
      url,
      httpVersion: `HTTP/${entry.version}`,
      cookies: [],
      headers: pairs(request.headers),
      queryString: pairs(query),
      headersSize: request.size - request.bodySize,
      bodySize: request.bodySize,
      ...(request.bodySize > 0
        ? {
            postData: {
              mimeType: header(request, 'content-type'),
              text: requestBody.text ?? '',
              ...(requestBody.encoding ? { comment: 'base64' } : {}),
            },
          }
        : {}),
    },
    response: {
      status: Number(entry.status) || 0,
      statusText: typeof response?.fields['reason'] === 'string' ? response.fields['reason'] : '',
      httpVersion: `HTTP/${entry.version}`,
      cookies: [],
      headers: pairs(response?.headers ?? []),
      content: {
        size: response?.bodySize ?? 0,
        mimeType: response ? header(response, 'content-type') : '',
        ...content(response?.body),
      },
      redirectURL: response ? header(response, 'location') : '',
      headersSize: response ? response.size - response.bodySize : -1,
      bodySize: response?.bodySize ?? -1,
    },
    cache: {},
    timings: {
      send: Math.max(milliseconds(entry.requestEnd), 0),
      wait: Math.max(milliseconds(wait), 0),
      receive: Math.max(milliseconds(receive), 0),
    },
    serverIPAddress: entry.dst.ip,
    connection: entry.flow,
    _outcome: entry.outcome,
  };
}
