/** Completion joins what the language knows with what occurs in the traffic, and quotes captured values. */
import { complete } from '@kubeshark/kfl';
import { expect, test } from 'vitest';
import { judge } from './draft.ts';
import { goingOn, offersOf, searchOffer } from './offers.ts';

const at = (text: string) => complete(text, text.length);

test('outcomes come failures first, each with its count', () => {
  const offers = offersOf(at('outcome == '), [
    { value: 'ok', count: 6_083_933 },
    { value: 'reset', count: 1_019 },
  ]);
  const values = offers.filter((offer) => offer.value !== undefined);
  expect(values.map(({ label, detail }) => [label, detail])).toEqual([
    ['"server_error"', '0'],
    ['"client_error"', '0'],
    ['"no_response"', '0'],
    ['"reset"', '1,019'],
    ['"incomplete"', '0'],
    ['"no_request"', '0'],
    ['"ok"', '6,083,933'],
  ]);
});

test('without an answer there are no counts, not zeros', () => {
  const [first] = offersOf(at('outcome == '), null);
  expect(first).toMatchObject({ label: '"server_error"', detail: '' });
});

test('captured values come as literals, the commonest first as the hub counts them', () => {
  const hostile = '"><img src=x onerror=alert(1)> && http';
  const offers = offersOf(at('dst.name == '), [
    { value: 'orders', count: 37 },
    { value: hostile, count: 2 },
    { value: 'x'.repeat(300), count: 1 },
  ]);
  expect(offers.slice(0, 2)).toEqual([
    { kind: 'value', label: '"orders"', insert: '"orders"', detail: '37', value: 'orders' },
    {
      kind: 'value',
      label: JSON.stringify(hostile),
      insert: JSON.stringify(hostile),
      detail: '2',
      value: hostile,
    },
  ]);
  expect(offers.some(({ label }) => label.includes('xxx'))).toBe(false);
});

test('numbers are not quoted', () => {
  expect(offersOf(at('dst.port == '), [{ value: '443', count: 5 }])[0]).toMatchObject({ insert: '443' });
});

test('headers seen in the traffic come before those that were not', () => {
  const offers = offersOf(at('request.headers["'), [{ value: 'x-shop', count: 4 }]);
  expect(offers[0]).toMatchObject({ kind: 'key', label: 'x-shop', insert: '"x-shop"', detail: '4' });
  expect(offers.length).toBeGreaterThan(1);
});

test('behind a whole word the first offer goes on with the filter', () => {
  const labels = (text: string) => goingOn(offersOf(at(text), null), text).map(({ label }) => label);
  expect(labels('status')[0]).toBe('==');
  expect(labels('status')).toContain('status_code');
  expect(labels('status')).not.toContain('status');
  expect(labels('http').slice(0, 2)).toEqual(['&&', '||']);
  expect(labels('sta')[0]).toBe('status');
});

test('plain words can be looked for; a filter cannot', () => {
  expect(searchOffer(judge('ord_7Zq41'))).toMatchObject({ label: 'Look for "ord_7Zq41"', kind: 'search' });
  expect(searchOffer(judge('http'))).toBeNull();
  expect(searchOffer(judge('statuss == 1'))).toBeNull();
});
