/**
 * A local port that leads to the hub's Service through the API server (`services/proxy`), for those who may not forward ports.
 * Each request is sent with the user's own credentials, so it goes to the hub and nowhere else, and only what comes under a name of
 * this machine is sent: no page of another site can have a name here. The hub's own checks (token, Host, Origin) are as they were.
 */
import type { IncomingMessage, OutgoingHttpHeaders, RequestOptions, ServerResponse } from 'node:http';
import { createServer, request as requestHttp, STATUS_CODES } from 'node:http';
import { request as requestHttps } from 'node:https';
import type { Duplex } from 'node:stream';
import { pipeline } from 'node:stream';
import type { KubeConfig } from '@kubernetes/client-node';
import type { ApiError } from '@kubeshark/model';
import { CSRF_HEADER, sessionCookie } from '@kubeshark/model';
import type { LocalPort } from '../local-port.ts';
import { openLocalPort } from '../local-port.ts';
import { HUB } from '../manifests/names.ts';
import { statusMessage } from './api-problem.ts';

/** As RBAC names it: the Service and its port. */
export const PROXIED_SERVICE = `${HUB}:http`;
const LOCAL_HOST = /^(localhost|127\.0\.0\.1|\[::1\])(:\d+)?$/i;
const BEARER = /^Bearer (\S+)$/i;
/** Of a browser's request. No others: some mean something to the API server (`Impersonate-User`). */
const PASSED: ReadonlySet<string> = new Set([
  'accept',
  'accept-encoding',
  'accept-language',
  'content-length',
  'content-type',
  'host',
  'if-modified-since',
  'if-none-match',
  'origin',
  'range',
  'sec-websocket-key',
  'sec-websocket-protocol',
  'sec-websocket-version',
  'user-agent',
  CSRF_HEADER,
]);
/** Of an answer: they are of its hop, not of ours. */
const HOP: ReadonlySet<string> = new Set(['connection', 'keep-alive', 'transfer-encoding']);
const STATUS_BYTES = 65_536;

export async function proxyHub(port: number, config: KubeConfig, namespace: string): Promise<LocalPort> {
  const service = new ServiceProxy(config, namespace);
  return await openLocalPort(port, () =>
    createServer((request, response) => void service.answer(request, response)).on(
      'upgrade',
      (request: IncomingMessage, socket: Duplex, head: Buffer) => {
        void service.upgrade(request, socket, head);
      },
    ),
  );
}

class ServiceProxy {
  private readonly config: KubeConfig;
  private readonly server: URL;
  private readonly prefix: string;

  constructor(config: KubeConfig, namespace: string) {
    this.config = config;
    this.server = new URL(config.getCurrentCluster()!.server);
    this.prefix = `/api/v1/namespaces/${encodeURIComponent(namespace)}/services/${PROXIED_SERVICE}/proxy`;
  }

  async answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const path = this.pathOf(request);
    if (path === null) {
      refuse(response, 403, 'This request is not for the hub.');
      return;
    }
    try {
      const onward = await this.onward(request, path);
      response.on('close', () => onward.destroy());
      onward.on('error', (error) =>
        refuse(response, 502, `the API server does not answer: ${error.message}`),
      );
      onward.on('response', (answer) => void pass(answer, response));
      pipeline(request, onward, () => {});
    } catch (error) {
      refuse(response, 502, (error as Error).message);
    }
  }

  async upgrade(request: IncomingMessage, socket: Duplex, head: Buffer): Promise<void> {
    socket.on('error', () => socket.destroy());
    const refused = (status: number) =>
      socket.end(statusLines(status, { connection: 'close', 'content-length': 0 }));
    const path = this.pathOf(request);
    if (path === null) {
      refused(403);
      return;
    }
    try {
      const onward = await this.onward(request, path, { connection: 'Upgrade', upgrade: 'websocket' });
      const left = () => onward.destroy();
      // Read, so that its end is noticed: a page says nothing before it is answered.
      socket.on('end', left).on('close', left).resume();
      onward.on('error', () => socket.destroy());
      onward.on('response', ({ statusCode = 502 }) => {
        refused(statusCode);
        onward.destroy();
      });
      onward.on('upgrade', (answer, far, farHead) => {
        socket.off('end', left).off('close', left);
        socket.write(statusLines(101, answer.headers));
        socket.write(farHead);
        far.write(head);
        pipeline(socket, far, socket, () => {});
      });
      onward.end();
    } catch {
      refused(502);
    }
  }

  /** At the API server; null: it is for something else. */
  private pathOf({ url = '', headers }: IncomingMessage): string | null {
    if (!LOCAL_HOST.test(headers.host ?? '') || !url.startsWith('/')) return null;
    const [path = '', ...query] = url.split('?');
    // Links in the page come back with the prefix: the API server has written it into them.
    const wanted = path.startsWith(`${this.prefix}/`) ? path.slice(this.prefix.length) : path;
    if (climbs(wanted)) return null;
    const before = this.server.pathname.replace(/\/$/, '');
    return `${before}${this.prefix}${wanted}${query.length > 0 ? `?${query.join('?')}` : ''}`;
  }

  /** The request to the API server, without its body. The API server keeps the Authorization header to itself: the hub takes a cookie as well. */
  private async onward({ method, headers }: IncomingMessage, path: string, more: OutgoingHttpHeaders = {}) {
    const options: RequestOptions = {};
    await this.config.applyToHTTPSOptions(options);
    const kept = Object.entries(headers).filter(([name]) => PASSED.has(name));
    const session = sessionOf(headers);
    const { protocol, hostname, port } = this.server;
    return (protocol === 'http:' ? requestHttp : requestHttps)({
      ...options,
      hostname: hostname.replace(/^\[(.*)\]$/, '$1'),
      port: port || (protocol === 'http:' ? 80 : 443),
      path,
      method,
      headers: {
        ...Object.fromEntries(kept),
        ...(session === null ? {} : { cookie: session }),
        ...(options.headers as OutgoingHttpHeaders),
        ...more,
      },
    });
  }
}

/** The hub's own cookie of all that this machine's pages have, or the token of a program in its place. */
function sessionOf({ host, authorization = '', cookie = '' }: IncomingMessage['headers']): string | null {
  const name = `${sessionCookie(host)}=`;
  const token = BEARER.exec(authorization)?.[1];
  if (token !== undefined) return name + token;
  const all = cookie.split(';').map((one) => one.trim());
  return all.find((one) => one.startsWith(name)) ?? null;
}

/** Whatever is written for `..`: the path might lead out of the hub. */
function climbs(path: string): boolean {
  let plain = path;
  try {
    for (let depth = 0; depth < 3; depth++) plain = decodeURIComponent(plain);
  } catch {
    // What cannot be decoded any more is looked at as it is.
  }
  return plain.split(/[/\\]/).includes('..');
}

/** The hub's answer as it is; what the API server says itself in the hub's form. */
async function pass(answer: IncomingMessage, response: ServerResponse): Promise<void> {
  const { statusCode = 502, headers } = answer;
  if (statusCode >= 400 && headers['content-security-policy'] === undefined) {
    let body = '';
    for await (const chunk of answer) if ((body += String(chunk)).length > STATUS_BYTES) break;
    // 401 is the hub's word for a page that is not signed in; here it is the kubeconfig's user.
    const status = statusCode === 401 ? 502 : statusCode;
    refuse(response, status, `the API server says: ${statusMessage(body) ?? `HTTP ${statusCode}`}`);
    return;
  }
  const kept = Object.entries(headers).filter(([name]) => !HOP.has(name));
  response.writeHead(statusCode, Object.fromEntries(kept));
  pipeline(answer, response, () => {});
}

function refuse(response: ServerResponse, status: number, message: string): void {
  if (response.headersSent) {
    response.destroy();
    return;
  }
  const error: ApiError = { code: 'service_proxy', message };
  response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify({ error }));
}

function statusLines(status: number, headers: OutgoingHttpHeaders | IncomingMessage['headers']): string {
  const lines = Object.entries(headers).map(([name, value]) => `${name}: ${String(value)}\r\n`);
  return `HTTP/1.1 ${status} ${STATUS_CODES[status]}\r\n${lines.join('')}\r\n`;
}
