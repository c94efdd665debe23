/** What every answer carries, and what every request is asked before it is looked at. */

import { CSRF_HEADER } from '@kubeshark/model';
import type { FastifyInstance } from 'fastify';
import type { Origins } from './origin.ts';
import { Problem } from './problem.ts';

/**
 * Nothing is loaded from elsewhere, no inline script runs, nobody frames the page. The filter's editor makes its styles at run
 * time, so those may be inline; text from the network never becomes markup, and a style could do no more than draw.
 */
const CONTENT_SECURITY_POLICY = [
  "default-src 'none'",
  "script-src 'self'",
  "style-src 'self' 'unsafe-inline'",
  "img-src 'self' data:",
  "font-src 'self'",
  "connect-src 'self'",
  "base-uri 'none'",
  "form-action 'none'",
  "frame-ancestors 'none'",
].join('; ');

export const SECURITY_HEADERS = {
  'content-security-policy': CONTENT_SECURITY_POLICY,
  'x-content-type-options': 'nosniff',
  'x-frame-options': 'DENY',
  'referrer-policy': 'no-referrer',
  'cross-origin-opener-policy': 'same-origin',
  'cross-origin-resource-policy': 'same-origin',
} as const;

/** Of requests that only read. */
const SAFE_METHODS = new Set(['GET', 'HEAD', 'OPTIONS']);

export function secure(app: FastifyInstance, origins: Origins): void {
  app.addHook('onRequest', async (request, reply) => {
    reply.headers(SECURITY_HEADERS);
    if (!origins.hostAllowed(request.raw))
      throw new Problem(403, {
        code: 'bad_host',
        message: `This hub is not reached under the name ${request.headers.host ?? ''}.`,
        hint: 'Use localhost or an address, or allow the name: kubeshark hub --allow-host NAME.',
      });
    if (SAFE_METHODS.has(request.method)) return;
    if (!origins.originAllowed(request.raw) || request.headers[CSRF_HEADER] === undefined)
      throw new Problem(403, {
        code: 'cross_site',
        message: 'This request comes from another site.',
        hint: `Programs send the header ${CSRF_HEADER}: 1.`,
      });
  });
}
