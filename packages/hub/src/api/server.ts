/** The hub's one port: REST, the page, and the two WebSockets. */
import type { AddressInfo } from 'node:net';
import { createServer, isIPv6 } from 'node:net';
import type { FastifyError } from 'fastify';
import { fastify } from 'fastify';
import type { HubParts } from '../hub.ts';
import { sendError } from './errors.ts';
import { Origins } from './origin.ts';
import { servePage } from './page.ts';
import { serveApi } from './routes.ts';
import { SECURITY_HEADERS, secure } from './security.ts';
import { acceptSockets } from './sockets.ts';
import { Users } from './users.ts';

const BODY_BYTES = 65_536;
/** An id is short; a link may carry more than one. */
const PARAMETER_BYTES = 500;

export interface Server {
  readonly url: string;
  readonly port: number;
  close(): Promise<void>;
}

/** Rejects with `EADDRINUSE` when the port is taken. */
export async function openServer(parts: HubParts): Promise<Server> {
  const { settings } = parts;
  const users = new Users(settings);
  const origins = new Origins(settings);
  const app = fastify({
    // Addresses that cannot be read never come to a hook.
    frameworkErrors: (error, _request, reply) => {
      reply.headers(SECURITY_HEADERS);
      sendError(parts, error, reply);
    },
    bodyLimit: BODY_BYTES,
    forceCloseConnections: true,
    routerOptions: { maxParamLength: PARAMETER_BYTES },
  });
  app.setErrorHandler((error: FastifyError, _request, reply) => sendError(parts, error, reply));
  secure(app, origins);
  await serveApi(app, parts, users);
  await servePage(app, settings.webRoot);
  acceptSockets(app, parts, users, origins);
  await app.listen({ host: settings.host, port: settings.port }).catch((error: unknown) => {
    throw inWords(error, settings.port);
  });
  const { port } = app.server.address() as AddressInfo;
  users.listening(port);
  return { url: `http://${nameInUrl(settings.host)}:${port}`, port, close: () => app.close() };
}

/** Before anything else is begun: what has the port most likely has the data folder too, and the port says it at once. */
export async function assertPortFree(host: string, port: number): Promise<void> {
  if (port === 0) return;
  const server = createServer();
  await new Promise<void>((resolve, reject) => {
    server.once('error', (error) => reject(inWords(error, port)));
    server.listen({ host, port, exclusive: true }, () => server.close(() => resolve()));
  });
}

/** The same error; its code stays for programs. */
function inWords(error: unknown, port: number): unknown {
  if (error instanceof Error && (error as NodeJS.ErrnoException).code === 'EADDRINUSE')
    error.message = `port ${port} is taken, perhaps by another hub: stop that one, or choose another port`;
  return error;
}

function nameInUrl(host: string): string {
  if (host === '127.0.0.1') return 'localhost';
  return isIPv6(host) ? `[${host}]` : host;
}
