// What an HTTP record says once expanded: columns, headers as sent, bodies in every coding, cut and hostile ones included.
import { brotliCompressSync, deflateRawSync, deflateSync, gzipSync, zstdCompressSync } from 'node:zlib';
import { FieldNumber, Flag, LIMITS, RecordView } from '@kubeshark/model';
import { describe, expect, test } from 'vitest';
import { RecordRow } from '../../expand/row.ts';
import type { RecordParts } from '../../expand/testing.ts';
import { buildRecord } from '../../expand/testing.ts';
import { random } from '../../testing.ts';
import { decodeBody } from './content-coding.ts';
import { httpExpander as http } from './expand.ts';

function record(sections: NonNullable<RecordParts['sections']>, more: Partial<RecordParts> = {}): RecordView {
  const size = (part: Uint8Array | string | undefined) => (part === undefined ? 0 : Buffer.from(part).length);
  const bytes = buildRecord({
    protocol: 'http',
    sections,
    numbers: { requestBodySize: size(sections.requestBody), responseBodySize: size(sections.responseBody) },
    ...more,
  });
  return new RecordView().at(bytes, 0);
}

const ask = (head: string, requestBody: string | Uint8Array = '') =>
  record({ requestHead: head, requestBody });
const answer = (head: string, responseBody: string | Uint8Array = '') =>
  record({ responseHead: Buffer.from(head, 'latin1'), responseBody });

describe('columns', () => {
  test.each([
    ['GET /a?b=c HTTP/1.1\r\nHost: x\r\n\r\n', 'GET', '/a?b=c'],
    ['CONNECT shop:443 HTTP/1.1\r\n\r\n', 'CONNECT', 'shop:443'],
    ['OPTIONS * HTTP/1.0\n\n', 'OPTIONS', '*'],
    ['GET /with space HTTP/1.1\r\n\r\n', 'GET', '/with space'],
    ['GET /übung HTTP/1.1\r\n\r\n', 'GET', '/übung'],
    ['GET /cut', 'GET', '/cut'],
    ['GE', 'GE', ''],
    ['GET\r\n\r\n', 'GET', ''],
    ['GET  HTTP/1.1\r\n\r\n', 'GET', ''],
    ['GET HTTP/1.1\r\n\r\n', 'GET', ''],
    ['', '', ''],
  ])('%j: method and target', (head, method, target) => {
    const view = ask(head);
    expect([http.operation(view), http.target(view)]).toEqual([method, target]);
  });

  test.each([
    ['HTTP/1.1 404 Not Found\r\n\r\n', '404', 404],
    ['HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 201 Created\r\n\r\n', '201', 201],
    ['HTTP/1.1 103 Early Hints\r\nLink: x\r\n\r\n\r\nHTTP/1.1 200 OK\r\n\r\n', '200', 200],
    ['HTTP/1.1 101 Switching Protocols\r\n\r\n', '101', 101],
    ['HTTP/1.1 100 Continue\r\n\r\n', '100', 100],
    ['HTTP/1.1 20', '', 0],
    ['', '', 0],
  ])('%j: status', (head, status, code) => {
    const view = answer(head);
    expect([http.status(view), http.statusCode(view)]).toEqual([status, code]);
  });
});

describe('heads', () => {
  test('those beyond the first thousand are counted, and given as they were sent', () => {
    const lines = Array.from({ length: LIMITS.headers + 3 }, (_, i) => `h${i}: v\r\n`);
    const { headers, furtherHeaders } = http.request(ask(`GET / HTTP/1.1\r\n${lines.join('')}\r\n`))!;
    expect(headers).toHaveLength(LIMITS.headers);
    expect(headers.at(-1)).toEqual(['h999', 'v']);
    expect(furtherHeaders).toEqual({ count: 3, text: 'h1000: v\r\nh1001: v\r\nh1002: v' });
    const exact = http.request(ask(`GET / HTTP/1.1\r\n${lines.slice(3).join('')}\r\n`))!;
    expect(exact).not.toHaveProperty('furtherHeaders');
  });

  test('headers stand in their order, names as sent, values trimmed, folds joined, UTF-8 and ISO-8859-1 readable', () => {
    const head = Buffer.from(
      'HTTP/1.1 200 Très bien\r\nX-A:  1 \r\nx-a: 2\r\nFolded: one\r\n  two\r\nLatin: caf\xe9\r\nno colon\r\nEmpty:\r\n\r\nBody: no\r\n',
      'latin1',
    );
    const view = record({ responseHead: head });
    expect(http.response(view)).toEqual({
      headers: [
        ['X-A', '1'],
        ['x-a', '2'],
        ['Folded', 'one two'],
        ['Latin', 'café'],
        ['Empty', ''],
      ],
      body: null,
      fields: { status: 200, reason: 'Très bien' },
    });
    expect(http.response(answer('HTTP/1.1 200 OK\r\nUtf: \xc3\xa9\r\n\r\n'))?.headers).toEqual([
      ['Utf', 'é'],
    ]);
  });

  test('interim responses and trailers are fields', () => {
    const view = record({
      requestHead: 'PUT /a HTTP/1.1\r\n\r\n',
      requestTail: 'X-Sum: 7\r\n',
      responseHead: 'HTTP/1.1 103 Early Hints\r\nLink: </a.css>\r\n\r\nHTTP/1.1 200 OK\r\nA: b\r\n\r\n',
    });
    expect(http.request(view)?.fields).toEqual({ method: 'PUT', target: '/a', trailers: [['X-Sum', '7']] });
    expect(http.response(view)).toMatchObject({
      headers: [['A', 'b']],
      fields: { interim: [{ status: 103, reason: 'Early Hints', headers: [['Link', '</a.css>']] }] },
    });
  });

  test('an answer that came too late names its call', () => {
    const closed = { closedBy: 'client', closedAfter: 1_000_000 };
    expect(
      http.fields(record({ requestHead: 'GET / HTTP/1.1\r\n\r\n', extra: JSON.stringify(closed) })),
    ).toEqual(closed);
    expect(http.fields(record({ responseHead: 'HTTP/1.1 200 OK\r\n\r\n', extra: '{"lateFor":3}' }))).toEqual({
      lateFor: 3,
    });
  });

  test('more headers than the cap are left out, a side that was not seen is null', () => {
    const many = `GET / HTTP/1.1\r\n${'a: b\r\n'.repeat(LIMITS.headers + 5)}\r\n`;
    expect(http.request(ask(many))?.headers).toHaveLength(LIMITS.headers);
    expect(http.response(ask(many))).toBeNull();
  });
});

describe('bodies', () => {
  const text = 'Straße und Brücke '.repeat(50);
  const coded: [string, Buffer][] = [
    ['gzip', gzipSync(text)],
    ['x-gzip', gzipSync(text)],
    ['deflate', deflateSync(text)],
    ['deflate', deflateRawSync(text)],
    ['br', brotliCompressSync(text)],
    ['zstd', zstdCompressSync(text)],
    ['gzip, br', brotliCompressSync(gzipSync(text))],
    ['identity', Buffer.from(text)],
  ];
  test.each(coded)('%s is undone', (coding, bytes) => {
    const view = answer(
      `HTTP/1.1 200 OK\r\nContent-Encoding: ${coding}\r\nContent-Type: Text/Plain; charset=utf-8\r\n\r\n`,
      bytes,
    );
    const body = http.response(view)!.body!;
    expect(body.bytes.toString()).toBe(text);
    expect(body).toMatchObject({
      encoding: coding === 'identity' ? '' : coding,
      truncated: false,
      mediaType: 'text/plain',
    });
    expect(body.error).toBeUndefined();
  });

  test('a transfer coding is undone too', () => {
    const view = answer('HTTP/1.1 200 OK\r\nTransfer-Encoding: gzip, chunked\r\n\r\n', gzipSync(text));
    expect(http.response(view)!.body).toMatchObject({ encoding: 'gzip', bytes: Buffer.from(text) });
  });

  test.each([
    ['gzip', gzipSync],
    ['deflate', deflateSync],
    ['br', brotliCompressSync],
    ['zstd', zstdCompressSync],
  ] as const)('%s that was cut off gives what it has', (coding, compress) => {
    const next = random(7);
    const below = (n: number) => Math.floor(next() * n);
    const long = Buffer.from(Array.from({ length: 300_000 }, () => 97 + below(26)));
    const sent = compress(long);
    const half = sent.subarray(0, sent.length >> 1);
    const view = record(
      { responseHead: `HTTP/1.1 200 OK\r\nContent-Encoding: ${coding}\r\n\r\n`, responseBody: half },
      { flags: Flag.responseBodyTruncated, numbers: { responseBodySize: sent.length } },
    );
    const body = http.response(view)!.body!;
    expect(body.truncated).toBe(true);
    expect(body.bytes.length).toBeGreaterThan(100_000);
    expect(long.subarray(0, body.bytes.length).equals(body.bytes)).toBe(true);
  });

  test.each([
    ['gzip', 'the bytes are not valid gzip'],
    ['zstd', 'the bytes are not valid zstd'],
    ['br', 'the bytes are not valid br'],
    ['compress', 'the coding compress is not known here'],
    ['gzip,gzip,gzip,gzip,gzip', '5 codings on top of each other; at most 4 are undone'],
  ])('%s that is not: the bytes as sent, and why', (coding, error) => {
    const view = answer(
      `HTTP/1.1 200 OK\r\nContent-Encoding: ${coding}\r\n\r\n`,
      'plain, whatever the header says',
    );
    expect(http.response(view)!.body).toMatchObject({
      bytes: Buffer.from('plain, whatever the header says'),
      encoding: '',
      error,
    });
  });

  test('a body that decodes to more than is decoded says so', () => {
    const bomb = gzipSync(Buffer.alloc(LIMITS.decodedBodyBytes + 1_000, 97));
    const side = http.response(answer('HTTP/1.1 200 OK\r\nContent-Encoding: gzip\r\n\r\n', bomb));
    expect(side?.body).toMatchObject({ truncated: true, decodingStopped: true, encoding: 'gzip' });
    expect(side!.body!.bytes.length).toBeGreaterThan(LIMITS.decodedBodyBytes / 3);
  });

  test('a bomb is cut at the limit', () => {
    const bomb = gzipSync(Buffer.alloc(20_000_000, 97));
    const { bytes, truncated } = decodeBody(bomb, ['gzip'], 1_000_000);
    expect(truncated).toBe(true);
    expect(bytes.length).toBeGreaterThan(400_000);
    expect(bytes.length).toBeLessThanOrEqual(1_000_000);
  });

  test('a body that was left out is there, empty and truncated; a message without one has none', () => {
    const head = 'HTTP/1.1 200 OK\r\nContent-Encoding: gzip\r\n\r\n';
    const left = record(
      { responseHead: head },
      { flags: Flag.bodiesLeftOut, numbers: { responseBodySize: 9 } },
    );
    expect(http.response(left)!.body).toMatchObject({ bytes: Buffer.alloc(0), truncated: true });
    expect(http.response(answer(head))!.body).toBeNull();
  });
});

test('a row has address, query, headers in any case, and body text', () => {
  const { bytes } = record({
    requestHead:
      'POST /cart/7?sort=price&q=caf%C3%A9 HTTP/1.1\r\nHost: shop:8080\r\nX-Request-Id: f3b0\r\nContent-Type: text/plain; charset=iso-8859-1\r\n\r\n',
    requestBody: Buffer.from('caf\xe9', 'latin1'),
    responseHead: 'HTTP/1.1 503 No\r\n\r\n',
  });
  const row = new RecordRow().at(bytes, 0, 'boot');
  const text = (name: keyof typeof FieldNumber) => row.text(FieldNumber[name]);
  expect([text('url'), text('host'), text('path'), text('request.body'), text('status')]).toEqual([
    'http://shop:8080/cart/7?sort=price&q=caf%C3%A9',
    'shop:8080',
    '/cart/7',
    'café',
    '503',
  ]);
  expect(row.entry(FieldNumber['request.headers'], 'x-REQUEST-id')).toBe('f3b0');
  expect(row.entry(FieldNumber.query, 'q')).toBe('café');
  expect([row.flag(FieldNumber.http), row.number(FieldNumber.status_code)]).toEqual([true, 503]);
});

describe('secrets', () => {
  /** What the rules hit, as text. */
  function hits(
    view: RecordView,
    rules: { headers?: string[]; queryParameters?: string[]; jsonFields?: string[] },
  ): string[] {
    const found: string[] = [];
    http.secrets!(
      view,
      {
        headers: new Set(rules.headers),
        queryParameters: new Set(rules.queryParameters),
        jsonFields: new Set(rules.jsonFields),
      },
      (section, start, length) =>
        found.push(view.sectionBytes(section as 0).toString('latin1', start, start + length)),
    );
    return found;
  }

  test('headers of both sides, of interim heads and trailers', () => {
    const view = record({
      requestHead:
        'GET / HTTP/1.1\r\nAUTHORIZATION:  Bearer abc \r\nAccept: */*\r\nCookie: a=1;\r\n b=2\r\n\r\n',
      responseHead: 'HTTP/1.1 103 X\r\nSet-Cookie: early\r\n\r\nHTTP/1.1 200 OK\r\nSet-Cookie: late\r\n\r\n',
      responseTail: 'Set-Cookie: tail\r\n',
    });
    expect(hits(view, { headers: ['authorization', 'cookie', 'set-cookie'] })).toEqual([
      'Bearer abc',
      'a=1;\r\n b=2',
      'early',
      'late',
      'tail',
    ]);
  });

  test('query parameters by decoded name', () => {
    const view = ask('GET /a?token=x%20y&b=1&%74oken=z&token=&tokens=no HTTP/1.1\r\n\r\n');
    expect(hits(view, { queryParameters: ['token'] })).toEqual(['x%20y', 'z']);
    const spaced = ask('GET /a?b= 1&token=two words HTTP/1.1\r\nReferer: /?token=no\r\n\r\n');
    expect(hits(spaced, { queryParameters: ['token'] })).toEqual(['two words']);
  });

  test.each<[string, string[]]>([
    ['{"password":"s3\\"cret","user":"me","deep":[{"PASSWORD": 12 }]}', ['s3\\"cret', '12']],
    ['{"password": {"a":["x","}"]}, "b":1}', ['{"a":["x","}"]}']],
    ['{"pass\\u0077ord":"x"}', ['x']],
    ['{"x":"password","password":"cut of', ['cut of']],
    ['{"password":', []],
    ['password=plain', []],
  ])('JSON members of %j', (body, found) => {
    expect(hits(ask('POST / HTTP/1.1\r\n\r\n', body), { jsonFields: ['password'] })).toEqual(found);
  });

  test('a coded body goes whole', () => {
    const sent = gzipSync('{"password":"x"}');
    const view = ask('POST / HTTP/1.1\r\nContent-Encoding: gzip\r\n\r\n', sent);
    expect(hits(view, { jsonFields: ['password'] })).toEqual([sent.toString('latin1')]);
  });
});

test('bytes of any kind never make it throw or take long', () => {
  const next = random(3);
  const below = (n: number) => Math.floor(next() * n);
  const alphabet = 'GET /? HTTP/1.1 200\r\n\r\n: \t=&"\\{}[]gzip,\0\xff';
  const noise = () =>
    Buffer.from(Array.from({ length: below(300) }, () => alphabet.charCodeAt(below(alphabet.length)) & 255));
  const rules = { headers: new Set(['get']), queryParameters: new Set(['']), jsonFields: new Set(['']) };
  for (let round = 0; round < 2_000; round++) {
    const view = record({
      requestHead: Buffer.concat([Buffer.from('GET /?a=b HTTP/1.1\r\nContent-Encoding: gzip\r\n'), noise()]),
      requestBody: noise(),
      requestTail: noise(),
      responseHead: noise(),
      responseBody: noise(),
      extra: noise(),
    });
    http.operation(view);
    http.target(view);
    http.status(view);
    http.request(view);
    http.response(view);
    http.fields(view);
    http.secrets!(view, rules, (section, start, length) => {
      expect(start + length).toBeLessThanOrEqual(view.sectionLength(section as 0));
      expect(length).toBeGreaterThan(0);
    });
  }
  const folds = `GET / HTTP/1.1\r\n${' \n'.repeat(100_000)}`;
  const begun = performance.now();
  http.request(ask(folds));
  http.secrets!(ask(folds), rules, () => {});
  http.response(answer('HTTP/1.1 100 C\r\n\r\n'.repeat(10_000)));
  http.secrets!(
    ask(`GET /?${'&'.repeat(LIMITS.headBytes)}`, Buffer.alloc(LIMITS.bodyBytes)),
    rules,
    () => {},
  );
  expect(performance.now() - begun).toBeLessThan(500);
});
