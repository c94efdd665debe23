/** REST: the questions of `operations`, the session, and what says how the hub is. */
import type { Access } from '@kubeshark/model';
import { API_PREFIX } from '@kubeshark/model';
import type { FastifyInstance, FastifyReply } from 'fastify';
import { z } from 'zod';
import type { HubParts } from '../hub.ts';
import { metricsRegistry } from './metrics.ts';
import { openApi } from './openapi.ts';
import { operations } from './operations.ts';
import { Problem } from './problem.ts';
import type { Users } from './users.ts';

declare module 'fastify' {
  interface FastifyRequest {
    /** Of routes that need a token; null elsewhere. */
    access: Access | null;
  }
}

const Session = z.object({ token: z.string().max(1_000) });

export async function serveApi(app: FastifyInstance, parts: HubParts, users: Users): Promise<void> {
  app.decorateRequest('access', null);
  await app.register(
    async (api) => {
      api.addHook('onRequest', async (_request, reply) => {
        reply.header('cache-control', 'no-store');
      });
      openSession(api, users);
      await api.register(async (closed) => questions(closed, parts, users));
    },
    { prefix: API_PREFIX },
  );
  health(app, parts);
}

function openSession(app: FastifyInstance, users: Users): void {
  app.post('/session', async (request, reply) => {
    const cookie = users.sessionCookie(Session.parse(request.body).token);
    if (cookie === null)
      throw new Problem(401, {
        code: 'unauthorized',
        message: 'This token is not known here.',
        hint: 'Each hub has its own; the terminal that runs it shows the link.',
      });
    return await reply.code(204).header('set-cookie', cookie).send();
  });
}

/** Routes of a context of their own, in which nothing is answered without a token. */
function questions(app: FastifyInstance, parts: HubParts, users: Users): void {
  app.addHook('onRequest', async (request) => {
    request.access = users.accessOf(request.raw);
    if (request.access === null)
      throw new Problem(401, {
        code: 'unauthorized',
        message: 'A token is needed.',
        hint: 'Open the link that the command printed in the terminal.',
      });
  });
  const all = operations(parts);
  for (const { path, handle } of all)
    app.get(path, async (request, reply) => {
      const signal = untilGone(reply, parts.limits.queryMs);
      const params = request.params as Record<string, string>;
      const query = request.query as Record<string, unknown>;
      return await handle({ params, query, access: request.access!, signal });
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
    return await reply.code(state === 'restarting' ? 503 : 200).send(`${state}\n`);
  });
}
