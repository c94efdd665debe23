// HAR 1.2 of HTTP calls: what other tools read out of it is what was captured.
import { expect, test } from 'vitest';
import { harEntry } from './har.ts';
import { httpEntry } from './testing.ts';

test('request, answer and times of a call', () => {
  const entry = httpEntry({
    operation: 'POST',
    target: '/cart?id=3&note=a%20b',
    request: {
      size: 130,
      headers: [
        ['Host', 'shop.example'],
        ['Content-Type', 'application/json'],
      ],
      body: { text: '{"n":1}', truncated: false },
      bodySize: 7,
      bodyTruncated: false,
      fields: {},
    },
    response: {
      size: 90,
      headers: [['content-type', 'image/png']],
      body: { base64: 'iVBORw==', truncated: false },
      bodySize: 4,
      bodyTruncated: false,
      fields: { reason: 'Created' },
    },
    status: '201',
  });
  expect(harEntry(entry)).toMatchObject({
    startedDateTime: '2023-11-14T22:13:20.123Z',
    time: 2,
    request: {
      method: 'POST',
      url: 'http://shop.example/cart?id=3&note=a%20b',
      httpVersion: 'HTTP/1.1',
      queryString: [
        { name: 'id', value: '3' },
        { name: 'note', value: 'a b' },
      ],
      headersSize: 123,
      bodySize: 7,
      postData: { mimeType: 'application/json', text: '{"n":1}' },
    },
    response: {
      status: 201,
      statusText: 'Created',
      content: { size: 4, mimeType: 'image/png', text: 'iVBORw==', encoding: 'base64' },
    },
    timings: { send: 0.1, wait: 1.4, receive: 0.5 },
    serverIPAddress: '10.0.0.2',
  });
});

test('a call without an answer has status 0; without a Host the address is asked', () => {
  const entry = httpEntry({
    response: null,
    elapsed: -1,
    responseStart: -1,
    status: '',
    outcome: 'no_response',
    dst: { ip: '2001:db8::1', port: 80 },
  });
  expect(harEntry(entry)).toMatchObject({
    time: 0,
    request: { url: 'http://[2001:db8::1]:80/' },
    response: { status: 0, bodySize: -1, headersSize: -1 },
    timings: { wait: 0, receive: 0 },
    _outcome: 'no_response',
  });
});

test.each([
  ['DNS', httpEntry({ protocol: 'dns' })],
  ['a flow', httpEntry({ protocol: 'tcp', kind: 'flow' })],
  ['an answer without its request', httpEntry({ request: null, outcome: 'no_request' })],
])('%s has no place in it', (_, entry) => {
  expect(harEntry(entry)).toBeNull();
});
