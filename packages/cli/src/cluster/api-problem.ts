/** What the API server, or the way to it, says no to: in words, with what to do. */
import { ApiException } from '@kubernetes/client-node';
import { UserError } from '../user-error.ts';

/** What to do, by the code of the connection's error, or its text where it has none. */
const WAYS: Readonly<Record<string, string>> = {
  ECONNREFUSED: 'Nothing listens there: is the cluster running, and the kubeconfig the right one?',
  ENOTFOUND: 'Its name is not known: check the network (VPN?) and the kubeconfig.',
  EAI_AGAIN: 'Its name cannot be looked up now: check the network.',
  ETIMEDOUT: 'No answer in time: check the network (VPN, firewall).',
  EHOSTUNREACH: 'There is no way to it: check the network (VPN?).',
  ENETUNREACH: 'There is no way to it: check the network (VPN?).',
  'bad port': 'HTTP clients refuse the port of its address: check `server` in the kubeconfig.',
  CERT_HAS_EXPIRED: 'Its certificate, or yours, has expired.',
  DEPTH_ZERO_SELF_SIGNED_CERT: 'Its certificate is not signed by the authority in the kubeconfig.',
  SELF_SIGNED_CERT_IN_CHAIN: 'Its certificate is not signed by the authority in the kubeconfig.',
  UNABLE_TO_VERIFY_LEAF_SIGNATURE: 'Its certificate is not signed by the authority in the kubeconfig.',
};

/** `doing`: what was not possible, as the beginning of the message. */
export function apiProblem(error: unknown, doing: string): UserError {
  if (error instanceof UserError) return error;
  if (error instanceof ApiException) {
    const message = statusMessage(error.body) ?? `HTTP ${error.code}`;
    if (error.code === 401)
      return new UserError(`${doing}: the cluster does not know you (401). Log in again, as for kubectl.`);
    return new UserError(`${doing}: ${message}${missingRight(message)}`);
  }
  const { code, text } = rootOf(error);
  const way = WAYS[code ?? text];
  return new UserError(`${doing}: ${way ?? text}${way === undefined ? '' : ` (${code ?? text})`}`);
}

/** What is beyond the API server's words: a refusal by an admission webhook is not for want of a right. */
function missingRight(message: string): string {
  const [, verb, resource] = /cannot (\w+) resource "([^"]+)"/.exec(message) ?? [];
  return verb === undefined
    ? ''
    : `\nYou lack the right to ${verb} ${resource}. \`kubeshark check\` lists all that it takes, docs/permissions.md says what each is for.`;
}

export function isNotFound(error: unknown): boolean {
  return error instanceof ApiException && error.code === 404;
}

export function isForbidden(error: unknown): boolean {
  return error instanceof ApiException && error.code === 403;
}

/** It is there already, or has changed meanwhile. */
export function isConflict(error: unknown): boolean {
  return error instanceof ApiException && error.code === 409;
}

/** `message` of a Kubernetes `Status`. */
export function statusMessage(body: unknown): string | null {
  let status = body;
  if (typeof body === 'string')
    try {
      status = JSON.parse(body);
    } catch {
      return body.trim().slice(0, 500) || null;
    }
  const message = (status as { message?: unknown } | null)?.message;
  return typeof message === 'string' ? message : null;
}

/** What is behind "fetch failed": the first code, the last message. */
function rootOf(error: unknown): { code: string | null; text: string } {
  let code: string | null = null;
  let text = String(error);
  for (let at = error, depth = 0; at instanceof Error && depth < 5; at = at.cause, depth++) {
    text = at.message;
    const given = (at as NodeJS.ErrnoException).code;
    if (code === null && typeof given === 'string') code = given;
  }
  return { code, text };
}
