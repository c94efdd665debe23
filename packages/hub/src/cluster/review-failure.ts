/** Why the API server did not say whose a token is, or what somebody may. Nothing of what was asked is in it: that holds a token. */
import { ApiException } from '@kubernetes/client-node';
import { why } from '../why.ts';
import { ApiRefusal } from './api-server.ts';

const CHARACTERS = 300;

export interface ReviewFailure {
  /** It lacks a right. */
  readonly forbidden: boolean;
  /** What the API server does, for everybody. */
  readonly brief: string;
  /** Its own words, for the log. */
  readonly cause: string;
}

export function reviewFailure(error: unknown): ReviewFailure {
  if (error instanceof ApiException) return refusal(error.code, statusMessage(error.body));
  if (error instanceof ApiRefusal) return refusal(error.status, error.message);
  return { forbidden: false, brief: 'does not answer', cause: why(error).slice(0, CHARACTERS) };
}

function refusal(status: number, message: string | null): ReviewFailure {
  const brief = `refuses (HTTP ${status})`;
  return { forbidden: status === 403, brief, cause: (message ?? brief).slice(0, CHARACTERS) };
}

/** Of the API server’s own `Status` alone; something in between may say anything, and repeat what was sent. */
function statusMessage(body: unknown): string | null {
  try {
    const status = (typeof body === 'string' ? JSON.parse(body) : body) as Record<string, unknown> | null;
    const message = status?.['message'];
    return status?.['kind'] === 'Status' && typeof message === 'string' && message !== '' ? message : null;
  } catch {
    return null;
  }
}
