/** The hub's one port: REST, the page, and the two WebSockets. */
import { type IncomingMessage, STATUS_CODES } from 'node:http';
import type { AddressInfo } from 'node:net';
import { isIPv6 } from 'node:net';
import type { Duplex } from 'node:stream';
import fastifyStatic from '@fastify/static';
import type { Access } from '@kubeshark/model';
import { API_PREFIX, CSRF_HEADER, LIVE_PATH, WORKER_PATH } from '@kubeshark/model';
import type { FastifyError, FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import { fastify } from 'fastify';
import { WebSocketServer } from 'ws';
import { ZodError, z } from 'zod';
import type { HubParts } from '../hub.ts';
import { StoreUnavailable } from '../store/store.ts';
import { metricsRegistry } from './metrics.ts';
import { openApi } from './openapi.ts';
import { operations } from './operations.ts';
import { Origins } from './origin.ts';
import { Problem } from './problem.ts';
import { Users } from './users.ts';

const BODY_BYTES = 65_536;

/** Nothing is loaded from elsewhere, nothing inline runs, nobody frames the page. */
const SECURITY_HEADERS = {
  'content-security-policy':
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; font-src 'self'; connect-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'",
  'x-content-type-options': 'nosniff',
  'x-frame-options': 'DENY',
  'referrer-policy': 'no-referrer',
  'cross-origin-opener-policy': 'same-origin',
  'cross-origin-resource-policy': 'same-origin',
} as const;

const NO_PAGE = `The page is not built. In the checkout: npm run build:web, then start the hub again. The API is at ${API_PREFIX}/openapi.json.\n`;

export interface Server {
  readonly url: string;
  readonly port: number;
  close(): Promise<void>;
}

declare module 'fastify' {
  interface FastifyRequest {
    access: Access | null;
  }
}

/** Rejects with `EADDRINUSE` when the port is taken. */
export async function openServer(parts: HubParts): Promise<Server> {
  const { settings } = parts;
  const users = new Users(settings);
  const origins = new Origins(settings);
  const app = fastify({
    bodyLimit: BODY_BYTES,
    forceCloseConnections: true,
    routerOptions: { maxParamLength: 500 },
  });
  app.decorateRequest('access', null);
  app.addHook('onRequest', async (request, reply) => {
    reply.headers(SECURITY_HEADERS);
    if (!origins.hostAllowed(request.raw))
      throw new Problem(403, {
        code: 'bad_host',
        message: `This hub is not reached under the name ${request.headers.host ?? ''}.`,
        hint: 'Use localhost or an address, or allow the name: kubeshark hub --allow-host NAME.',
      });
    if (!request.url.startsWith(`${API_PREFIX}/`)) return;
    reply.header('cache-control', 'no-store');
    if (request.method !== 'GET') {
      if (!origins.originAllowed(request.raw) || request.headers[CSRF_HEADER] === undefined)
        throw new Problem(403, { code: 'cross_site', message: 'This request comes from another site.' });
      return;
    }
    request.access = users.accessOf(request.raw);
    if (request.access === null) throw unauthorized();
  });
  app.setErrorHandler((error: FastifyError, _request, reply) => sendError(parts, error, reply));
  api(app, parts, users);
  await page(app, settings.webRoot);
  sockets(app, parts, users, origins);
  await app.listen({ host: settings.host, port: settings.port });
  const { port } = app.server.address() as AddressInfo;
  users.listening(port);
  const host =
    settings.host === '127.0.0.1'
      ? 'localhost'
      : isIPv6(settings.host)
        ? `[${settings.host}]`
        : settings.host;
  return { url: `http://${host}:${port}`, port, close: () => app.close() };
}

function unauthorized(): Problem {
  return new Problem(401, {
    code: 'unauthorized',
    message: 'A token is needed.',
    hint: 'Open the link that the command printed in the terminal.',
  });
}

function api(app: FastifyInstance, parts: HubParts, users: Users): void {
  const all = operations(parts);
  for (const { path, handle } of all)
    app.get(`${API_PREFIX}${path}`, async (request: FastifyRequest, reply) => {
      const signal = untilGone(request, reply, parts.limits.queryMs);
      const params = request.params as Record<string, string>;
      const query = request.query as Record<string, unknown>;
      return await handle({ params, query, access: request.access!, signal });
    });
  app.get(`${API_PREFIX}/openapi.json`, async () => openApi(all, parts.settings.version));
  const Session = z.object({ token: z.string().max(1_000) });
  app.post(`${API_PREFIX}/session`, async (request, reply) => {
    const cookie = users.sessionCookie(Session.parse(request.body).token);
    if (cookie === null)
      throw new Problem(401, {
        code: 'unauthorized',
        message: 'This token is not known here.',
        hint: 'Each hub has its own; the terminal that runs it shows the link.',
      });
    return await reply.code(204).header('set-cookie', cookie).send();
  });
  const registry = metricsRegistry(parts);
  app.get('/metrics', async (_request, reply) => {
    reply.header('content-type', registry.contentType);
    return await registry.metrics();
  });
  app.get('/healthz', async () => 'ok\n');
  app.get('/readyz', async (_request, reply) => {
    const { state } = parts.store.status();
    if (state !== 'restarting') return `${state}\n`;
    return await reply.code(503).send(`${state}\n`);
  });
}

/** Aborted when the one who asked has gone, or when it takes too long. */
function untilGone(request: FastifyRequest, reply: FastifyReply, ms: number): AbortSignal {
  const gone = new AbortController();
  request.raw.socket.once('close', () => gone.abort());
  reply.raw.once('close', () => gone.abort());
  return AbortSignal.any([gone.signal, AbortSignal.timeout(ms)]);
}

async function page(app: FastifyInstance, webRoot: string | null): Promise<void> {
  const missing = (request: FastifyRequest): Problem =>
    new Problem(404, { code: 'not_found', message: `There is nothing at ${request.url.slice(0, 200)}.` });
  if (webRoot === null) {
    app.get('/', async (_request, reply) => await reply.type('text/plain').send(NO_PAGE));
    app.setNotFoundHandler((request) => {
      throw missing(request);
    });
    return;
  }
  await app.register(fastifyStatic, {
    root: webRoot,
    cacheControl: false,
    setHeaders(reply, path) {
      // Built names change with their content; the page itself does not.
      const lasting = path.includes('/assets/');
      reply.header('cache-control', lasting ? 'public, max-age=31536000, immutable' : 'no-cache');
    },
  });
  app.setNotFoundHandler(async (request, reply) => {
    const wantsPage =
      request.method === 'GET' && !request.url.startsWith('/api/') && !/\.\w+$/.test(request.url);
    if (!wantsPage) throw missing(request);
    return await reply.sendFile('index.html');
  });
}

function sockets(app: FastifyInstance, parts: HubParts, users: Users, origins: Origins): void {
  const { limits, workers, viewers } = parts;
  const workerSockets = new WebSocketServer({
    noServer: true,
    perMessageDeflate: false,
    maxPayload: limits.workerMessageBytes,
  });
  const viewerSockets = new WebSocketServer({
    noServer: true,
    perMessageDeflate: false,
    maxPayload: limits.viewerMessageBytes,
  });
  app.server.on('upgrade', (request: IncomingMessage, socket: Duplex, head: Buffer) => {
    socket.on('error', () => socket.destroy());
    const path = (request.url ?? '').split('?')[0];
    if (!origins.hostAllowed(request) || !origins.originAllowed(request)) refuse(socket, 403);
    else if (path === WORKER_PATH) {
      if (!users.isWorker(request)) refuse(socket, 401);
      else workerSockets.handleUpgrade(request, socket, head, (ws) => workers.accept(ws));
    } else if (path === LIVE_PATH) {
      const access = users.accessOf(request);
      if (access === null) refuse(socket, 401);
      else if (viewers.full) refuse(socket, 503);
      else viewerSockets.handleUpgrade(request, socket, head, (ws) => viewers.accept(ws, access));
    } else refuse(socket, 404);
  });
}

function refuse(socket: Duplex, status: number): void {
  socket.end(`HTTP/1.1 ${status} ${STATUS_CODES[status]}\r\nConnection: close\r\nContent-Length: 0\r\n\r\n`);
}

function sendError(parts: HubParts, error: FastifyError | Error, reply: FastifyReply): FastifyReply {
  if (error instanceof Problem) return reply.code(error.status).send({ error: error.error });
  if (error instanceof ZodError) {
    const issue = error.issues[0];
    const message = `${issue?.path.join('.') || 'The request'}: ${issue?.message ?? 'not valid'}`;
    return reply.code(400).send({ error: { code: 'bad_request', message } });
  }
  if (error instanceof StoreUnavailable)
    return reply.code(503).send({ error: { code: 'store_unavailable', message: error.message } });
  if (error.name === 'TimeoutError' || error.name === 'AbortError')
    return reply.code(504).send({
      error: {
        code: 'too_long',
        message: `The search took more than ${parts.limits.queryMs / 1_000} s and was called off.`,
        hint: 'Narrow the time, or search by fewer bodies.',
      },
    });
  const status = 'statusCode' in error ? error.statusCode : undefined;
  if (status !== undefined && status >= 400 && status < 500)
    return reply.code(status).send({ error: { code: 'bad_request', message: error.message } });
  parts.log.error({ err: error }, 'a request failed');
  return reply
    .code(500)
    .send({ error: { code: 'internal', message: 'The hub made a mistake; its log says more.' } });
}
