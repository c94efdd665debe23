/** The hub's one port: REST, the page, and the two WebSockets. */
import type { AddressInfo } from 'node:net';
import type { FastifyError, FastifyInstance } from 'fastify';
import { fastify } from 'fastify';
import { ClusterUsers } from '../cluster/cluster-users.ts';
import type { HubParts } from '../hub.ts';
import type { Authenticator } from './authenticator.ts';
import { sendError } from './errors.ts';
import { firstAddress, listenOnSecond, urlOf } from './listen.ts';
import { LocalUsers } from './local-users.ts';
import type { OneTimeLinks } from './one-time-links.ts';
import { ONCE_ONLY, ONCE_PREFIX } from './one-time-links.ts';
import { Origins } from './origin.ts';
import { servePage } from './page.ts';
import { serveApi } from './routes.ts';
import { SECURITY_HEADERS, secure } from './security.ts';
import { acceptSockets } from './sockets.ts';

const BODY_BYTES = 65_536;
/** An id is short; a link may carry more than one. */
const PARAMETER_BYTES = 500;

export interface Server {
  readonly url: string;
  readonly port: number;
  close(): Promise<void>;
}

/** Rejects with the system's error when it cannot listen. */
export async function openServer(parts: HubParts, links: OneTimeLinks): Promise<Server> {
  const { settings, cluster, reviews, issuer } = parts;
  const users: Authenticator =
    settings.cluster && cluster && reviews
      ? new ClusterUsers(settings.cluster, cluster.view, reviews, issuer)
      : new LocalUsers(settings);
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
  serveLinks(app, links);
  await servePage(app, settings.webRoot);
  acceptSockets(app, parts, users, origins);
  await app.listen({ host: firstAddress(settings.host), port: settings.port });
  const { port } = app.server.address() as AddressInfo;
  const second = await listenOnSecond(settings.host, port, app.server).catch(async (error: unknown) => {
    await app.close();
    throw error;
  });
  return {
    url: urlOf(settings.host, port),
    port,
    async close() {
      second?.close();
      await app.close();
    },
  };
}

function serveLinks(app: FastifyInstance, links: OneTimeLinks): void {
  app.get(`${ONCE_PREFIX}*`, async (request, reply) => {
    const target = links.follow(request.raw);
    reply.header('cache-control', 'no-store');
    return await (target === null
      ? reply.code(410).type('text/plain').send(ONCE_ONLY)
      : reply.redirect(target));
  });
}
