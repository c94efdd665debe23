import { Flag } from '@kubeshark/model';
import { describe, expect, test } from 'vitest';
import type { Played, Seen, Step } from './testing.ts';
import { play } from './testing.ts';

const GET = (path: string, headers = '') => `GET ${path} HTTP/1.1\r\nHost: shop\r\n${headers}\r\n`;
const OK = (body: string, headers = '') =>
  `HTTP/1.1 200 OK\r\n${headers}Content-Length: ${body.length}\r\n\r\n${body}`;

/** What a test says of a call: only what it names is compared. */
type Expected = Partial<Seen>;

interface Case {
  name: string;
  steps: Step[];
  calls: Expected[];
  anomalies?: Record<string, number>;
  left?: [string, string];
}

const paths = (played: Played) =>
  played.calls.map((c) => `${c.request?.split(' ')[1] ?? '-'}>${c.responseBody}`);

const CASES: Case[] = [
  {
    name: 'a request and its response, with sizes, times and sequence numbers',
    steps: [
      { c: GET('/a'), at: 10 },
      { s: OK('hello'), at: 250 },
    ],
    calls: [
      {
        index: 1,
        state: 'closed',
        outcome: 'ok',
        request: GET('/a'),
        response: 'HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\n',
        responseBody: 'hello',
        timestamp: 10,
        requestEnd: 0,
        responseStart: 240,
        elapsed: 240,
        requestSeq: 1_000,
        responseSeq: 4_294_967_290,
        requestSize: GET('/a').length,
        responseSize: OK('hello').length,
        requestBodySize: 0,
        responseBodySize: 5,
        missing: 0,
        flags: 0,
        extra: '',
      },
    ],
  },
  {
    name: 'a message in several packets: first and last byte give its times',
    steps: [
      { c: 'POST /up HTTP/1.1\r\nContent-Le', at: 100 },
      { c: 'ngth: 6\r\n\r\nab', at: 200 },
      { c: 'cdef', at: 300 },
      { s: 'HTTP/1.1 201 Created\r\nContent-Length: 2\r\n\r\no', at: 900 },
      { s: 'k', at: 1_000 },
    ],
    calls: [
      {
        requestBody: 'abcdef',
        responseBody: 'ok',
        timestamp: 100,
        requestEnd: 200,
        responseStart: 800,
        elapsed: 900,
      },
    ],
  },
  {
    name: 'sequence numbers wrap, and belong to each message’s own first byte',
    steps: [{ c: GET('/a') + GET('/b') }, { s: OK('1') + OK('2') }],
    calls: [
      { requestSeq: 1_000, responseSeq: 4_294_967_290 },
      { requestSeq: 1_000 + GET('/a').length, responseSeq: (4_294_967_290 + OK('1').length) % 2 ** 32 },
    ],
  },
  {
    name: 'keep-alive: one call after another',
    steps: [
      { c: GET('/1') },
      { s: OK('one') },
      { c: GET('/2') },
      { s: OK('') },
      { c: GET('/3') },
      { s: OK('three') },
    ],
    calls: [{ responseBody: 'one' }, { responseBody: '' }, { responseBody: 'three' }],
  },
  {
    name: 'pipelining: answers belong to requests in order',
    steps: [{ c: GET('/1') + GET('/2') }, { c: GET('/3') }, { s: OK('one') }, { s: OK('two') + OK('three') }],
    calls: [
      { request: GET('/1'), responseBody: 'one' },
      { request: GET('/2'), responseBody: 'two' },
      { request: GET('/3'), responseBody: 'three' },
    ],
  },
  {
    name: 'an answer to HEAD has no body, whatever its Content-Length says, before other answers',
    steps: [
      { c: 'HEAD /big HTTP/1.1\r\n\r\n' + GET('/after') },
      { s: `HTTP/1.1 200 OK\r\nContent-Length: 4096\r\n\r\n${OK('x')}` },
    ],
    calls: [
      { responseBody: '', responseBodySize: 0, outcome: 'ok' },
      { request: GET('/after'), responseBody: 'x' },
    ],
  },
  {
    name: '204 and 304 have no body; their lengths do not matter',
    steps: [
      { c: GET('/a') + GET('/b') + GET('/c') },
      {
        s: `HTTP/1.1 204 No Content\r\n\r\nHTTP/1.1 304 Not Modified\r\nContent-Length: 99\r\n\r\n${OK('x')}`,
      },
    ],
    calls: [{ outcome: 'ok' }, { responseBody: '' }, { responseBody: 'x' }],
  },
  {
    name: '100 Continue is kept before the final head; the final head gives the time of the response',
    steps: [
      { c: 'PUT /f HTTP/1.1\r\nExpect: 100-continue\r\nContent-Length: 4\r\n\r\n', at: 0 },
      { s: 'HTTP/1.1 100 Continue\r\n\r\n', at: 50 },
      { c: 'data', at: 100 },
      { s: OK('done'), at: 400 },
    ],
    calls: [
      {
        response: 'HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 200 OK\r\nContent-Length: 4\r\n\r\n',
        requestBody: 'data',
        responseBody: 'done',
        requestEnd: 100,
        responseStart: 400,
        elapsed: 400,
        responseSize: 25 + OK('done').length,
      },
    ],
  },
  {
    name: 'several interim responses in one piece with the final one',
    steps: [
      { c: GET('/page') },
      { s: `HTTP/1.1 103 Early Hints\r\nLink: </a.css>\r\n\r\nHTTP/1.1 102 Processing\r\n\r\n${OK('page')}` },
      { c: GET('/next') },
      { s: OK('next') },
    ],
    calls: [{ responseBody: 'page', outcome: 'ok' }, { responseBody: 'next' }],
  },
  {
    name: 'chunked with extensions and trailers',
    steps: [
      {
        c: 'POST /c HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\n4\r\nWiki\r\n6;name="v"\r\npedia \r\n0\r\nX-Sum: 1\r\nX-Two: 2\r\n\r\n',
      },
      { s: 'HTTP/1.1 200 OK\r\ntransfer-encoding: gzip,  Chunked \r\n\r\n00a\r\n0123456789\r\n0\r\n\r\n' },
      { c: GET('/next') },
      { s: OK('next') },
    ],
    calls: [
      {
        requestBody: 'Wikipedia ',
        requestTail: 'X-Sum: 1\r\nX-Two: 2\r\n',
        requestBodySize: 10,
        responseBody: '0123456789',
        responseTail: '',
        responseBodySize: 10,
      },
      { responseBody: 'next' },
    ],
  },
  {
    name: 'bare line feeds are understood',
    steps: [
      { c: 'POST /lf HTTP/1.1\nTransfer-Encoding: chunked\n\n3\nabc\n0\nT: 1\n\n' },
      { s: 'HTTP/1.0 200 OK\nContent-Length: 2\n\nok' },
    ],
    calls: [{ requestBody: 'abc', requestTail: 'T: 1\n', responseBody: 'ok' }],
  },
  {
    name: 'a body that ends with the connection',
    steps: [
      { c: 'GET /old HTTP/1.0\r\n\r\n' },
      { s: 'HTTP/1.0 200 OK\r\n\r\npart one, ' },
      { s: 'part two' },
      { end: 's', how: 'fin' },
    ],
    calls: [{ responseBody: 'part one, part two', outcome: 'ok', responseBodySize: 18 }],
  },
  {
    name: 'a body of known length that the connection’s end cuts is incomplete',
    steps: [
      { c: GET('/cut') },
      { s: 'HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\nonly this' },
      { end: 's', how: 'fin' },
    ],
    calls: [{ outcome: 'incomplete', responseBody: 'only this', flags: Flag.responseBodyTruncated }],
  },
  {
    name: 'reset before and within the answer',
    steps: [
      { c: GET('/a') + GET('/b') },
      { s: 'HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\nabc' },
      { end: 's', how: 'reset' },
    ],
    calls: [
      { outcome: 'reset', responseBody: 'abc' },
      { outcome: 'reset', response: null, elapsed: -1, responseStart: -1 },
    ],
  },
  {
    name: 'the server closes without an answer',
    steps: [{ c: GET('/a') }, { end: 's', how: 'fin' }],
    calls: [{ outcome: 'no_response', response: null, elapsed: -1 }],
  },
  {
    name: 'an answer before the request has ended waits for it',
    steps: [
      { c: 'POST /big HTTP/1.1\r\nContent-Length: 8\r\n\r\nabcd', at: 0 },
      { s: 'HTTP/1.1 413 Too Large\r\nContent-Length: 0\r\n\r\n', at: 100 },
      { c: 'efgh', at: 300 },
      { c: GET('/next') },
      { s: OK('n') },
    ],
    calls: [
      { outcome: 'client_error', requestBody: 'abcdefgh', requestEnd: 300, elapsed: 300, responseStart: 100 },
      { responseBody: 'n' },
    ],
  },
  {
    name: 'an upgrade: what follows is somebody else’s',
    steps: [
      { c: GET('/ws', 'Connection: Upgrade\r\nUpgrade: websocket\r\n') },
      { s: 'HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\n\r\n\x81\x02hi' },
      { c: '\x81\x82masked' },
    ],
    calls: [{ outcome: 'ok', response: 'HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\n\r\n' }],
    left: ['\x81\x82masked', '\x81\x02hi'],
  },
  {
    name: 'CONNECT: a tunnel on success, a plain answer on failure',
    steps: [
      { c: 'CONNECT db:443 HTTP/1.1\r\n\r\n' },
      { s: 'HTTP/1.1 407 Proxy Authentication Required\r\nContent-Length: 3\r\n\r\nno!' },
      { c: 'CONNECT db:443 HTTP/1.1\r\nProxy-Authorization: x\r\n\r\n' },
      { s: 'HTTP/1.1 200 Connected\r\n\r\n' },
      { c: '\x16\x03\x01' },
    ],
    calls: [
      { outcome: 'client_error', responseBody: 'no!' },
      { outcome: 'ok', responseBody: '' },
    ],
    left: ['\x16\x03\x01', ''],
  },
  {
    name: 'an answer that nobody asked for',
    steps: [{ s: 'HTTP/1.1 408 Request Timeout\r\nContent-Length: 0\r\n\r\n', at: 70 }],
    calls: [
      { outcome: 'no_request', request: null, timestamp: 70, elapsed: -1, responseStart: 0, requestEnd: -1 },
    ],
  },
  {
    name: 'bytes missing within a body of known length cost nothing else',
    steps: [
      { c: GET('/a') },
      { s: 'HTTP/1.1 200 OK\r\nContent-Length: 20\r\n\r\n0123' },
      { lost: 's', size: 10 },
      { s: 'abcdef' },
      { c: GET('/b') },
      { s: OK('b') },
    ],
    calls: [
      {
        outcome: 'ok',
        missing: 10,
        responseBody: '0123',
        responseBodySize: 20,
        flags: Flag.responseBodyTruncated,
      },
      { outcome: 'ok', missing: 0, responseBody: 'b' },
    ],
  },
  {
    name: 'bytes missing within a chunk cost nothing else',
    steps: [
      { c: GET('/a') },
      { s: 'HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\na\r\n01' },
      { lost: 's', size: 8 },
      { s: '\r\n2\r\nzz\r\n0\r\n\r\n' },
      { c: GET('/b') },
      { s: OK('b') },
    ],
    calls: [
      { missing: 8, responseBody: '01', responseBodySize: 12 },
      { responseBody: 'b', missing: 0 },
    ],
  },
  {
    name: 'a lost head costs its own call; the next are found again',
    steps: [
      { c: GET('/a') },
      { lost: 's', size: 60 },
      { s: 'the rest of a body, without an end' },
      { c: GET('/b') },
      { s: OK('b') },
      { c: GET('/c') },
      { s: OK('c') },
    ],
    calls: [
      { request: GET('/a'), outcome: 'incomplete', response: null, missing: 60 },
      { request: GET('/b'), responseBody: 'b', outcome: 'ok', missing: 0 },
      { request: GET('/c'), responseBody: 'c', outcome: 'ok' },
    ],
    anomalies: { http_resynchronised: 1 },
  },
  {
    name: 'an answer lost whole: the next one belongs to the next request',
    steps: [{ c: GET('/a') }, { lost: 's', size: 43 }, { c: GET('/b') }, { s: OK('b') }],
    calls: [
      { request: GET('/a'), outcome: 'incomplete', response: null },
      { request: GET('/b'), responseBody: 'b', outcome: 'ok' },
    ],
  },
  ...['Content-Length: 40', 'Transfer-Encoding: chunked', 'X-Framing: none'].map((framing) => ({
    name: `two requests lost, the first a HEAD: its answer (${framing}) does not hide the next`,
    steps: [
      { c: GET('/a') },
      { s: OK('a') },
      { lost: 'c' as const, size: 80 },
      { s: `HTTP/1.1 200 OK\r\n${framing}\r\n\r\n` },
      { s: OK('second') },
      { c: GET('/b') },
      { s: OK('b') },
    ],
    calls: [
      { request: GET('/a'), responseBody: 'a' },
      { outcome: 'no_request' as const, responseBody: '', responseBodySize: 0 },
      { outcome: 'no_request' as const, responseBody: 'second' },
      { request: GET('/b'), responseBody: 'b', outcome: 'ok' as const },
    ],
  })),
  {
    name: 'an answer without its request keeps its body, also one that speaks of HTTP further on',
    steps: [{ s: 'HTTP/1.1 200 OK\r\nContent-Length: 20\r\n\r\nThis is HTTP/1.1 200' }],
    calls: [{ outcome: 'no_request', responseBody: 'This is HTTP/1.1 200' }],
  },
  {
    name: 'a hole that spans the end of one answer and the head of the next',
    steps: [
      { c: GET('/a') + GET('/b') + GET('/c') },
      { s: 'HTTP/1.1 200 OK\r\nContent-Length: 20\r\n\r\n0123' },
      { lost: 's', size: 30 },
      { s: `K\r\nContent-Length: 4\r\n\r\nbody${OK('c')}` },
    ],
    // Pipelined, and nobody can tell how many answers were lost: honest halves rather than a wrong pair.
    calls: [
      { request: GET('/a'), outcome: 'ok', missing: 16 },
      { request: GET('/b'), outcome: 'incomplete', response: null },
      { request: GET('/c'), outcome: 'incomplete', response: null },
      { request: null, outcome: 'no_request', responseBody: 'c' },
    ],
  },
  {
    name: 'a lost request leaves its answer alone, and only that',
    steps: [
      { c: GET('/a') },
      { s: OK('a') },
      { lost: 'c', size: 40 },
      { s: OK('b') },
      { c: GET('/c') },
      { s: OK('c') },
    ],
    calls: [
      { responseBody: 'a', outcome: 'ok' },
      { request: null, responseBody: 'b', outcome: 'no_request' },
      { request: GET('/c'), responseBody: 'c', outcome: 'ok' },
    ],
  },
  {
    name: 'a request with a hole in its head is still answered',
    steps: [
      { c: GET('/a') },
      { s: OK('a') },
      { c: 'GET /b HTTP/1.1\r\nHost: sh' },
      { lost: 'c', size: 20 },
      { c: 'Accept: */*\r\n\r\n' },
      { s: OK('b') },
      { c: GET('/c') },
      { s: OK('c') },
    ],
    calls: [
      { responseBody: 'a' },
      { request: 'GET /b HTTP/1.1\r\nHost: sh', responseBody: 'b', missing: 20, outcome: 'ok' },
      { request: GET('/c'), responseBody: 'c' },
    ],
  },
  {
    name: 'joined in the middle of a body: the first whole message is found where no line ends',
    steps: [
      { lost: 'c', size: 1 },
      { c: `{"rest":"of json"}${GET('/x')}` },
      { lost: 's', size: 1 },
      { s: `<html>…HTTP/1.1 is not one either${OK('x')}` },
    ],
    calls: [{ request: GET('/x'), responseBody: 'x', outcome: 'ok' }],
  },
  {
    name: 'garbage before a request is skipped',
    steps: [{ c: `\x00\x01\x02 nonsense\r\n${GET('/x')}` }, { s: OK('x') }],
    calls: [{ request: GET('/x'), responseBody: 'x' }],
    anomalies: { http_bad_request_line: 1, http_resynchronised: 1 },
  },
  {
    name: 'a chunk size that overflows ends the call; the next request is found',
    steps: [
      {
        c: `POST /x HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\nffffffffffffffffff\r\nabc${GET('/y')}`,
      },
      { s: OK('1') },
      { s: OK('2') },
    ],
    calls: [
      { requestBody: '', responseBody: '1', extra: '{"request":"http_bad_chunk"}' },
      { request: GET('/y'), responseBody: '2', extra: '' },
    ],
    anomalies: { http_bad_chunk: 1, http_resynchronised: 1 },
  },
  {
    name: 'an answer with a chunk that has no size is incomplete, and says that it is malformed',
    steps: [
      { c: GET('/x') },
      { s: `HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n2\r\nhi\r\nzz\r\n` },
      { c: GET('/y') },
      { s: OK('2') },
    ],
    calls: [
      { outcome: 'incomplete', responseBody: 'hi', missing: 0, extra: '{"response":"http_bad_chunk"}' },
      { outcome: 'ok', responseBody: '2', extra: '' },
    ],
    anomalies: { http_bad_chunk: 1, http_resynchronised: 1 },
  },
  {
    name: 'Content-Length and Transfer-Encoding together: the coding wins, and it is counted',
    steps: [
      {
        c: `POST /x HTTP/1.1\r\nContent-Length: 3\r\nTransfer-Encoding: chunked\r\n\r\n2\r\nhi\r\n0\r\n\r\n${GET('/y')}`,
      },
      { s: OK('1') + OK('2') },
    ],
    calls: [
      { requestBody: 'hi', extra: '{"request":"http_conflicting_length"}' },
      { request: GET('/y'), responseBody: '2' },
    ],
    anomalies: { http_conflicting_length: 1 },
  },
  {
    name: 'a Content-Length said twice is one; two that differ are counted',
    steps: [
      { c: 'POST /x HTTP/1.1\r\nContent-Length: 2\r\nContent-Length: 2, 2\r\n\r\nhi' },
      { s: OK('1') },
      { c: 'POST /x HTTP/1.1\r\nContent-Length: 2\r\nContent-Length: 3\r\n\r\n' },
      { s: OK('2') },
    ],
    calls: [{ requestBody: 'hi' }, { requestBody: '' }],
    anomalies: { http_conflicting_length: 1 },
  },
  {
    name: 'a client that shuts its side down still gets its answer',
    steps: [{ c: GET('/a') }, { end: 'c', how: 'fin' }, { s: OK('a') }, { end: 's', how: 'fin' }],
    calls: [{ outcome: 'ok', responseBody: 'a' }],
  },
  {
    name: 'a request cut off by the end of its side',
    steps: [
      { c: 'POST /x HTTP/1.1\r\nContent-Length: 10\r\n\r\nabc' },
      { end: 'c', how: 'fin' },
      { end: 's', how: 'fin' },
    ],
    calls: [{ requestBody: 'abc', outcome: 'no_response', flags: Flag.requestBodyTruncated }],
  },
  {
    name: 'empty lines before a start line are skipped',
    steps: [{ c: `\r\n\r\n${GET('/a')}` }, { s: `\r\n${OK('a')}` }],
    calls: [{ request: GET('/a'), requestSeq: 1_004, requestSize: GET('/a').length, responseBody: 'a' }],
  },
];

/** The cuts under which everything must come out the same: whole, every byte alone, and uneven pieces. */
const CUTS = [[1], [2], [3, 1], [7, 5, 2], [64, 3], [17]];

describe.each(CASES)('$name', ({ steps, calls, anomalies = {}, left = ['', ''] }) => {
  const whole = play(steps);

  test('comes out as said', () => {
    expect(whole.calls).toHaveLength(calls.length);
    calls.forEach((call, i) => expect(whole.calls[i]).toMatchObject(call));
    expect(whole.anomalies).toMatchObject(anomalies);
    expect(whole.left).toEqual(left);
    expect(whole.held).toBe(0);
  });

  test('comes out the same when cut anywhere', () => {
    for (const cut of CUTS) expect(play(steps, cut), `cut ${cut.join()}`).toEqual(whole);
    // And cut once, at every place.
    const longest = Math.max(...steps.map((s) => ('c' in s ? s.c.length : 's' in s ? s.s.length : 0)));
    for (let at = 1; at < longest; at++) expect(play(steps, [at, 1_000_000]), `cut at ${at}`).toEqual(whole);
  });
});

test('time: a call is announced after a second, updated when it grows, and closed once', () => {
  const { calls } = play([
    { c: GET('/slow'), at: 0 },
    { wait: 900_000 },
    { wait: 200_000 },
    { wait: 1_500_000 },
    { s: 'HTTP/1.1 200 OK\r\nContent-Length: 4\r\n\r\nab', at: 3_000_000 },
    { wait: 100_000 },
    { s: 'cd', at: 4_000_000 },
  ]);
  expect(
    calls.map((c) => [c.state, c.revision, c.index, c.responseBody, c.elapsed, c.responseStart]),
  ).toEqual([
    ['open', 0, 1, '', -1, -1],
    ['open', 1, 1, 'ab', -1, 3_000_000],
    ['closed', 2, 1, 'abcd', 4_000_000, 3_000_000],
  ]);
});

test('time: an answer after the limit is a call of its own that names the one given up', () => {
  const { calls, anomalies } = play(
    [
      { c: GET('/a'), at: 0 },
      { wait: 11_000_000 },
      { s: OK('late'), at: 12_000_000 },
      { c: GET('/b'), at: 12_001_000 },
      { s: OK('b'), at: 12_002_000 },
    ],
    [],
    { callTimeout: 10_000_000 },
  );
  expect(
    calls.filter((c) => c.state === 'closed').map((c) => [c.index, c.outcome, c.responseBody, c.extra]),
  ).toEqual([
    [1, 'no_response', '', ''],
    [2, 'no_request', 'late', '{"lateFor":1}'],
    [3, 'ok', 'b', ''],
  ]);
  expect(anomalies).toEqual({ cap_callTimeout: 1 });
});

const closedBy = (side: string, after: number) => JSON.stringify({ closedBy: side, closedAfter: after });

test.each<[string, Step[], string, string]>([
  [
    'a client that waits no longer',
    [
      { c: GET('/a'), at: 0 },
      { end: 'c', how: 'fin', at: 1_000_000 },
      { end: 's', how: 'fin' },
    ],
    'no_response',
    closedBy('client', 1_000_000),
  ],
  [
    'a client that resets',
    [
      { c: GET('/a'), at: 0 },
      { end: 'c', how: 'reset', at: 500_000 },
    ],
    'reset',
    closedBy('client', 500_000),
  ],
  [
    'a client that leaves in the middle of the answer',
    [
      { c: GET('/a'), at: 0 },
      { s: OK('whole').slice(0, -2), at: 9_000 },
      { end: 'c', how: 'reset', at: 20_000 },
    ],
    'reset',
    closedBy('client', 20_000),
  ],
  [
    'a server that hangs up',
    [
      { c: GET('/a'), at: 0 },
      { end: 's', how: 'fin', at: 7_000 },
    ],
    'no_response',
    closedBy('server', 7_000),
  ],
  [
    'a client that closed its side and got its answer',
    [{ c: GET('/a'), at: 0 }, { end: 'c', how: 'fin' }, { s: OK('a') }, { end: 's', how: 'fin' }],
    'ok',
    '',
  ],
  [
    'an end of the capture',
    [
      { c: GET('/a'), at: 0 },
      { end: 'c', how: 'capture_end' },
    ],
    'no_response',
    '',
  ],
])('who closed the connection before the answer had ended: %s', (_, steps, outcome, extra) => {
  const { calls } = play(steps);
  expect(calls.map((c) => [c.outcome, c.extra])).toEqual([[outcome, extra]]);
});

test('caps: a body is kept up to its limit and counted whole', () => {
  const { calls, anomalies, held } = play(
    [{ c: GET('/a') }, { s: OK('x'.repeat(500)) }, { c: GET('/b') }, { s: OK('b') }],
    [90],
    { bodyBytes: 100 },
  );
  expect(calls[0]).toMatchObject({
    responseBody: 'x'.repeat(100),
    responseBodySize: 500,
    flags: Flag.responseBodyTruncated,
  });
  expect(calls[1]).toMatchObject({ responseBody: 'b', flags: 0 });
  expect(anomalies).toEqual({ cap_bodyBytes: 1 });
  expect(held).toBe(0);
});

test('caps: an endless head ends its call and is counted; what follows is found', () => {
  const { calls, anomalies } = play(
    [{ c: GET('/a', `X: ${'y'.repeat(3_000)}\r\n`) }, { s: OK('a') }, { c: GET('/b') }, { s: OK('b') }],
    [100],
    { headBytes: 1_000 },
  );
  expect(calls.map((c) => c.responseBody)).toEqual(['a', 'b']);
  expect(calls[0]!.flags & Flag.headTruncated).toBe(Flag.headTruncated);
  expect(anomalies).toEqual({ cap_headBytes: 1, http_resynchronised: 1 });
});

test('caps: without budget bodies are left out, and calls are still paired', () => {
  const played = play(
    [{ c: GET('/a') }, { s: OK('x'.repeat(5_000)) }, { c: GET('/b') }, { s: OK('b') }],
    [500],
    { unfinishedBytes: 1_500 },
  );
  expect(paths(played)).toEqual([`/a>${played.calls[0]!.responseBody}`, '/b>b']);
  expect(played.calls[0]!.responseBody.length).toBeLessThan(1_500);
  expect(played.calls[0]!.responseBodySize).toBe(5_000);
  expect(played.held).toBe(0);
});

test('caps: too many unanswered requests: the oldest are given up, and their answers are not taken for others', () => {
  const { calls, anomalies } = play(
    [
      ...Array.from({ length: 6 }, (_, i) => ({ c: GET(`/${i}`) })),
      { s: OK('0') + OK('1') + OK('2') },
      { end: 's', how: 'fin' },
    ],
    [],
    { pendingCalls: 4 },
  );
  expect(calls.map((c) => [c.index, c.outcome, c.responseBody, c.extra])).toEqual([
    [1, 'no_response', '', ''],
    [2, 'no_response', '', ''],
    [7, 'no_request', '0', '{"lateFor":1}'],
    [8, 'no_request', '1', '{"lateFor":2}'],
    [3, 'ok', '2', ''],
    [4, 'no_response', '', closedBy('server', 4000)],
    [5, 'no_response', '', closedBy('server', 3000)],
    [6, 'no_response', '', closedBy('server', 2000)],
  ]);
  expect(anomalies).toEqual({ cap_pendingCalls: 2 });
});

test('hostile: mutated conversations never throw, never leak, and end', () => {
  let state = 12_345;
  const below = (n: number) => {
    state = (Math.imul(state, 1_103_515_245) + 12_345) >>> 0;
    return Math.floor((state / 2 ** 32) * n);
  };
  const mutate = (text: string): string => {
    const bytes = Buffer.from(text, 'latin1');
    for (let n = below(4); n > 0 && bytes.length > 0; n--) bytes[below(bytes.length)] = below(256);
    const cut = below(3) === 0 ? below(bytes.length + 1) : bytes.length;
    return bytes.toString('latin1', 0, cut) + (below(6) === 0 ? bytes.toString('latin1') : '');
  };
  for (let round = 0; round < 6_000; round++) {
    const { steps } = CASES[below(CASES.length)]!;
    const mutated: Step[] = steps.map((step) =>
      'c' in step ? { c: mutate(step.c) } : 's' in step ? { s: mutate(step.s) } : step,
    );
    if (below(3) === 0)
      mutated.splice(below(mutated.length), 0, { lost: below(2) ? 'c' : 's', size: 1 + below(200) });
    const cut = below(2) ? [1 + below(50), 1 + below(9)] : [];
    const limits =
      below(4) === 0 ? { headBytes: 60, bodyBytes: 10, pendingCalls: 2, unfinishedBytes: 200 } : {};
    const played = play(mutated, cut, limits);
    expect(played.held).toBe(0);
    for (const call of played.calls) expect(call.revision).toBe(0);
  }
});
