/** The built page, from the same port as the API. */
import { join } from 'node:path';
import fastifyStatic from '@fastify/static';
import { API_PREFIX } from '@kubeshark/model';
import type { FastifyInstance } from 'fastify';
import { Problem } from './problem.ts';

const NO_PAGE = `The page is not built. In the checkout: npm run build:web, then start the hub again. The API is described at ${API_PREFIX}/openapi.json.\n`;

const DAY_SECONDS = 86_400;

/** Addresses of the page's own views get the page; everything else that is not there is an error. */
export async function servePage(app: FastifyInstance, webRoot: string | null): Promise<void> {
  if (webRoot === null) app.get('/', async (_request, reply) => await reply.type('text/plain').send(NO_PAGE));
  else {
    const assets = join(webRoot, 'assets/');
    await app.register(fastifyStatic, {
      root: webRoot,
      cacheControl: false,
      setHeaders(reply, path) {
        // Built names change with their content; the page itself does not.
        const lasting = path.startsWith(assets);
        reply.header(
          'cache-control',
          lasting ? `public, max-age=${365 * DAY_SECONDS}, immutable` : 'no-cache',
        );
      },
    });
  }
  app.setNotFoundHandler(async (request, reply) => {
    const isView =
      request.method === 'GET' && !request.url.startsWith('/api/') && !/\.\w+$/.test(request.url);
    if (webRoot !== null && isView) return await reply.sendFile('index.html');
    const message = `There is nothing at ${request.url.slice(0, 200)}.`;
    throw new Problem(404, { code: 'not_found', message });
  });
}
