import { expect, it } from 'vitest';
import { describeBody, parameters, queryOf } from './body-kind.ts';

it('names a body by its media type, and JSON also without one', () => {
  expect(describeBody('application/problem+json; charset=utf-8', '{}').kind).toBe('json');
  expect(describeBody(undefined, ' [1]').name).toBe('JSON');
  expect(describeBody('text/html', '<p>').name).toBe('HTML');
  expect(describeBody('application/soap+xml', '<a/>').name).toBe('XML');
});

it('an image, and anything that is not text, is binary whatever it claims', () => {
  expect(describeBody('image/svg+xml', '<svg/>').kind).toBe('text');
  expect(describeBody('image/png', undefined)).toEqual({
    kind: 'binary',
    name: 'image/png',
    extension: 'bin',
  });
  expect(describeBody('text/html', undefined).kind).toBe('binary');
});

it('decodes parameters, keeps what does not decode, and counts what is beyond the limit', () => {
  expect(parameters('a=1+2&b=%C3%A9&c&d=%zz&a=').pairs).toEqual([
    ['a', '1 2'],
    ['b', 'é'],
    ['c', ''],
    ['d', '%zz'],
    ['a', ''],
  ]);
  expect(parameters('x&'.repeat(4_999) + 'x')).toMatchObject({ pairs: { length: 1_000 }, more: 4_000 });
  expect(queryOf('/a?b=c=d#e')).toEqual({ pairs: [['b', 'c=d']], more: 0 });
  expect(queryOf('/a').pairs).toEqual([]);
});
