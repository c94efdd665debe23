import type { RowView } from '@kubeshark/model';
import { FIELDS } from '@kubeshark/model';
import { describe, expect, test } from 'vitest';
import { compile } from './index.ts';

const NOW = 1_770_000_000_000_000;

/** A row with the given fields; everything else is its type's zero. */
function row(values: Record<string, unknown>): RowView {
  const value = (number: number) => values[FIELDS[number]!.name];
  return {
    text: (n) => (value(n) as string) ?? '',
    number: (n) => (value(n) as number) ?? 0,
    flag: (n) => (value(n) as boolean) ?? false,
    list: (n) => (value(n) as string[]) ?? [],
    entry: (n, key) => (value(n) as Record<string, string>)?.[key] ?? '',
    has: (n, key) => key in ((value(n) as object) ?? {}),
    keys: (n) => Object.keys((value(n) as object) ?? {}),
  };
}

const call = row({
  protocol: 'http',
  http: true,
  operation: 'POST',
  target: '/api/orders?x=1',
  path: '/api/orders',
  status: '503',
  status_code: 503,
  outcome: 'server_error',
  elapsed: 212_400,
  elapsed_time: 212_400,
  timestamp: NOW - 60_000_000,
  'src.namespace': 'shop',
  'src.pod.name': 'gateway-6c8d',
  'dst.port': 8080,
  'request.headers': { host: 'orders.shop', 'x-request-id': 'f3b0' },
  'request.body': '{"voucher":"K\u{1F600}"}',
  query: { x: '1' },
  dns_answers: ['10.0.0.1', '10.0.0.2'],
});

function matches(text: string): boolean {
  const result = compile(text, { now: NOW });
  if ('error' in result) throw new Error(`${text}: ${result.error.message}`);
  return result.filter.matches(call);
}

describe('what a filter says of one row', () => {
  test.each([
    ['', true],
    ['http', true],
    ['!http', false],
    ['dns || http && status_code >= 500', true],
    ['(dns || http) && status_code < 500', false],
    ['method == "POST" && path == \'/api/orders\'', true],
    ['status == "503"', true],
    ['status_code in [500, 503]', true],
    ['outcome in ["ok", "reset"]', false],
    ['elapsed > duration("200ms") && elapsed < duration("0.3s")', true],
    ['elapsed_time == 212400', true],
    ['timestamp > now() - duration("5m")', true],
    ['timestamp > timestamp("2026-02-02T02:38:59.999Z")', true],
    ['timestamp < timestamp("2026-02-02T02:38:59.5Z")', false],
    ['request.headers["Host"] == "orders.shop"', true],
    ['request.headers.host.startsWith("orders")', true],
    ['request.headers["absent"] == ""', true],
    ['"X-Request-ID" in request.headers', true],
    ['has(request.headers.cookie)', false],
    ['map_get(request.headers, "cookie", "none") == "none"', true],
    ['query["x"] == "1"', true],
    ['request.body.contains("voucher")', true],
    ['size(request.body) == 16', true],
    ['request.body.size() == 16', true],
    ['target.matches("^/api/[a-z]+\\\\?x=\\\\d$")', true],
    ['target.matches(r"orders\\?x=\\d$")', true],
    ['operation.lowerAscii() == "post"', true],
    ['"10.0.0.2" in dns_answers && size(dns_answers) == 2', true],
    ['src.pod.namespace == "shop"', true],
    ['src.pod.name.endsWith("6c8d") ? status_code == 503 : false', true],
    ['dst.port / 0 == 1', false],
    ['dst.port % 1000 == 80', true],
    ['int(status) + 1 == 504', true],
    ['string(dst.port) == "8080"', true],
    ['response.body == ""', true],
    ['src.ip + "x" == "x"', true],
    ['is_flow == false', true],
    ['// a comment\nhttp', true],
  ])('%s', (text, truth) => expect(matches(text)).toBe(truth));
});

describe('an error says what is wrong, where, and what to write instead', () => {
  test.each([
    ['statuss == "1"', '`statuss` is not a field', 'statuss', 'status'],
    ['status == 500', '`status` is a text', 'status', 'status_code'],
    ['status in [500]', '`status` is a text', 'status', 'status_code'],
    ['elapsed > 100', '`elapsed` is a duration', '100', 'duration("100ms")'],
    ['elapsed > "100ms"', '`elapsed` is a duration', '"100ms"', 'duration("100ms")'],
    ['dst.port == "80"', '`dst.port` is a number', '"80"', '80'],
    ['src.ip == 10', '`src.ip` is a text', '10', '"10"'],
    ['http and dns', '"and" is no operator', 'and', '&&'],
    ['status = "1"', '"=" compares nothing', '=', '=='],
    ['http & dns', '"&" is no operator', '&', '&&'],
    ['outcome == "server_eror"', '`outcome` is never "server_eror"', '"server_eror"', '"server_error"'],
    ['status == "5', 'the string has no closing quote', '"5', undefined],
    ['(http && dns', '")" is missing', '(', undefined],
    ['redis && http', 'redis is not dissected by this version', 'redis', undefined],
    ['status', 'this is a text, not a condition', 'status', undefined],
    ['path.startWith("/")', 'there is no .startWith()', 'startWith', 'startsWith'],
    ['path.matches("(")', 'no regular expression', '"("', undefined],
    ['http &&', 'the filter ends too early', '&', undefined],
    ['elapsed > duration("x")', 'no duration', '"x"', undefined],
    ['src == "x"', '`src` is not a field by itself', 'src', 'src.ip'],
  ])('%s', (text, message, where, fix) => {
    const result = compile(text, { now: NOW });
    if (!('error' in result)) throw new Error('it is valid');
    const { error } = result;
    expect(error.message).toContain(message);
    expect(text.slice(...error.range)).toBe(where);
    expect(error.fix).toBe(fix);
  });

  test.each(['voucher', 'payment failed', '/api/orders'])('the words %j become a search', (text) => {
    const result = compile(text, { now: NOW });
    expect('error' in result && result.error.fix).toContain(`request.body.contains("${text}")`);
    expect(compile(('error' in result && result.error.fix) || '', { now: NOW })).toHaveProperty('filter');
  });
});

test('the conditions that && joins, each a filter of its own', () => {
  const text = 'http && (status == "1" || status == "2") && path == "/"';
  const result = compile(text, { now: NOW });
  expect('filter' in result && result.filter.conditions.map((c) => c.text)).toEqual([
    'http',
    '(status == "1" || status == "2")',
    'path == "/"',
  ]);
});

test('deep or long text is refused, not followed', () => {
  for (const text of [
    '('.repeat(10_000),
    '!'.repeat(10_000),
    '['.repeat(5_000),
    'http && '.repeat(1_900) + 'http',
    '-'.repeat(9_000),
    'a.'.repeat(8_000),
  ]) {
    expect(() => compile(text, { now: NOW })).not.toThrow();
  }
  expect(compile('x'.repeat(20_000), { now: NOW })).toHaveProperty('error');
});
