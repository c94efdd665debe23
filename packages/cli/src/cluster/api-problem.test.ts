// What the API server says no to is told in its words, and what stops us on the way to it in ours, with what to do.
import { ApiException } from '@kubernetes/client-node';
import { expect, test } from 'vitest';
import { apiProblem } from './api-problem.ts';

const refused = (code: number, message: string) =>
  new ApiException(code, '', JSON.stringify({ kind: 'Status', message }), {});

test.each([
  [
    refused(
      403,
      'pods is forbidden: User "x" cannot list resource "pods" in API group "" in the namespace "n"',
    ),
    'listing: pods is forbidden: User "x" cannot list resource "pods" in API group "" in the namespace "n"\nYou lack the right to list pods. `kubeshark check` lists all that it takes, docs/permissions.md says what each is for.',
  ],
  [
    refused(403, 'admission webhook "w" denied the request'),
    'listing: admission webhook "w" denied the request',
  ],
  [
    refused(401, 'Unauthorized'),
    'listing: the cluster does not know you (401). Log in again, as for kubectl.',
  ],
  [new ApiException(502, '', '<html>', {}), 'listing: <html>'],
  [
    new TypeError('fetch failed', { cause: Object.assign(new Error('x'), { code: 'ECONNREFUSED' }) }),
    'listing: Nothing listens there: is the cluster running, and the kubeconfig the right one? (ECONNREFUSED)',
  ],
  [
    new TypeError('fetch failed', { cause: new Error('bad port') }),
    'listing: HTTP clients refuse the port of its address: check `server` in the kubeconfig. (bad port)',
  ],
  [new Error('odd'), 'listing: odd'],
  ['text', 'listing: text'],
])('%s', (error, message) => {
  expect(apiProblem(error, 'listing').message).toBe(message);
});
