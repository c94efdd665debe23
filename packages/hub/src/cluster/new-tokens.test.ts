// Tokens that anybody can make up: the API server is asked about few at a time and not again and again, and whom it knows does not wait for them.
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { text } from 'node:stream/consumers';
import { setTimeout as sleep } from 'node:timers/promises';
import { pino } from 'pino';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { ClusterAuthority } from './cluster-authority.ts';
import { Reviews } from './review.ts';
import { kubeConfigOf, testToken } from './testing-api.ts';

const JANE = testToken('jane');
const madeUp = (count: number) => Array.from({ length: count }, (_, i) => testToken(`made up ${i}`));

let server: Server;
let asked: string[];
let open: number;
let mostOpen: number;
/** Nothing is answered. */
let still: boolean;

beforeEach(async () => {
  vi.useFakeTimers({ toFake: ['performance'] });
  [asked, open, mostOpen, still] = [[], 0, 0, false];
  server = createServer((request, response) => {
    mostOpen = Math.max(mostOpen, ++open);
    response.once('close', () => open--);
    void text(request).then(async (body) => {
      const { spec } = JSON.parse(body) as { spec: { token: string; audiences: string[] } };
      asked.push(spec.token);
      await sleep(5);
      const authenticated = spec.token === JANE;
      const status = { authenticated, user: { username: 'jane' }, audiences: spec.audiences };
      response.setHeader('content-type', 'application/json');
      if (!still) response.end(JSON.stringify({ spec, status }));
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
});
afterEach(() => {
  vi.useRealTimers();
  server.closeAllConnections();
  server.close();
});

function reviewsWith(
  limits: { reviews?: number; newTokens?: number; clusterReviewMs?: number } = {},
): Reviews {
  const config = kubeConfigOf((server.address() as AddressInfo).port);
  const all = { reviews: 1_000, newTokens: 1_000, clusterReviewMs: 10_000, ...limits };
  const authority = new ClusterAuthority(config, 'kubeshark-hub', all.clusterReviewMs);
  return new Reviews(authority, all, pino({ level: 'silent' }));
}

test('what cannot be a token is nobody’s, and nobody is asked', async () => {
  const reviews = reviewsWith();
  for (const token of ['', 'secret', 'a.b', 'a.b.c', `${JANE}.more`, JANE.replace('.', '')])
    expect(await reviews.account(token)).toBeNull();
  expect(asked).toEqual([]);
});

test('of a flood ten are asked about at a time; who is known is answered before it, also when the minute is over', async () => {
  const reviews = reviewsWith();
  expect(await reviews.account(JANE)).toMatchObject({ name: 'jane' });
  vi.advanceTimersByTime(61_000);
  let refused = 0;
  const flood = madeUp(100).map(async (token) => {
    expect(await reviews.account(token)).toBeNull();
    refused++;
  });
  await sleep(20);
  expect(await reviews.account(JANE)).toMatchObject({ name: 'jane' });
  expect(refused).toBeLessThan(50);
  await Promise.all(flood);
  expect(mostOpen).toBeOneOf([10, 11]);
  expect(asked.filter((token) => token === JANE)).toHaveLength(2);
});

test('a flood pushes nobody out of memory who is known', async () => {
  const reviews = reviewsWith({ reviews: 20 });
  await reviews.account(JANE);
  await Promise.all(madeUp(40).map((token) => reviews.account(token)));
  asked = [];
  await reviews.account(JANE);
  expect(asked).toEqual([]);
  // The first ones of the flood are forgotten: they are asked about again.
  await reviews.account(testToken('made up 0'));
  await reviews.account(testToken('made up 39'));
  expect(asked).toEqual([testToken('made up 0')]);
  expect(reviews.caps.reviews).toBeGreaterThan(20);
});

test('more than may wait are told to come again, and counted; they are refused nothing', async () => {
  const reviews = reviewsWith({ newTokens: 5 });
  const answers = await Promise.allSettled(madeUp(18).map((token) => reviews.account(token)));
  const busy = answers.filter(({ status }) => status === 'rejected');
  expect(busy).toHaveLength(3);
  expect(busy[0]).toMatchObject({ reason: { status: 503, error: { code: 'busy' } } });
  expect(reviews.caps.newTokens).toBe(3);
  expect(await reviews.account(testToken('made up 17'))).toBeNull();
});

test('while the API server does not answer nobody waits for the turns of all the others', async () => {
  const reviews = reviewsWith({ clusterReviewMs: 500 });
  still = true;
  const waiting = madeUp(100).map((token) => reviews.account(token));
  const answers = Promise.allSettled(waiting);
  // The clock of those who wait.
  await sleep(50);
  vi.advanceTimersByTime(501);
  const codes = (await answers).map((answer) =>
    answer.status === 'rejected' ? (answer.reason as { error: { code: string } }).error.code : '',
  );
  expect(codes.filter((code) => code === 'api_server_away')).toHaveLength(10);
  expect(codes.filter((code) => code === 'busy')).toHaveLength(90);
});
