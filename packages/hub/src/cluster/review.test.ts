// What the API server says is remembered within bounds; what it does not say is told, without the token, and seldom.
import { ApiException } from '@kubernetes/client-node';
import { decodeJwt } from 'jose';
import type { Logger } from 'pino';
import { pino } from 'pino';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import type { Authority } from './review.ts';
import { Reviews } from './review.ts';
import { testToken } from './testing-api.ts';

const JANE = { name: 'jane', uid: '', groups: [], extra: {} };
const limits = { reviews: 10, newTokens: 100, clusterReviewMs: 10_000 };
const logs = { verb: 'get', resource: 'pods', subresource: 'log' };

let lines: Record<string, unknown>[];
let log: Logger;
/** Thrown by the API server's stand-in. */
let failure: Error | null;
let asked: string[];
const authority: Authority = {
  asked: 0,
  async account(token) {
    asked.push(String(decodeJwt(token).sub));
    if (failure) throw failure;
    return String(decodeJwt(token).sub).startsWith('good') ? JANE : null;
  },
  async may(_account, { namespace }) {
    asked.push(namespace);
    if (failure) throw failure;
    return namespace === 'shop';
  },
};

beforeEach(() => {
  vi.useFakeTimers({ toFake: ['performance'] });
  [lines, asked, failure] = [[], [], null];
  log = pino({ base: null }, { write: (line) => lines.push(JSON.parse(line) as Record<string, unknown>) });
});
afterEach(() => {
  vi.useRealTimers();
});

test('an answer counts for a minute, a token that nobody knows for ten seconds', async () => {
  const reviews = new Reviews(authority, limits, log);
  const ask = async () => [await reviews.account(testToken('good')), await reviews.account(testToken('bad'))];
  for (const seconds of [0, 9, 2, 48, 2]) {
    vi.advanceTimersByTime(seconds * 1_000);
    expect(await ask()).toEqual([JANE, null]);
  }
  expect(asked).toEqual(['good', 'bad', 'bad', 'bad', 'good']);
});

test('beyond the bound the oldest answers are forgotten; those that still counted are counted', async () => {
  const reviews = new Reviews(authority, { ...limits, reviews: 3 }, log);
  for (const token of ['good-1', 'good-2', 'good-3', 'good-4']) await reviews.account(testToken(token));
  expect(reviews.caps.reviews).toBe(1);
  await reviews.account(testToken('good-1'));
  expect(asked).toHaveLength(5);
  vi.advanceTimersByTime(60_000);
  await reviews.account(testToken('good-5'));
  expect(reviews.caps.reviews).toBe(2);
});

/** As the client's library throws it. */
const forbidden = (message: string) => new ApiException(403, 'Forbidden', { kind: 'Status', message }, {});

test.each([
  [
    'a right is missing',
    forbidden('tokenreviews is forbidden'),
    'refuses (HTTP 403)',
    'tokenreviews is forbidden',
  ],
  [
    'it is away',
    new Error('connect ECONNREFUSED 10.0.0.1:443'),
    'does not answer',
    'connect ECONNREFUSED 10.0.0.1:443',
  ],
  [
    'it is slow',
    Object.assign(new Error('x'), { name: 'AbortError' }),
    'does not answer',
    'no answer in time',
  ],
  [
    'something in between repeats what was asked',
    new ApiException(502, 'Bad gateway', 'you sent good-token', { server: 'good-token' }),
    'refuses (HTTP 502)',
    'refuses (HTTP 502)',
  ],
])('%s: told and logged, without the token', async (_how, thrown, brief, cause) => {
  const reviews = new Reviews(authority, limits, log);
  failure = thrown;
  await expect(reviews.account(testToken('good-token'))).rejects.toMatchObject({
    status: 503,
    error: { message: `The cluster’s API server does not say who you are: it ${brief}.` },
  });
  expect(reviews.problem).toBe(`nobody new is let in: the API server ${brief}`);
  expect(lines).toMatchObject([{ cause, msg: `nobody new is let in: the API server ${brief}` }]);
  expect(JSON.stringify(lines)).not.toContain(testToken('good-token'));
});

test('each cause is logged once a minute, with how often it was there', async () => {
  const reviews = new Reviews(authority, limits, log);
  const fail = async (error: Error) => {
    failure = error;
    await reviews.account(testToken('good')).catch(() => {});
  };
  for (let n = 0; n < 100; n++) await fail(new Error('away'));
  await fail(forbidden('no'));
  expect(lines).toMatchObject([{ cause: 'away' }, { cause: 'no' }]);
  vi.advanceTimersByTime(60_000);
  await fail(new Error('away'));
  expect(lines.slice(2)).toMatchObject([{ cause: 'away', alsoBefore: 99 }]);
  expect(reviews.failures).toBe(102);
});

test('a problem ends with the next answer to the same kind of question, and when nobody asks', async () => {
  const reviews = new Reviews(authority, limits, log);
  failure = new Error('away');
  await reviews.account(testToken('good')).catch(() => {});
  await reviews.may(JANE, { ...logs, namespace: 'shop' }).catch(() => {});
  failure = null;
  await reviews.account(testToken('good'));
  expect(reviews.problem).toBe('what users may see is not known: the API server does not answer');
  expect(await reviews.may(JANE, { ...logs, namespace: 'shop' })).toBe(true);
  expect(reviews.problem).toBe('');
  failure = new Error('away');
  await reviews.account(testToken('another')).catch(() => {});
  expect(reviews.problem).not.toBe('');
  vi.advanceTimersByTime(120_000);
  expect(reviews.problem).toBe('');
});
