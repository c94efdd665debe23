import type { RowView } from '@kubeshark/model';
import { FIELDS } from '@kubeshark/model';
import { describe, expect, test } from 'vitest';
import { compile, searchFor } from './index.ts';

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
    // Precedence: ! before * before + before == before && before || before ?:
    ['!dns && http || dns', true],
    ['1 + 2 * 3 == 7 && (1 + 2) * 3 == 9 && 7 - 2 - 1 == 4 && -2 + 3 == 1', true],
    ['dns ? false : dns ? false : http', true],
    ['(http ? dst.port : 0) == 8080', true],
    ['"payments" in [src.namespace, dst.namespace] || "shop" in [src.namespace, dst.namespace]', true],
    ['request.body.contains("\\U0001F600") && request.body.contains("\\u004b")', true],
    ['request.body < "{\\uffff"', true],
    ['path.matches("(?i)^/API/[^/]+$")', true],
    ['"a\\nb".matches("a.b")', false],
    ['"a\\nb".matches("(?s)a.b")', true],
    ['int("12a") == 12 || int("") == 0', false],
    ['double("1.5e1") == 15.0', true],
    ['elapsed in [duration("212400µs"), duration("1h")]', true],
    ['timestamp == timestamp("2026-02-02T03:39:00+01:00")', true],
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
    ['http && (status == "1", dns)', '"," is not expected here', ',', undefined],
    ['size(path', '")" is missing', '(', undefined],
    ['status in ["1"', '"]" is missing', '[', undefined],
    ['elapsed > 5ms', '5ms is no number', '5ms', 'duration("5ms")'],
    ['src.ip == 10.0.0.1', '10.0.0.1 is no number', '10.0.0.1', '"10.0.0.1"'],
    ['index == 9007199254740993', 'the number is too large', '9007199254740993', undefined],
    ['index == 1e999', 'the number is too large', '1e999', undefined],
    ['index > 1 / 0', 'division by zero', '1 / 0', undefined],
    ['timestamp > timestamp("2026-02-30T00:00:00Z")', 'no timestamp', '"2026-02-30T00:00:00Z"', undefined],
    ['elapsed > duration("99999999999h")', 'no duration', '"99999999999h"', undefined],
    ['timestamp > -now()', 'a time cannot be reckoned with', 'now()', undefined],
    ['path == "\\ud800"', 'no such character', '\\ud800', undefined],
    ['path == "a\\qb"', '\\q is no escape', '\\q', undefined],
    ['int(elapsed) > 1', 'int(…) makes nothing of a duration', 'elapsed', undefined],
    [
      '"shop" in [src.name, dst.port]',
      'values of which one is a number',
      '"shop" in [src.name, dst.port]',
      undefined,
    ],
    ['path.matches("((a{99}){99})")', 'no regular expression', '"((a{99}){99})"', undefined],
    ['dns_answers.exists(a, a == "x")', 'there is no .exists()', 'exists', undefined],
    ['flow', 'this is a text, not a condition', 'flow', 'is_flow'],
    ['(http) constructor', '"constructor" is not expected here', 'constructor', undefined],
    ['constructor(1)', 'there is no function constructor', 'constructor', undefined],
    ['"payment failed"', 'this is a text, not a condition', '"payment failed"', searchFor('payment failed')],
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

  test.each([
    'voucher',
    'payment failed',
    '/api/orders',
    '500',
    '10.0.0.1',
    'f3b0-22',
    'user@shop',
  ])('the words %j become a search', (text) => {
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

test.each([
  ['(path + "x").contains("y") && http', ['(path + "x").contains("y")', 'http']],
  ['(dst.port + 1) == 2 && (http ? dns : tcp)', ['(dst.port + 1) == 2', '(http ? dns : tcp)']],
  ['http || dns', ['(http || dns)']],
  ['(http && dns) && tcp && !udp', ['http', 'dns', 'tcp', '!udp']],
])('the conditions of %s are filters too', (text, parts) => {
  const result = compile(text, { now: NOW });
  expect('filter' in result && result.filter.conditions.map((c) => c.text)).toEqual(parts);
  for (const part of parts) expect(compile(part, { now: NOW })).toHaveProperty('filter');
});

test.each([
  ['parentheses', '('.repeat(10_000)],
  ['negations', '!'.repeat(10_000)],
  ['lists', '['.repeat(5_000)],
  ['minus signs', '-'.repeat(9_000)],
  ['a long name', 'a.'.repeat(8_000)],
  ['a sum', `index == ${'1+'.repeat(8_000)}1`],
  ['indexes', `path${'[0]'.repeat(5_000)}`],
  ['methods', `path${'.lowerAscii()'.repeat(1_200)} == ""`],
  ['comparisons', '1==1'.repeat(4_000)],
  ['a large pattern', `path.matches("(${'x'.repeat(15_000)}){900}")`],
])('%s without end are refused, not followed', (_, text) => {
  expect(compile(text, { now: NOW })).toHaveProperty('error');
});

test('a filter of two thousand conditions works, and choices of choices cost no more than they are long', () => {
  const long = compile(`${'http && '.repeat(1_900)}status == "503"`, { now: NOW });
  expect('filter' in long && long.filter.matches(call) && long.filter.conditions.length).toBe(1_901);
  let text = 'http';
  for (let i = 0; i < 40; i++) text = `(${text} ? http : dns)`;
  const nested = compile(text, { now: NOW });
  expect('filter' in nested && nested.filter.matches(call)).toBe(true);
});

test('a text longer than any filter', () => {
  expect(compile('x'.repeat(20_000), { now: NOW })).toHaveProperty('error');
});
