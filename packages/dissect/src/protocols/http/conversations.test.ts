// Random conversations with known truth: whole ones come out exactly; a loss costs the calls it was part of, and never makes a wrong pair.
import { expect, test } from 'vitest';
import { random } from '../../testing.ts';
import type { Loss, Talk, Truth } from './conversations.ts';
import { converse, harmed, lengths, stepsOf } from './conversations.ts';
import type { Seen } from './testing.ts';
import { play } from './testing.ts';

const SEEDS = Array.from({ length: 500 }, (_, i) => i + 1);

type Below = (n: number) => number;

function scene(seed: number): { talk: Talk; below: Below; segment: () => number } {
  const next = random(seed);
  const below = (n: number) => Math.floor(next() * n);
  const talk = converse(2 + below(7), below);
  const longest = below(2) === 0 ? 8 : 400;
  return { talk, below, segment: () => 1 + below(longest) };
}

/** A range of one side. What shows that a client pipelines stays: before that it counts as one that waits. */
function loss({ pieces, pipelined }: Talk, length: { c: number; s: number }, below: Below): Loss {
  const from = below(2) === 0 ? 'c' : 's';
  const shows = pieces.filter((piece) => piece.from === from && piece.call < (from === 'c' ? 2 : 1));
  const least = pipelined ? shows.reduce((sum, { text }) => sum + text.length, 0) : 0;
  const start = Math.min(length[from] - 1, least + below(length[from] - least));
  return { from, start, end: Math.min(length[from], start + 1 + below(300)) };
}

function told(call: Seen): Truth {
  return {
    request: call.request ?? '',
    requestBody: call.requestBody,
    requestTail: call.requestTail,
    response: call.response ?? '',
    responseBody: call.responseBody,
    responseTail: call.responseTail,
  };
}

/** Pairs of calls whose numbers differ, as far as both are known. */
function wrongPairs(calls: readonly Seen[]): [string, string][] {
  return calls.flatMap(({ request, response }) => {
    const asked = /\/call\/(\d+)\?/.exec(request ?? '')?.[1];
    const answered = /X-Call: (\d+)\r/.exec(response ?? '')?.[1];
    return asked === undefined || answered === undefined || asked === answered
      ? []
      : [[asked, answered] as [string, string]];
  });
}

test('without a loss every call comes out as it was, in order', () => {
  for (const seed of SEEDS) {
    const { talk, segment } = scene(seed);
    const { calls, anomalies, held } = play(stepsOf(talk, [], segment));
    expect({ seed, calls: calls.map(told), anomalies, held }).toEqual({
      seed,
      calls: talk.truths,
      anomalies: {},
      held: 0,
    });
  }
});

test('a loss costs a client that waits the calls it was part of, and no more', () => {
  let unharmed = 0;
  for (const seed of SEEDS) {
    const { talk, below, segment } = scene(seed);
    if (talk.pipelined) continue;
    const lost = [loss(talk, lengths(talk), below)];
    const { calls, held } = play(stepsOf(talk, lost, segment));
    const hurt = harmed(talk, lost);
    const whole = talk.truths.filter((_, call) => !hurt.has(call));
    unharmed += whole.length;
    expect({ seed, calls: calls.map(told), wrong: wrongPairs(calls), held }).toEqual({
      seed,
      calls: expect.arrayContaining(whole),
      wrong: [],
      held: 0,
    });
  }
  expect(unharmed).toBeGreaterThan(1_000);
});

test('a loss makes no wrong pair of a client that pipelines: halves where nobody can tell', () => {
  for (const seed of SEEDS) {
    const { talk, below, segment } = scene(seed);
    if (!talk.pipelined) continue;
    const { calls, held } = play(stepsOf(talk, [loss(talk, lengths(talk), below)], segment));
    expect({ seed, wrong: wrongPairs(calls), held }).toEqual({ seed, wrong: [], held: 0 });
  }
});

test('a second of silence ends the doubt: what is asked then is answered by what comes then', () => {
  const GET = (path: string) => `GET ${path} HTTP/1.1\r\n\r\n`;
  const OK = (body: string) => `HTTP/1.1 200 OK\r\nContent-Length: ${body.length}\r\n\r\n${body}`;
  const { calls } = play([
    { c: GET('/a') + GET('/b') + GET('/c'), at: 0 },
    { lost: 's', size: 80 },
    { s: OK('?'), at: 1_000 },
    { c: GET('/d'), at: 2_000 },
    { s: OK('d'), at: 3_000 },
    { c: GET('/e'), at: 1_100_000 },
    { s: OK('e'), at: 1_101_000 },
  ]);
  expect(calls.map((c) => [c.request?.split(' ')[1], c.responseBody, c.outcome, c.missing])).toEqual([
    ['/a', '', 'incomplete', 80],
    ['/b', '', 'incomplete', 0],
    ['/c', '', 'incomplete', 0],
    [undefined, '?', 'no_request', 0],
    ['/d', '', 'incomplete', 0],
    [undefined, 'd', 'no_request', 0],
    ['/e', 'e', 'ok', 0],
  ]);
});
