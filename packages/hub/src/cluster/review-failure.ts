/** Why the API server did not say whose a token is, or what somebody may. Nothing of what was asked is in it: that holds a token. */
import { ApiException } from '@kubernetes/client-node';
import { why } from '../why.ts';
import { ApiRefusal, saidIn } from './api-server.ts';

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
  if (error instanceof ApiException) {
    const said = saidIn(error.body);
    // Something in between may repeat what was sent.
    return refusal(error.code, said?.own === true ? said.message : null);
  }
  if (error instanceof ApiRefusal) return refusal(error.status, error.message);
  return { forbidden: false, brief: 'does not answer', cause: why(error).slice(0, CHARACTERS) };
}

function refusal(status: number, message: string | null): ReviewFailure {
  const brief = `refuses (HTTP ${status})`;
  return { forbidden: status === 403, brief, cause: (message ?? brief).slice(0, CHARACTERS) };
}
