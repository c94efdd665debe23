/** What every answer carries, and what every request is asked before it is looked at. */

import { CSRF_HEADER } from '@kubeshark/model';
import type { FastifyInstance } from 'fastify';
import type { Origins } from './origin.ts';
import { Problem } from './problem.ts';

/**
 * Nothing is loaded from elsewhere, nothing inline runs or styles, nobody frames the page. What the filter's editor styles at run
 * time are constructed sheets of its shadow root, which need no exception.
 */
const CONTENT_SECURITY_POLICY = [
  "default-src 'none'",
  "script-src 'self'",
  "style-src 'self'",
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
        hint: `Use localhost or an address, or allow the name: ${origins.remedy}`,
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
