/** Every failure as `{error: ApiError}`, with the status that fits. */
import type { ApiError } from '@kubeshark/model';
import type { FastifyError, FastifyReply } from 'fastify';
import { ZodError } from 'zod';
import type { HubParts } from '../hub.ts';
import { StoreQueryError, StoreUnavailable } from '../store/store.ts';
import { Problem } from './problem.ts';

type Failure = [status: number, error: ApiError];

export function sendError(parts: HubParts, error: FastifyError | Error, reply: FastifyReply): FastifyReply {
  const [status, told] = failure(parts, error);
  return reply.code(status).send({ error: told });
}

export function failure({ limits, log, viewers }: HubParts, error: FastifyError | Error): Failure {
  if (error instanceof Problem) return [error.status, error.error];
  if (error instanceof ZodError) {
    const issue = error.issues[0];
    const message = `${issue?.path.join('.') || 'The request'}: ${issue?.message ?? 'not valid'}`;
    return [400, { code: 'bad_request', message }];
  }
  if (error instanceof StoreQueryError) return [400, { code: 'bad_filter', message: error.message }];
  if (error instanceof StoreUnavailable)
    return [503, { code: 'store_unavailable', message: error.message, hint: 'It comes back by itself.' }];
  if (error.name === 'TimeoutError' || error.name === 'AbortError') {
    if (error.name === 'TimeoutError') viewers.caps.queryMs++;
    return [
      504,
      {
        code: 'too_long',
        message: `The search took more than ${limits.queryMs / 1_000} s and was called off.`,
        hint: 'Narrow the time, or search by fewer bodies.',
      },
    ];
  }
  const status = 'statusCode' in error ? error.statusCode : undefined;
  if (status !== undefined && status >= 400 && status < 500)
    return [status, { code: 'bad_request', message: error.message }];
  log.error({ err: error }, 'a request failed');
  return [500, { code: 'internal', message: 'The hub made a mistake; its log says more.' }];
}
