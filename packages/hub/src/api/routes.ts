/** REST: the questions of `operations`, the session, and what says how the hub is. */
import { API_PREFIX } from '@kubeshark/model';
import type { FastifyInstance, FastifyReply } from 'fastify';
import { z } from 'zod';
import type { HubParts } from '../hub.ts';
import type { Authenticator, Visitor } from './authenticator.ts';
import { endSession } from './cookies.ts';
import { metricsRegistry } from './metrics.ts';
import { openApi } from './openapi.ts';
import { operations } from './operations.ts';
import { Problem } from './problem.ts';
import { serveSignIn } from './sign-in.ts';

declare module 'fastify' {
  interface FastifyRequest {
    /** Of routes that need a token; null elsewhere. */
    visitor: Visitor | null;
  }
}

const Session = z.object({ token: z.string().max(4_000) });

export async function serveApi(app: FastifyInstance, parts: HubParts, users: Authenticator): Promise<void> {
  app.decorateRequest('visitor', null);
  await app.register(
    async (api) => {
      api.addHook('onRequest', async (_request, reply) => {
        reply.header('cache-control', 'no-store');
      });
      openSession(api, users);
      await api.register(async (signIn) => serveSignIn(signIn, parts, users));
      await api.register(async (closed) => questions(closed, parts, users));
    },
    { prefix: API_PREFIX },
  );
  health(app, parts);
}

function openSession(app: FastifyInstance, users: Authenticator): void {
  app.post('/session', async (request, reply) => {
    const cookie = await users.sessionCookie(Session.parse(request.body).token, request.raw);
    if (cookie === null)
      throw unauthorized(
        users,
        'This token is not known here.',
        'Each hub has its own; the terminal that runs it shows the link.',
      );
    return await reply.code(204).header('set-cookie', cookie).send();
  });
  app.delete(
    '/session',
    async (request, reply) => await reply.code(204).header('set-cookie', endSession(request.raw)).send(),
  );
}

function unauthorized({ signIn }: Authenticator, message: string, hint: string): Problem {
  return new Problem(401, {
    code: 'unauthorized',
    message,
    hint,
    ...(signIn === null ? {} : { signIn }),
  });
}

/** Routes of a context of their own, in which nothing is answered without a token. */
function questions(app: FastifyInstance, parts: HubParts, users: Authenticator): void {
  app.addHook('onRequest', async (request) => {
    request.visitor = await users.visitor(request.raw);
    if (request.visitor === null)
      throw unauthorized(
        users,
        'A token is needed.',
        'Open the link that the command printed in the terminal.',
      );
  });
  const all = operations(parts);
  for (const { method = 'GET', path, handle } of all)
    app.route({
      method,
      url: path,
      async handler(request, reply) {
        const signal = untilGone(reply, parts.limits.queryMs);
        const params = request.params as Record<string, string>;
        const query = request.query as Record<string, unknown>;
        const visitor = request.visitor!;
        return await handle({ params, query, body: request.body, access: visitor.access, visitor, signal });
      },
    });
  const description = openApi(all, parts.settings.version);
  app.get('/openapi.json', async () => description);
}

/** Aborted when the one who asked has gone, or when it takes too long. */
function untilGone(reply: FastifyReply, ms: number): AbortSignal {
  const gone = new AbortController();
  reply.raw.once('close', () => gone.abort());
  return AbortSignal.any([gone.signal, AbortSignal.timeout(ms)]);
}

/** For machines that watch the hub: without a token, and without a word of the traffic. */
function health(app: FastifyInstance, parts: HubParts): void {
  const registry = metricsRegistry(parts);
  app.get('/metrics', async (_request, reply) => {
    reply.header('content-type', registry.contentType);
    return await registry.metrics();
  });
  app.get('/healthz', async () => 'ok\n');
  app.get('/readyz', async (_request, reply) => {
    const { state } = parts.store.status();
    const learning = parts.cluster?.settled === false;
    const ready = state !== 'restarting' && !learning;
    // Taken out of its Service for this, the hub would lose its workers too.
    const problem = parts.reviews?.problem ?? '';
    const more = problem === '' ? '' : `${problem}\n`;
    return await reply.code(ready ? 200 : 503).send(`${learning ? 'learning the cluster' : state}\n${more}`);
  });
}
