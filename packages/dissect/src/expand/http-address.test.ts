// Where an HTTP request goes, for each form of target (RFC 9112 section 3.2), and what a row's fields make of it.
import { FieldNumber } from '@kubeshark/model';
import { expect, test } from 'vitest';
import { headerMap, httpAddress, queryParameters } from './http-address.ts';
import { RecordRow } from './row.ts';
import { buildRecord } from './testing.ts';

test.each([
  ['GET', '/a/b?c=d', 'shop:8080', 'http://shop:8080/a/b?c=d', 'shop:8080', '/a/b', 'c=d'],
  ['GET', '/a', '', '/a', '', '/a', ''],
  ['GET', 'http://Other/x?y', 'shop', 'http://Other/x?y', 'Other', '/x', 'y'],
  ['GET', 'https://other', 'shop', 'https://other', 'other', '/', ''],
  ['GET', 'http://other?q=1', 'shop', 'http://other?q=1', 'other', '/', 'q=1'],
  ['CONNECT', 'db:443', 'shop', 'db:443', 'db:443', '', ''],
  ['OPTIONS', '*', 'shop', 'http://shop', 'shop', '*', ''],
  [
    'GET',
    '/redirect?to=http://x/y?z',
    'shop',
    'http://shop/redirect?to=http://x/y?z',
    'shop',
    '/redirect',
    'to=http://x/y?z',
  ],
  ['', '', 'shop', '', 'shop', '', ''],
])('%s %s with Host %j', (method, target, hostHeader, url, host, path, query) => {
  expect(httpAddress(method, target, hostHeader)).toEqual({ url, host, path, query });
});

test('what comes more than once is joined in its order; names of headers in lower case, of parameters as they are', () => {
  expect([...queryParameters('a=1&A=2&a=%33&b&=x&c=%zz&d=a+b')]).toEqual([
    ['a', '1, 3'],
    ['A', '2'],
    ['b', ''],
    ['', 'x'],
    ['c', '%zz'],
    ['d', 'a b'],
  ]);
  expect([
    ...headerMap([
      ['Set-Cookie', 'a'],
      ['SET-COOKIE', 'b'],
    ]),
  ]).toEqual([['set-cookie', 'a, b']]);
});

test('an answer that nobody is known to have asked for has no address, and its own fields', () => {
  const bytes = buildRecord({
    protocol: 'http',
    outcome: 'no_request',
    numbers: { responseBodySize: 4 },
    sections: {
      responseHead: 'HTTP/1.1 408 Request Timeout\r\nServer: a\r\nserver: b\r\n\r\n',
      responseBody: 'late',
    },
  });
  const row = new RecordRow().at(bytes, 0, 'boot');
  const texts = [
    'operation',
    'target',
    'url',
    'host',
    'path',
    'status',
    'request.body',
    'response.body',
  ] as const;
  expect(texts.map((name) => row.text(FieldNumber[name]))).toEqual(['', '', '', '', '', '408', '', 'late']);
  expect(row.keys(FieldNumber['request.headers'])).toEqual([]);
  expect(row.entry(FieldNumber['response.headers'], 'Server')).toBe('a, b');
  expect(row.request).toBeNull();
});
